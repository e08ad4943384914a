/* SPDX-License-Identifier: GPL-2.0-or-later */
#include "harness/guest/wire.h"

#include <errno.h>
#include <inttypes.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "common/units.h"
#include "common/xalloc.h"

#define HEAD_MAX  (WIRE_PATH_MAX + 64)
#define NAMES_MAX 8

static const char *const kinds[NR_WIRE_KINDS] = {
	[WIRE_HELLO] = "hello",	  [WIRE_ALIVE] = "alive", [WIRE_FILE] = "file",
	[WIRE_COMMIT] = "commit", [WIRE_OUT] = "out",	  [WIRE_ERR] = "err",
	[WIRE_FAIL] = "fail",	  [WIRE_END] = "end",
};

static int send_all(int fd, const char *data, size_t len)
{
	while (len) {
		ssize_t n = write(fd, data, len);

		if (n < 0 && errno == EINTR)
			continue;
		if (n < 0)
			return -errno;
		data += n;
		len -= (size_t)n;
	}
	return 0;
}

int wire_send(int fd, enum wire_kind kind, uint64_t number, const char *path, const char *data,
	      size_t len)
{
	char head[HEAD_MAX];
	int n = snprintf(head, sizeof(head), "%s %" PRIu64 " %zu %s\n", kinds[kind], number, len,
			 path);
	int err;

	if (n < 0 || (size_t)n >= sizeof(head) || len > WIRE_LENGTH_MAX)
		return -EMSGSIZE;
	err = send_all(fd, head, (size_t)n);
	return err ? err : send_all(fd, data, len);
}

char *wire_reader_room(struct wire_reader *r, size_t len)
{
	if (r->used) {
		memmove(r->buf, r->buf + r->used, r->len - r->used);
		r->len -= r->used;
		r->used = 0;
	}
	if (r->len + len > r->cap) {
		r->cap = 2 * r->cap + len;
		r->buf = xreallocarray(r->buf, r->cap, 1);
	}
	return r->buf + r->len;
}

static int not_a_frame(const char *head, size_t len, struct why *why)
{
	char text[61];

	snprintf(text, sizeof(text), "%.*s", (int)(len < 60 ? len : 60), head);
	return why_not(why, EINVAL, "the guest sends what is no frame, '%s'", say_harmless(text));
}

/* Split the words of @head, a line without its newline. */
static int parse_head(char *head, struct wire_frame *frame)
{
	char *words[4], *rest = head;
	uint64_t len;
	size_t kind = 0;

	for (size_t i = 0; i < 4; i++)
		words[i] = strsep(&rest, " ");
	if (rest || !words[3])
		return -EINVAL;
	while (kind < NR_WIRE_KINDS && strcmp(words[0], kinds[kind]))
		kind++;
	if (kind == NR_WIRE_KINDS || strlen(words[3]) > WIRE_PATH_MAX ||
	    number_parse(words[1], 0, UINT64_MAX, &frame->number, NULL) ||
	    number_parse(words[2], 0, WIRE_LENGTH_MAX, &len, NULL))
		return -EINVAL;
	frame->kind = kind;
	frame->len = len;
	snprintf(frame->path, sizeof(frame->path), "%s", words[3]);
	return kind == WIRE_FILE ? wire_path_check(frame->path) : 0;
}

int wire_reader_next(struct wire_reader *r, struct wire_frame *frame, struct why *why)
{
	const char *start = r->buf + r->used, *end;
	size_t left = r->len - r->used;
	char head[HEAD_MAX];

	if (!left)
		return 0;
	end = memchr(start, '\n', left < HEAD_MAX ? left : HEAD_MAX);
	if (!end)
		return left < HEAD_MAX ? 0 : not_a_frame(start, left, why);
	snprintf(head, sizeof(head), "%.*s", (int)(end - start), start);
	if (parse_head(head, frame))
		return not_a_frame(start, (size_t)(end - start), why);
	if (left - (size_t)(end + 1 - start) < frame->len)
		return 0;
	frame->data = end + 1;
	r->used += (size_t)(end + 1 - start) + frame->len;
	return 1;
}

void wire_reader_release(struct wire_reader *r)
{
	free(r->buf);
	*r = (struct wire_reader){0};
}

int wire_path_check(const char *path)
{
	static const char allowed[] = "ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz"
				      "0123456789._-+=";
	unsigned names = 0;

	for (;;) {
		size_t len = strspn(path, allowed);

		if (!len || *path == '.' || *path == '-' || ++names > NAMES_MAX)
			return -EINVAL;
		path += len;
		if (!*path)
			return 0;
		if (*path++ != '/')
			return -EINVAL;
	}
}
