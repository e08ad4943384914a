/* SPDX-License-Identifier: GPL-2.0-or-later */
/* faultscale prefetch: show and switch the processor's prefetchers, for good or for one command. */
#include <argp.h>
#include <errno.h>
#include <inttypes.h>
#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/prctl.h>
#include <sys/wait.h>
#include <unistd.h>

#include "common/xalloc.h"
#include "harness/commands.h"
#include "harness/fold.h"
#include "harness/prefetch_guard.h"

enum verb { STATUS, OFF, ON };

struct options {
	enum verb verb;
	bool has_verb;
	const char *only, *root;
	bool dry_run;
	char **command; /* NULL without */
};

enum { OPT_ONLY = 'o', OPT_DRY_RUN = 'n', OPT_ROOT = 'r' };

static const struct argp_option option_table[] = {
	{"only", OPT_ONLY, "LIST", 0,
	 "These prefetchers, by the names that status prints, separated by commas; 'adjacent' is "
	 "the adjacent-line prefetcher or its nearest (default: all)",
	 0},
	{"dry-run", OPT_DRY_RUN, NULL, 0, "Print what would be written, write nothing", 0},
	{"root", OPT_ROOT, "DIR", 0,
	 "Find /proc, /sys, /dev/cpu and /run below DIR, for tests of what uses this", 0},
	{0},
};

static error_t parse_verb(struct options *options, const char *arg)
{
	static const char *const verbs[] = {[STATUS] = "status", [OFF] = "off", [ON] = "on"};

	for (unsigned i = 0; i < sizeof(verbs) / sizeof(verbs[0]); i++) {
		if (strcmp(arg, verbs[i]))
			continue;
		options->verb = i;
		options->has_verb = true;
		return 0;
	}
	die(EXIT_USAGE, "nothing that can be done with prefetchers, '%s'; say status, off or on",
	    arg);
}

static error_t parse_option(int key, char *arg, struct argp_state *state)
{
	struct options *options = state->input;

	switch (key) {
	case OPT_ONLY:
		options->only = arg;
		return 0;
	case OPT_DRY_RUN:
		options->dry_run = true;
		return 0;
	case OPT_ROOT:
		options->root = arg;
		return 0;
	case ARGP_KEY_ARG:
		if (!options->has_verb)
			return parse_verb(options, arg);
		options->command = &state->argv[state->next - 1];
		state->next = state->argc;
		return 0;
	case ARGP_KEY_END:
		if (!options->has_verb)
			die(EXIT_USAGE, "say what to do: status, off or on");
		if (options->verb == STATUS && options->command)
			die(EXIT_USAGE, "status takes no command, with '%s'; say off or on",
			    options->command[0]);
		return 0;
	}
	return ARGP_ERR_UNKNOWN;
}

/* The CPUs whose register has @bit set, or not, as text; NULL for none. */
static char *cpus_with(const struct prefetch_value *values, size_t nr, unsigned bit, bool set)
{
	unsigned *ids = xcalloc(nr ? nr : 1, sizeof(*ids));
	size_t found = 0;
	char *text;

	for (size_t i = 0; i < nr; i++)
		if ((values[i].before >> bit & 1) == set)
			ids[found++] = values[i].cpu;
	text = found ? fold_list(ids, found) : NULL;
	free(ids);
	return text;
}

static void show(const struct prefetch *p, const struct prefetch_value *values)
{
	printf("%s, MSR %#x, %zu CPUs\n", p->model->name, p->model->msr, p->cpus.nr);
	for (const struct prefetcher *f = p->model->prefetchers; f->name; f++) {
		char *off = cpus_with(values, p->cpus.nr, f->bit, true),
		     *on = cpus_with(values, p->cpus.nr, f->bit, false);

		printf("  %-10s %-4s %s", f->name, !off ? "on" : !on ? "off" : "both", f->summary);
		if (on && off)
			printf("; off on CPU %s", off);
		putchar('\n');
		free(off);
		free(on);
	}
	if (p->model->nearest)
		printf("%s\n", p->model->nearest);
}

static void show_changes(const struct prefetch *p, const struct prefetch_value *values)
{
	for (size_t i = 0; i < p->cpus.nr; i++)
		printf("CPU %u: MSR %#x %#" PRIx64 " -> %#" PRIx64 "%s\n", values[i].cpu,
		       p->model->msr, values[i].before, values[i].after,
		       values[i].before == values[i].after ? " (no change)" : "");
}

/* Run the command; signals that ask us to end are for it. Returns its exit code, as a shell does. */
static int run(char **command)
{
	sigset_t wait_for, before;
	int status, got;
	pid_t pid;

	sigemptyset(&wait_for);
	sigaddset(&wait_for, SIGCHLD);
	sigaddset(&wait_for, SIGINT);
	sigaddset(&wait_for, SIGTERM);
	sigaddset(&wait_for, SIGHUP);
	sigprocmask(SIG_BLOCK, &wait_for, &before);
	pid = fork();
	if (pid < 0)
		die(EXIT_FAILED, "fork: %s", strerror(errno));
	if (!pid) {
		prctl(PR_SET_PDEATHSIG, SIGTERM);
		sigprocmask(SIG_SETMASK, &before, NULL);
		execvp(command[0], command);
		fprintf(stderr, "%s: cannot run '%s': %s\n", say_name(), command[0],
			strerror(errno));
		_exit(errno == ENOENT ? 127 : 126);
	}
	while (waitpid(pid, &status, WNOHANG) != pid) {
		sigwait(&wait_for, &got);
		if (got != SIGCHLD)
			kill(pid, got);
	}
	return WIFEXITED(status) ? WEXITSTATUS(status) : 128 + WTERMSIG(status);
}

/* Switch for the time of the command. */
static int switch_for(const struct options *options, const struct prefetch *p,
		      struct prefetch_guard *guard, uint64_t mask,
		      const struct prefetch_value *values)
{
	struct why why = WHY_INIT;
	int code = EXIT_USAGE, err = prefetch_guard_start(guard, p, mask, values, &why);

	if (!err)
		err = prefetch_write(p, values, p->cpus.nr, &why);
	if (!err)
		code = run(options->command);
	if (prefetch_guard_release(guard)) {
		warn("not every CPU let its prefetchers be put back; try 'faultscale prefetch on'");
		code = code ? code : EXIT_FAILED;
	}
	if (err)
		die(EXIT_USAGE, "%s", why.text);
	return code;
}

/* Switch for good. */
static int switch_now(const struct prefetch *p, struct prefetch_guard *guard,
		      const struct prefetch_value *values)
{
	struct why why = WHY_INIT;
	int err = prefetch_write(p, values, p->cpus.nr, &why);

	prefetch_guard_release(guard);
	if (err)
		die(EXIT_USAGE, "%s", why.text);
	return EXIT_GOOD;
}

static int change(const struct options *options, const struct prefetch *p,
		  struct prefetch_value *values)
{
	struct prefetch_guard guard;
	struct why why = WHY_INIT;
	size_t recovered = 0;
	uint64_t mask;

	if (prefetch_mask(p, options->only, &mask, &why))
		die(EXIT_USAGE, "option --only: %s", why.text);
	if (!options->dry_run && prefetch_guard_init(&guard, p->root, &recovered, &why))
		die(EXIT_USAGE, "%s", why.text);
	if (recovered)
		warn("a call that was killed had left prefetchers switched on %zu CPUs; they are "
		     "as they were before it",
		     recovered);
	if (prefetch_read(p, values, &why)) {
		if (!options->dry_run)
			prefetch_guard_release(&guard);
		die(EXIT_USAGE, "%s", why.text);
	}
	prefetch_change(values, p->cpus.nr, mask, options->verb == OFF);
	if (options->dry_run) {
		show_changes(p, values);
		return EXIT_GOOD;
	}
	if (options->command)
		return switch_for(options, p, &guard, mask, values);
	return switch_now(p, &guard, values);
}

int cmd_prefetch(int argc, char **argv)
{
	static const struct argp argp = {
		.options = option_table,
		.parser = parse_option,
		.args_doc = "status|off|on [-- COMMAND [ARG...]]",
		.doc = "Show the processor's prefetchers or switch them, on all CPUs that are "
		       "online: with a COMMAND while it runs, and back afterwards, however it "
		       "ends; without one for good.",
	};
	struct options options = {.root = ""};
	struct prefetch_value *values;
	struct prefetch prefetch;
	struct why why = WHY_INIT;
	int code = EXIT_GOOD;

	argp_err_exit_status = EXIT_USAGE;
	argp_parse(&argp, argc, argv, ARGP_IN_ORDER, NULL, &options);
	if (prefetch_init(&prefetch, options.root, &why))
		die(EXIT_USAGE, "%s", why.text);
	values = xcalloc(prefetch.cpus.nr, sizeof(*values));
	if (options.verb != STATUS) {
		code = change(&options, &prefetch, values);
	} else {
		if (prefetch_read(&prefetch, values, &why))
			die(EXIT_USAGE, "%s", why.text);
		show(&prefetch, values);
	}
	free(values);
	prefetch_release(&prefetch);
	return code;
}
