/* SPDX-License-Identifier: GPL-2.0-or-later */
/* pft: makes page faults with many workers at once and says how fast that went. */
#include <errno.h>
#include <sched.h>
#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/syscall.h>
#include <unistd.h>

#include "common/say.h"
#include "pft/emit.h"
#include "pft/guest.h"
#include "pft/list.h"
#include "pft/mappings.h"
#include "pft/numa_maps.h"
#include "pft/options.h"
#include "pft/platform.h"
#include "pft/workload.h"
#include "version.h"

static const struct invocation *invocation; /* for inspect(), which gets no argument of ours */

/* -P: SIGINT and SIGUSR1 are blocked, for the workers too, so that only this wait sees them. */
static void pause_here(void)
{
	sigset_t set;
	int signal;

	sigemptyset(&set);
	sigaddset(&set, SIGINT);
	sigaddset(&set, SIGUSR1);
	fprintf(stderr, "pausing...\n");
	sigwait(&set, &signal);
}

static void block_pause_signals(void)
{
	sigset_t set;

	sigemptyset(&set);
	sigaddset(&set, SIGINT);
	sigaddset(&set, SIGUSR1);
	sigprocmask(SIG_BLOCK, &set, NULL);
}

/* No memory (huge pages, a full tmpfs) for a page that is touched: one line instead of a core. */
static void on_bus_error(int signal)
{
	static const char text[] = "pft: no memory or file space left for a page (SIGBUS)\n";

	(void)signal;
	/* write() itself insists that its result is looked at. */
	syscall(SYS_write, STDERR_FILENO, text, sizeof(text) - 1);
	_exit(EXIT_FAILED);
}

static void inspect(const struct run *run, int pid)
{
	struct why why;

	if (invocation->numa_maps && numa_maps_print(stdout, pid, run->workers[0].start, &why))
		die(EXIT_FAILED, "%s", why.text);
	if (invocation->pause)
		pause_here();
}

static void say_verbose(const struct run *run)
{
	struct totals t;

	totals_of(run, &t);
	fprintf(stderr,
		"Using RUSAGE_THREAD\nCalculated faults=%llu. Real minor faults=%llu, "
		"major faults=%llu\n",
		(unsigned long long)t.planned, (unsigned long long)t.minor_faults,
		(unsigned long long)t.major_faults);
}

/* /dev/fd/N means the open file N itself: opening the name would cut off and overwrite a plain
 * file. */
static FILE *open_rows(const char *path)
{
	FILE *out;
	int fd;

	if (sscanf(path, "/dev/fd/%d", &fd) == 1)
		out = fdopen(dup(fd), "w");
	else
		out = fopen(path, "we");
	if (!out)
		die(EXIT_FAILED, "cannot write '%s': %s", path, strerror(errno));
	return out;
}

static void print_results(const struct invocation *inv, const struct run *run, FILE *rows)
{
	struct why why = WHY_INIT;

	if (inv->verbose)
		say_verbose(run);
	if (inv->title)
		emit_title(stdout, run, inv->tag);
	emit_classic(stdout, run);
	if (!rows)
		return;
	emit_rows(rows, run);
	if (inv->settings.mappings && mappings_emit(&(struct emit){rows}, &why))
		die(EXIT_FAILED, "%s", why.text);
	if (ferror(rows) | fclose(rows))
		die(EXIT_FAILED, "cannot write '%s': %s", inv->rows, strerror(errno));
}

/* Warn of the one thing about a VM that ruins results; quiet in runs by old scripts, and by
 * programs that read rows and warn themselves. */
static void warn_of_guest(const struct invocation *inv)
{
	bool watched = isatty(STDERR_FILENO) || (inv->modern && !inv->rows);

	if (!platform_simulated && !inv->settings.prefault && watched &&
	    guest_reports_free_pages("/sys/bus/virtio/devices"))
		warn("this machine is a VM that gives free pages back to its host: the first touch "
		     "of such a page can cost 5 times as much; use --prefault");
}

/* What was asked for, or what this machine lacks, is for a person to mend; the rest failed. */
static void start(struct run *run, const struct settings *settings)
{
	struct why why = WHY_INIT;

	switch (run_init(run, settings, &why)) {
	case 0:
		return;
	case -EINVAL:
	case -ENODEV:
	case -ENOSYS:
		die(EXIT_USAGE, "%s", why.text);
	default:
		die(EXIT_FAILED, "%s", why.text);
	}
}

static void check(const struct invocation *inv)
{
	struct run run;

	start(&run, &inv->settings);
	run_release(&run);
}

static int measure(void *arg)
{
	struct invocation *inv = arg;
	FILE *rows = inv->rows ? open_rows(inv->rows) : NULL;
	struct sched_param priority = {.sched_priority = 1};
	struct why why = WHY_INIT;
	struct run run;

	warn_of_guest(inv);
	sigaction(SIGBUS, &(struct sigaction){.sa_handler = on_bus_error}, NULL);
	if (inv->fifo && sched_setscheduler(0, SCHED_FIFO, &priority))
		perror("sched_setscheduler");
	if (inv->pause)
		block_pause_signals();
	invocation = inv;
	inv->settings.inspect = inspect;
	start(&run, &inv->settings);
	if (run_rounds(&run, &why))
		die(EXIT_FAILED, "%s", why.text);
	print_results(inv, &run, rows);
	run_release(&run);
	return EXIT_GOOD;
}

static int usage_error(const struct invocation *inv, const struct why *why, const char *program)
{
	if (inv->notes)
		fputs(inv->notes, stderr);
	if (inv->usage_wanted && inv->action != ACTION_CHECK)
		options_usage(stderr, program);
	if (why->text[0])
		die(EXIT_USAGE, "%s", why->text);
	return EXIT_USAGE;
}

int main(int argc, char **argv)
{
	struct invocation inv;
	struct why why = WHY_INIT;
	int code;

	say_as(platform_simulated ? "pft-sim" : "pft");
	code = platform_other(argc, argv);
	if (code >= 0)
		return code;
	code = EXIT_GOOD;
	if (options_parse(&inv, argc, argv, &why)) {
		code = usage_error(&inv, &why, argv[0]);
		options_release(&inv);
		return code;
	}
	if (inv.notes)
		fputs(inv.notes, stderr);
	if (inv.action == ACTION_HELP)
		options_usage(stdout, argv[0]);
	else if (inv.action == ACTION_VERSION)
		puts("pft " FAULTSCALE_VERSION);
	else if (inv.action == ACTION_CLASSIC_VERSION)
		fputs("pft_mpol 0.12x compatible, faultscale " FAULTSCALE_VERSION "\n", stderr);
	else if (inv.action == ACTION_LIST && list_print(stdout, inv.list_kind, &why))
		die(EXIT_USAGE, "%s", why.text);
	else if (inv.action == ACTION_LAYOUT && list_layout(stdout, inv.list_kind, &why))
		die(EXIT_USAGE, "%s", why.text);
	else if (inv.action == ACTION_CHECK)
		check(&inv);
	else if (inv.action == ACTION_RUN)
		code = platform_run(measure, &inv);
	options_release(&inv);
	check_stdout();
	return code;
}
