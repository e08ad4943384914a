/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * wire: what a guest tells its host through a port, as frames: a line "KIND NUMBER LENGTH PATH" and LENGTH
 * bytes. Nothing comes from the guest in another way, and nothing goes back: the host writes only
 * files whose paths wire_path_check() takes, below the run's directory.
 */
#ifndef HARNESS_GUEST_WIRE_H
#define HARNESS_GUEST_WIRE_H

#include <stddef.h>
#include <stdint.h>

#include "common/say.h"

#define WIRE_PATH_MAX 200
#define WIRE_LENGTH_MAX ((size_t)64 << 20) /* of one frame's bytes */

enum wire_kind {
	WIRE_HELLO, /* the guest's init runs; number: of the protocol, WIRE_VERSION */
	WIRE_ALIVE, /* every few seconds */
	WIRE_FILE, /* bytes of the run's file PATH from offset NUMBER on, which end it; 0 begins it anew */
	WIRE_COMMIT, /* the files sent since the last one belong together */
	WIRE_OUT, /* what the run wrote to stdout */
	WIRE_ERR, /* and to stderr */
	WIRE_FAIL, /* the init could not do something: the reason */
	WIRE_END, /* all is sent; number: the run's exit code */
	NR_WIRE_KINDS,
};
#define WIRE_VERSION 1

struct wire_frame {
	enum wire_kind kind;
	uint64_t number;
	char path[WIRE_PATH_MAX + 1]; /* "-" for none */
	size_t len;
	const char *data; /* [len], of the reader */
};

/* Write a frame to @fd, all of it. Returns 0 or -errno. */
int wire_send(int fd, enum wire_kind kind, uint64_t number, const char *path, const char *data,
	      size_t len);

/* What came and was not read yet. */
struct wire_reader {
	char *buf;
	size_t len, cap;
	size_t used; /* of it, by the frames read */
};

/* Room for @len more bytes at the end; the caller fills it and adds to ->len. */
char *wire_reader_room(struct wire_reader *r, size_t len);

/* The next frame, valid until the next call of the reader. Returns 1; 0 if it is not all there; -EINVAL
 * with the reason in @why if this is no frame. */
int wire_reader_next(struct wire_reader *r, struct wire_frame *frame, struct why *why);

/* Free what the reader holds. */
void wire_reader_release(struct wire_reader *r);

/* Whether @path may be a file of a run: at most 8 names of letters, digits, '.', '_', '-', '+' and '=', none
 * of which begins with '.' or '-'. Returns 0 or -EINVAL. */
int wire_path_check(const char *path);

#endif
