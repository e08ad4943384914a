/* SPDX-License-Identifier: GPL-2.0-or-later */
/* pft-sim --explore: look for schedules under which a lock design breaks its promises. */
#include <errno.h>
#include <getopt.h>
#include <inttypes.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/wait.h>
#include <unistd.h>

#include "common/units.h"
#include "pft/platform.h"
#include "pft/sim/explore.h"
#include "pft/sim/schedule.h"

#ifdef SEEDED_BUGS
unsigned seeded_bug_wanted;
#endif

struct options {
	uint64_t schedules; /* of each design */
	uint64_t seed; /* of the first */
	uint64_t preemptions;
	const struct lock_design *design; /* NULL: all that are for several workers */
	bool replay; /* one, in this process */
};

static const char usage[] =
	"Usage: pft-sim --explore N [--seed S] [--preemptions P] [--lock DESIGN]\n"
	"  or:  pft-sim --replay S [--preemptions P] --lock DESIGN\n"
	"Run a small conformance test of the lock designs under N schedules each, with P (3)\n"
	"preemptions and the seeds from S (1) on, and stop at the first that breaks a promise;\n"
	"--replay repeats the one of seed S.\n";

static uint64_t number(const char *option, const char *text, uint64_t min, uint64_t max)
{
	struct why why = WHY_INIT;
	uint64_t n;

	if (number_parse(text, min, max, &n, &why))
		die(EXIT_USAGE, "--%s: %s", option, why.text);
	return n;
}

static void parse(struct options *o, int argc, char **argv)
{
	static const struct option longs[] = {
		{"explore", 1, NULL, 'n'}, {"seed", 1, NULL, 's'}, {"preemptions", 1, NULL, 'p'},
		{"lock", 1, NULL, 'l'},	   {"bug", 1, NULL, 'b'},  {"replay", 1, NULL, 'r'},
		{"help", 0, NULL, 'h'},	   {NULL, 0, NULL, 0},
	};
	int key;

	*o = (struct options){.schedules = 1, .seed = 1, .preemptions = 3};
	optind = 0;
	while ((key = getopt_long(argc, argv, "", longs, NULL)) >= 0) {
		if (key == 'n') {
			o->schedules = number("explore", optarg, 1, UINT32_MAX);
		} else if (key == 's') {
			o->seed = number("seed", optarg, 0, UINT32_MAX);
		} else if (key == 'r') {
			o->seed = number("replay", optarg, 0, UINT32_MAX);
			o->replay = true;
		} else if (key == 'p') {
			o->preemptions = number("preemptions", optarg, 0, SCHEDULE_PREEMPTIONS_MAX);
#ifdef SEEDED_BUGS
		} else if (key == 'b') {
			seeded_bug_wanted = (unsigned)number("bug", optarg, 0, UINT32_MAX);
#endif
		} else if (key == 'l') {
			o->design = lock_design_find(optarg);
			if (!o->design)
				die(EXIT_USAGE,
				    "no such lock design, with '%s'; 'pft --list locks' names them",
				    optarg);
		} else {
			fputs(usage, key == 'h' ? stdout : stderr);
			exit(key == 'h' ? EXIT_GOOD : EXIT_USAGE);
		}
	}
	if (optind < argc)
		die(EXIT_USAGE, "unexpected argument, with '%s'; see pft(1)", argv[optind]);
	if (o->replay && !o->design)
		die(EXIT_USAGE, "--replay needs --lock: a seed is of one design");
}

/* The first line of what is written to @fd until all have closed it. */
static void hear(int fd, struct why *why)
{
	size_t len = 0;
	ssize_t got;

	while ((got = read(fd, why->text + len, sizeof(why->text) - 1 - len)) > 0)
		len += (size_t)got;
	why->text[len] = 0;
	why->text[strcspn(why->text, "\n")] = 0;
}

/* One schedule in a process of its own, as a broken lock may break anything. Returns whether it was good,
 * else with what the process said in @why. */
static bool try(const struct options *o, const struct lock_design *design, uint64_t seed,
		struct why *why)
{
	int said[2], status;
	pid_t pid;

	fflush(NULL);
	if (pipe(said) || (pid = fork()) < 0)
		die(EXIT_FAILED, "cannot start a process: %s", strerror(errno));
	if (!pid) {
		say_as("it says");
		dup2(said[1], STDERR_FILENO);
		close(said[0]);
		alarm(20);
		if (explore_locks(design, seed, (unsigned)o->preemptions, why))
			die(EXIT_FAILED, "%s", why->text);
		_exit(EXIT_GOOD);
	}
	close(said[1]);
	hear(said[0], why);
	close(said[0]);
	while (waitpid(pid, &status, 0) < 0 && errno == EINTR)
		;
	if (!*why->text && WIFSIGNALED(status))
		why_not(why, EPROTO, "it ended by signal %d", WTERMSIG(status));
	else if (!*why->text && status)
		why_not(why, EPROTO, "it ended with exit code %d", WEXITSTATUS(status));
	return !status;
}

static int explore_design(const struct options *o, const struct lock_design *design)
{
	struct why why = WHY_INIT;

	for (uint64_t seed = o->seed; seed < o->seed + o->schedules; seed++) {
		if (try(o, design, seed, &why))
			continue;
		fprintf(stderr,
			"%s: schedule %" PRIu64 " breaks lock design '%s': %s; again: pft-sim "
			"--replay %" PRIu64 " --preemptions %" PRIu64 " --lock %s\n",
			say_name(), seed, design->name, why.text, seed, o->preemptions,
			design->name);
		return EXIT_FAILED;
	}
	printf("%s: %" PRIu64 " schedules, none breaks a promise\n", design->name, o->schedules);
	return EXIT_GOOD;
}

int platform_other(int argc, char **argv)
{
	struct options o;
	struct why why = WHY_INIT;
	int code = EXIT_GOOD;

	if (argc < 2 || (strcmp(argv[1], "--explore") && strcmp(argv[1], "--replay")))
		return -1;
	parse(&o, argc, argv);
	if (o.replay && explore_locks(o.design, o.seed, (unsigned)o.preemptions, &why))
		die(EXIT_FAILED, "%s", why.text);
	if (o.replay)
		return EXIT_GOOD;
	for (unsigned i = 0; i < nr_lock_designs && !code; i++)
		if (o.design ? lock_designs[i] == o.design : !(lock_designs[i]->flags & LD_SINGLE))
			code = explore_design(&o, lock_designs[i]);
	check_stdout();
	return code;
}
