/* SPDX-License-Identifier: GPL-2.0-or-later */
/* faultscale run --sample: the sampled steps, behind the measured ones. */
#include "harness/cmd_sample.h"

#include <errno.h>
#include <stdio.h>

#include "common/perf_event.h"
#include "harness/step.h"

void cmd_sample_check(const char *spec)
{
	struct sample_event event;
	struct why why = WHY_INIT;

	if (sample_event_init(&event, spec, "", perf_event_open_self, &why) == -EINVAL)
		die(EXIT_USAGE, "%s", why.text);
	sample_event_release(&event);
}

static int sample(struct sampling *s)
{
	struct progress progress;
	struct why why = WHY_INIT;
	int err;

	progress_init(&progress, stderr, s->plan, NULL);
	s->progress = &progress;
	err = sampling_run(s, &why);
	if (s->nr_failed)
		warn("%zu of %zu sampled steps failed, the first one: %s", s->nr_failed, s->nr_done,
		     s->failure.text);
	if (err)
		fprintf(stderr, "%s: %s\n", say_name(), why.text);
	else
		printf("%s: %zu sampled steps, %zu failed\n", s->result->dir, s->nr_done,
		       s->nr_failed);
	return err || s->nr_failed ? EXIT_FAILED : EXIT_GOOD;
}

int cmd_sample(struct sampling *s, const char *spec)
{
	struct sample_event event;
	struct why why = WHY_INIT;
	int code = EXIT_GOOD;

	if (sample_event_init(&event, spec, "", perf_event_open_self, &why)) {
		warn("nothing is sampled: %s", why.text);
	} else if (event.transfers != step_is_simulated(&s->plan->cells[0])) {
		warn("nothing is sampled: '--sample transfers' and simulated machines belong "
		     "together");
	} else {
		if (*event.note.text)
			warn("%s", event.note.text);
		s->event = &event;
		code = sample(s);
	}
	sample_event_release(&event);
	return code;
}
