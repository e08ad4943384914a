/* SPDX-License-Identifier: GPL-2.0-or-later */
/* faultscale guest: a sweep in an emulated machine with a kernel and a topology of one's choice; with
 * `compare`, the same sweep on two kernels whose boots take turns. */
#include <errno.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "common/say.h"
#include "common/xalloc.h"
#include "harness/commands.h"
#include "harness/guest/console.h"
#include "harness/guest_options.h"
#include "harness/guest_run.h"
#include "harness/stop.h"

#define CONSOLE_LINES 40

/* What is wrong with names, files and words is for a person to mend. */
static enum exit_code code_of(int err)
{
	switch (err) {
	case -EINVAL:
	case -EEXIST:
	case -ENOENT:
	case -ENOEXEC:
	case -ENOTSUP:
	case -ERANGE:
		return EXIT_USAGE;
	default:
		return EXIT_FAILED;
	}
}

/* How to go on, where there is something to go on with. */
static void tell_resume(const struct guest_options *o, const struct guest_run *run)
{
	const char *dir = run->receiver.result.dir;

	if (dir && o->nr_kernels == 2)
		fprintf(stderr, "%s: the same command goes on with what was done\n", say_name());
	else if (dir)
		fprintf(stderr,
			"%s: '%s' has the steps that were done; go on with: faultscale guest "
			"--resume %s --results %s\n",
			say_name(), dir, run->name, o->run.results);
}

/* A guest that did not come to its end. */
static void tell_end(struct guest_run *run)
{
	struct boot *boot = &run->boot;

	console_print(stderr, boot->child.out.data, boot->child.out.len, CONSOLE_LINES);
	fprintf(stderr, "%s: %s\n", say_name(), say_harmless(boot->why.text));
}

/* One boot of a run that guest_run_init() began. Returns the exit code. */
static int boot_once(const struct guest_options *o, struct guest_run *run, bool quiet)
{
	struct why why = WHY_INIT;
	int err = guest_run_prepare(run, &why);

	if (err)
		die(code_of(err), "%s", why.text);
	if (*run->no_kvm.text && !quiet)
		warn("no kvm (%s): the guest's code is translated, and its times mean nothing",
		     run->no_kvm.text);
	err = guest_run_boot(run, &why);
	if (err)
		fprintf(stderr, "%s: %s\n", say_name(),
			err == -EINTR ? "interrupted" : say_harmless(why.text));
	else if (run->boot.end == BOOT_DONE)
		return run->boot.code;
	else
		tell_end(run);
	tell_resume(o, run);
	return err ? EXIT_FAILED : EXIT_USAGE;
}

static int guest(const struct guest_options *o, struct stop *stop)
{
	const char *name = o->run.resume ? o->run.resume : o->run.name;
	struct why why = WHY_INIT;
	struct guest_run run;
	int err = guest_run_init(&run, o, name, o->run.resume, stop, &why), code;

	if (err)
		die(code_of(err), "%s", why.text);
	if (run.complete && !o->run.explain && !o->run.sample) {
		printf("%s is complete; nothing to do\n", run.receiver.result.dir);
		code = EXIT_GOOD;
	} else {
		code = boot_once(o, &run, false);
	}
	guest_run_release(&run);
	return code;
}

/* What a comparison has done and has to do. */
struct turns {
	const struct guest_options *options;
	char *names[2]; /* of the runs */
	unsigned boots; /* of each kernel */
	bool told; /* the warning about kvm */
};

static bool exists(const struct guest_options *o, const char *name)
{
	char *plan = xasprintf("%s/%s/plan.tsv", o->run.results, name);
	bool there = !access(plan, R_OK);

	free(plan);
	return there;
}

/* The boot @turn, 0 to ->boots - 1, of kernel @side, if it is not done. Returns the exit code. */
static int take_turn(struct turns *t, size_t side, unsigned turn, struct stop *stop)
{
	struct guest_options o = *t->options;
	struct why why = WHY_INIT;
	struct guest_run run;
	bool resume = exists(&o, t->names[side]);
	unsigned end, share;
	int err, code = EXIT_GOOD;

	o.kernels[0] = o.kernels[side];
	err = guest_run_init(&run, &o, t->names[side], resume, stop, &why);
	if (err)
		die(code_of(err), "%s", why.text);
	share = (run.iterations + t->boots - 1) / t->boots;
	if (!t->told && run.iterations < t->boots)
		warn("%u iterations make %u boots of each kernel, not %u", run.iterations,
		     run.iterations, t->boots);
	end = (turn + 1) * share < run.iterations ? (turn + 1) * share : run.iterations;
	if (run.next_iteration < end) {
		run.options.run.max_iterations = end - run.next_iteration;
		snprintf(run.label, sizeof(run.label), "kernel %c, boot %u of %u: ", "ab"[side],
			 turn + 1, t->boots);
		run.quiet_out = true;
		run.quiet_err = resume;
		code = boot_once(t->options, &run, t->told);
		t->told = true;
	}
	guest_run_release(&run);
	return code;
}

/* A B B A A B B A ...: what drifts hits both alike. */
static int take_turns(struct turns *t, struct stop *stop)
{
	int code = EXIT_GOOD;

	for (unsigned slot = 0; slot < 2 * t->boots && !code; slot++)
		code = take_turn(t, (slot + 1) / 2 % 2, slot / 2, stop);
	return code;
}

/* Which kernel is which, and the comparison of both runs. */
static int tell_comparison(const struct turns *t, const struct guest_teller *teller)
{
	char command[] = "faultscale compare", directory[] = "-d";
	char *results = xstrdup(t->options->run.results);
	char *argv[] = {command, directory, results, t->names[0], t->names[1], NULL};
	int code;

	for (size_t i = 0; i < 2; i++) {
		char *path = xasprintf("%s/%s/meta.tsv", results, t->names[i]);
		struct meta meta;

		if (!meta_read(&meta, path, NULL)) {
			const char *kernel = meta_get(&meta, "kernel");

			say_line(stdout, "%s: %s", t->names[i], kernel ? kernel : "-");
			meta_release(&meta);
		}
		free(path);
	}
	fflush(stdout);
	code = teller->compare(5, argv);
	fflush(stdout);
	if (!code)
		code = teller->judge(results, (char *[]){t->names[0], t->names[1]});
	free(results);
	return code;
}

static int compare_kernels(struct guest_options *o, struct stop *stop,
			   const struct guest_teller *teller)
{
	struct turns t = {.options = o, .boots = o->boots};
	int code;

	for (size_t i = 0; i < 2; i++) {
		t.names[i] = xasprintf("%s-%c", o->run.name, "ab"[i]);
		if (exists(o, t.names[i]))
			fprintf(stderr, "%s: going on with '%s/%s'\n", say_name(), o->run.results,
				t.names[i]);
	}
	code = take_turns(&t, stop);
	if (!code)
		code = tell_comparison(&t, teller);
	for (size_t i = 0; i < 2; i++)
		free(t.names[i]);
	return code;
}

int cmd_guest(int argc, char **argv, const struct guest_teller *teller)
{
	static char two[] = "faultscale guest compare";
	bool comparing = argc > 1 && !strcmp(argv[1], "compare");
	struct guest_options options;
	struct why why = WHY_INIT;
	struct stop stop;
	int code;

	if (comparing) {
		say_as(two);
		argv[1] = two;
	}
	if (guest_options_parse(&options, argc - comparing, argv + comparing, comparing, &why))
		die(EXIT_USAGE, "%s", why.text);
	if (stop_init(&stop, &why))
		die(EXIT_FAILED, "%s", why.text);
	code = comparing ? compare_kernels(&options, &stop, teller) : guest(&options, &stop);
	stop_release(&stop);
	guest_options_release(&options);
	return code;
}
