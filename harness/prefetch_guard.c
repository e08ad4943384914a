/* SPDX-License-Identifier: GPL-2.0-or-later */
#include "harness/prefetch_guard.h"

#include <errno.h>
#include <fcntl.h>
#include <inttypes.h>
#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/file.h>
#include <sys/stat.h>
#include <sys/wait.h>
#include <unistd.h>

#include "common/durable.h"
#include "common/tsv.h"
#include "common/xalloc.h"

#define NOTE "/run/faultscale-prefetch.tsv"

enum { NOTE_MSR, NOTE_MASK, NOTE_CPU, NOTE_VALUE, NR_NOTE };

static const char *const note_columns[] = {"msr", "mask", "cpu", "value", NULL};
static const struct tsv_schema note_schema = {"prefetch", 1, note_columns};

/* The last record's cpu: without it the note was torn, and nothing had been switched. */
#define NOTE_END "end"

/* Open and lock the note; its last holder may have removed it meanwhile. */
static int lock_note(struct prefetch_guard *guard, struct why *why)
{
	struct stat held, named;

	for (;;) {
		guard->note = open(guard->path, O_RDWR | O_CREAT | O_CLOEXEC, 0600);
		if (guard->note < 0)
			return why_not(why, errno, "%s: %s", guard->path, strerror(errno));
		if (flock(guard->note, LOCK_EX | LOCK_NB)) {
			close(guard->note);
			return why_not(why, EBUSY,
				       "prefetchers are switched by another process now, which "
				       "holds '%s'; wait for its end",
				       guard->path);
		}
		if (!fstat(guard->note, &held) && !stat(guard->path, &named) &&
		    held.st_ino == named.st_ino)
			return 0;
		close(guard->note);
	}
}

/* Read the note of one that was killed: its values in *@values, NULL if there is none. */
static int read_note(const char *path, uint32_t *msr, uint64_t *mask,
		     struct prefetch_value **values, size_t *nr, struct why *why)
{
	char *field[NR_NOTE];
	struct tsv_reader r;
	bool whole = false;
	size_t cap = 0;
	int got;

	*values = NULL;
	*nr = 0;
	got = tsv_reader_init(&r, path, &note_schema, why);
	if (got)
		return got;
	while (!whole && (got = tsv_reader_next(&r, field, why)) > 0) {
		whole = !strcmp(field[NOTE_CPU], NOTE_END);
		if (whole)
			break;
		*msr = (uint32_t)strtoul(field[NOTE_MSR], NULL, 0);
		*mask = strtoull(field[NOTE_MASK], NULL, 0);
		XGROW(*values, *nr, cap);
		(*values)[(*nr)++] = (struct prefetch_value){
			.cpu = (unsigned)strtoul(field[NOTE_CPU], NULL, 10),
			.before = strtoull(field[NOTE_VALUE], NULL, 0),
		};
	}
	tsv_reader_release(&r);
	if (!whole)
		*nr = 0;
	return got < 0 ? got : 0;
}

static int recover(struct prefetch_guard *guard, size_t *recovered, struct why *why)
{
	struct prefetch_value *values;
	uint64_t mask = 0;
	uint32_t msr = 0;
	struct stat st;
	int err;

	*recovered = 0;
	if (fstat(guard->note, &st) || !st.st_size)
		return 0;
	err = read_note(guard->path, &msr, &mask, &values, recovered, why);
	if (!err && *recovered) {
		size_t refused = prefetch_restore(guard->root, msr, mask, values, *recovered);

		if (refused)
			err = why_not(why, EIO,
				      "%zu CPUs do not let their prefetchers be put back as '%s' "
				      "has them; a restart of the machine does",
				      refused, guard->path);
	}
	free(values);
	return err;
}

int prefetch_guard_init(struct prefetch_guard *guard, const char *root, size_t *recovered,
			struct why *why)
{
	int err;

	*guard = (struct prefetch_guard){
		.root = root, .path = xasprintf("%s" NOTE, root), .note = -1, .leash = -1};
	err = lock_note(guard, why);
	if (err) {
		free(guard->path);
		return err;
	}
	err = recover(guard, recovered, why);
	if (err) {
		close(guard->note);
		free(guard->path);
	}
	return err;
}

static void note_record(FILE *out, uint32_t msr, uint64_t mask, const char *cpu, uint64_t value)
{
	fprintf(out, "%#" PRIx32 "\t%#" PRIx64 "\t", msr, mask);
	tsv_write_field(out, cpu, '\t');
	fprintf(out, "%#" PRIx64 "\n", value);
}

static int write_note(struct prefetch_guard *guard, const struct prefetch *p, uint64_t mask,
		      const struct prefetch_value *values, struct why *why)
{
	char *text, cpu[16];
	size_t len;
	FILE *out = xmemstream(&text, &len);
	int err;

	tsv_write_head(out, &note_schema);
	for (size_t i = 0; i < p->cpus.nr; i++) {
		snprintf(cpu, sizeof(cpu), "%u", values[i].cpu);
		note_record(out, p->model->msr, mask, cpu, values[i].before);
	}
	note_record(out, p->model->msr, mask, NOTE_END, 0);
	fclose(out);
	err = ftruncate(guard->note, 0) || lseek(guard->note, 0, SEEK_SET) < 0 ? -errno : 0;
	if (!err)
		err = durable_append(guard->note, text, len);
	free(text);
	return err ? why_not(why, -err, "%s: %s", guard->path, strerror(-err)) : 0;
}

/* Nothing but the note and the leash: who waits for the end of the command's output must not wait for us. */
static void close_others(int note, int leash)
{
	int low = note < leash ? note : leash, high = note < leash ? leash : note;

	if (low)
		close_range(0, (unsigned)low - 1, 0);
	close_range((unsigned)low + 1, (unsigned)high - 1, 0);
	close_range((unsigned)high + 1, ~0U, 0);
}

/* The guard: wait for the end of the other, put back, remove the note. Exit code 1: it could not. */
static _Noreturn void guard_main(struct prefetch_guard *guard, int leash, uint32_t msr,
				 uint64_t mask, const struct prefetch_value *values, size_t nr)
{
	sigset_t all;
	ssize_t got;
	size_t refused;
	char byte;

	sigfillset(&all);
	sigprocmask(SIG_SETMASK, &all, NULL);
	setsid();
	close_others(guard->note, leash);
	do
		got = read(leash, &byte, 1);
	while (got < 0 && errno == EINTR);
	refused = prefetch_restore(guard->root, msr, mask, values, nr);
	if (!refused)
		unlink(guard->path);
	_exit(refused != 0);
}

int prefetch_guard_start(struct prefetch_guard *guard, const struct prefetch *p, uint64_t mask,
			 const struct prefetch_value *values, struct why *why)
{
	int pipes[2], err = write_note(guard, p, mask, values, why);

	if (err)
		return err;
	if (pipe2(pipes, O_CLOEXEC))
		return why_not(why, errno, "pipe: %s", strerror(errno));
	guard->pid = fork();
	if (guard->pid < 0) {
		err = why_not(why, errno, "fork: %s", strerror(errno));
		close(pipes[0]);
		close(pipes[1]);
		return err;
	}
	if (!guard->pid)
		guard_main(guard, pipes[0], p->model->msr, mask, values, p->cpus.nr);
	close(pipes[0]);
	guard->leash = pipes[1];
	return 0;
}

size_t prefetch_guard_release(struct prefetch_guard *guard)
{
	size_t refused = 0;
	int status;

	if (guard->leash >= 0) {
		close(guard->leash);
		while (waitpid(guard->pid, &status, 0) < 0 && errno == EINTR)
			;
		refused = !WIFEXITED(status) || WEXITSTATUS(status);
	} else {
		unlink(guard->path);
	}
	close(guard->note);
	free(guard->path);
	return refused;
}
