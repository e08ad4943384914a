/* SPDX-License-Identifier: GPL-2.0-or-later */
#include "harness/summary.h"

#include <stdlib.h>
#include <string.h>

#include "common/units.h"
#include "common/xalloc.h"

#define MAX_FAILURES 10 /* told one by one */

/* @text as one word of a shell's command line, in memory that the caller frees. */
static char *shell_word(const char *text)
{
	static const char plain[] = "ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz"
				    "0123456789%+,-./:=@_";
	char *word;
	size_t len;
	FILE *out;

	if (*text && !text[strspn(text, plain)])
		return xstrdup(text);
	out = xmemstream(&word, &len);
	fputc('\'', out);
	for (; *text; text++)
		if (*text == '\'')
			fputs("'\\''", out);
		else
			fputc(*text, out);
	fputc('\'', out);
	fclose(out);
	return word;
}

char *summary_resume(const char *name, const char *results)
{
	char *word = shell_word(results);
	char *command = xasprintf("faultscale run --resume %s --results %s", name, word);

	free(word);
	return command;
}

void summary_next(FILE *out, const char *name, const char *results, size_t nr_good,
		  size_t nr_failed)
{
	char *word = shell_word(results), *resume = summary_resume(name, results);

	if (nr_failed)
		fprintf(out, "to run failed steps again: %s --retry-failed\n", resume);
	if (nr_good)
		fprintf(out, "next: faultscale compare -d %s -n %s\n", word, name);
	free(resume);
	free(word);
}

void summary_failures(FILE *out, const char *who, const struct exec *e)
{
	for (size_t i = 0; i < e->nr_failures && i < MAX_FAILURES; i++) {
		const struct exec_failure *f = &e->failures[i];
		const struct plan_step *step = &e->plan->steps[f->step];
		const struct plan_cell *cell = &e->plan->cells[step->cell];

		fprintf(out, "%s: step %zu failed (%s, %u client%s, iteration %u): %s\n", who,
			f->step, cell->variant, cell->clients, cell->clients == 1 ? "" : "s",
			step->iteration, f->reason);
	}
	if (e->nr_failures > MAX_FAILURES)
		fprintf(out, "%s: and %zu more; 'grep failed: %s/samples.tsv' shows them\n", who,
			e->nr_failures - MAX_FAILURES, e->result->dir);
}

void summary_end(FILE *out, const struct exec *e, size_t before, size_t nr_failed, double seconds)
{
	char time[32];

	fprintf(out, "%s: %zu of %zu steps done, %zu failed, in %s\n", e->result->dir,
		before + e->nr_done, e->plan->nr_steps, nr_failed,
		duration_format(time, sizeof(time), seconds));
}
