/* SPDX-License-Identifier: GPL-2.0-or-later */
/* Any bytes as what a guest sends: nothing is written outside its run, and what it wrote can be shown. */
#include <ftw.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

#include "common/xalloc.h"
#include "harness/guest/console.h"
#include "harness/guest/receiver.h"
#include "harness/guest/watcher.h"
#include "harness/guest/wire.h"

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

static int remove_entry(const char *path, const struct stat *st, int type, struct FTW *ftw)
{
	(void)type;
	(void)ftw;
	if (!S_ISREG(st->st_mode) && !S_ISDIR(st->st_mode))
		BUG("a file of another kind: %s", path);
	return remove(path);
}

/* What boot.c does with a frame, as far as it is about files and people. Returns 0 or -errno. */
static int take(struct receiver *r, struct watcher *w, const struct wire_frame *frame,
		struct why *why)
{
	int err;

	switch (frame->kind) {
	case WIRE_FILE:
		return receiver_take(r, frame, why);
	case WIRE_COMMIT:
		watcher_take(w, r);
		err = receiver_take(r, frame, why);
		watcher_show(w, r);
		return err;
	default:
		console_write(w->out, frame->data, frame->len);
		return 0;
	}
}

/* Pieces of 1, 2, 3, ... bytes, as a line may cut them. */
static void feed(struct receiver *r, struct watcher *w, const uint8_t *data, size_t size)
{
	struct wire_reader reader = {0};
	struct wire_frame frame;
	struct why why = WHY_INIT;
	int got = 0, err = 0;

	for (size_t at = 0, piece = 1; at < size && got >= 0 && !err; at += piece++) {
		size_t len = piece < size - at ? piece : size - at;

		memcpy(wire_reader_room(&reader, len), data + at, len);
		reader.len += len;
		while (!err && (got = wire_reader_next(&reader, &frame, &why)) > 0)
			err = take(r, w, &frame, &why);
	}
	if ((got < 0 || err) && (!*why.text || strchr(why.text, '\n')))
		BUG("a refusal without a reason of one line");
	wire_reader_release(&reader);
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
	char dir[] = "/dev/shm/faultscale-fuzz-XXXXXX", *results, *run;
	FILE *out = fopen("/dev/null", "we");
	struct receiver receiver;
	struct watcher watcher;

	if (!out || !mkdtemp(dir))
		abort();
	results = xasprintf("%s/results", dir);
	run = xasprintf("%s/run", results);
	receiver_init(&receiver, results, "run");
	watcher_init(&watcher, out, "");
	watcher.shown = true;
	feed(&receiver, &watcher, data, size);
	receiver_release(&receiver);
	watcher_release(&watcher);
	fclose(out);
	nftw(run, remove_entry, 16, FTW_DEPTH | FTW_PHYS);
	if ((rmdir(results) && !access(results, F_OK)) || rmdir(dir))
		BUG("something lies outside the run");
	free(run);
	free(results);
	return 0;
}
