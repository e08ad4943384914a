/* SPDX-License-Identifier: GPL-2.0-or-later */
#include "harness/guest/receiver.h"

#include <errno.h>
#include <fcntl.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

#include "common/durable.h"
#include "common/xalloc.h"

#define LAST "plan.tsv" /* where it is, the other files are (result_open()) */

void receiver_init(struct receiver *r, const char *results, const char *name)
{
	*r = (struct receiver){
		.results = results, .name = name, .result = {.dir_fd = -1, .samples_fd = -1}};
}

static int check_frame(struct receiver *r, const struct wire_frame *frame, struct why *why)
{
	r->pending += frame->len;
	r->bytes += frame->len;
	r->begun += !frame->number;
	if (r->pending > RECEIVER_PENDING_MAX || r->bytes > RECEIVER_BYTES_MAX)
		return why_not(why, EFBIG, "the guest sends too much, the last of it for '%s'",
			       frame->path);
	if (!strcmp(frame->path, RECEIVER_GUEST))
		return why_not(why, EPERM, "the guest sends '%s', which is the host's",
			       RECEIVER_GUEST);
	if (r->begun > RECEIVER_FILES_MAX)
		return why_not(why, EMFILE, "the guest sends too many files, the last is '%s'",
			       frame->path);
	return 0;
}

static int take_file(struct receiver *r, const struct wire_frame *frame, struct why *why)
{
	struct received_file *file = NULL;
	int err = check_frame(r, frame, why);

	if (err)
		return err;
	for (size_t i = 0; i < r->nr; i++)
		if (!strcmp(r->files[i].path, frame->path))
			file = &r->files[i];
	if (!file) {
		XGROW(r->files, r->nr, r->cap);
		file = &r->files[r->nr++];
		*file = (struct received_file){.path = xstrdup(frame->path),
					       .offset = frame->number};
	}
	if (!frame->number) {
		file->offset = 0;
		file->len = 0;
	}
	if (frame->number != file->offset + file->len)
		return why_not(why, EINVAL, "the guest leaves out a part of '%s'", frame->path);
	if (file->len + frame->len >= file->cap) {
		file->cap = 2 * file->cap + frame->len + 1;
		file->data = xreallocarray(file->data, file->cap, 1);
	}
	memcpy(file->data + file->len, frame->data, frame->len);
	file->len += frame->len;
	return 0;
}

/* Append to a file that has to be as long as the guest thinks. */
static int append(const char *path, const struct received_file *file, struct why *why)
{
	int fd = open(path, O_WRONLY | O_APPEND | O_CLOEXEC | O_NOFOLLOW), err = 0;
	struct stat st;

	if (fd < 0 || fstat(fd, &st))
		err = -errno;
	else if ((uint64_t)st.st_size != file->offset)
		err = -ESTALE;
	else
		err = durable_append(fd, file->data, file->len);
	if (fd >= 0)
		close(fd);
	return err ? why_not(why, -err, "cannot write '%s': %s", path, strerror(-err)) : 0;
}

static int write_file(struct receiver *r, const struct received_file *file, struct why *why)
{
	char *path = result_path(&r->result, file->path), *slash = strrchr(path, '/');
	int err = 0;

	if (strchr(file->path, '/')) {
		*slash = '\0';
		err = durable_mkdir(path, why);
		*slash = '/';
	}
	if (!err)
		err = file->offset ? append(path, file, why)
				   : durable_replace(path, file->data, file->len, why);
	free(path);
	return err;
}

static void forget_files(struct receiver *r)
{
	for (size_t i = 0; i < r->nr; i++) {
		free(r->files[i].path);
		free(r->files[i].data);
	}
	r->nr = 0;
	r->pending = 0;
}

/* Begin the run, with what the host knows of it. */
static int make_run(struct receiver *r, struct why *why)
{
	int err = result_make(&r->result, r->results, r->name, why);
	char *path;

	if (err || !r->guest)
		return err;
	path = result_path(&r->result, RECEIVER_GUEST);
	err = meta_write(r->guest, path, why);
	free(path);
	return err;
}

/* Write what is pending, if there is anything. */
static int commit(struct receiver *r, struct why *why)
{
	int err = 0;

	if (r->nr && !r->result.dir)
		err = make_run(r, why);
	for (size_t i = 0; i < r->nr && !err; i++)
		if (strcmp(r->files[i].path, LAST))
			err = write_file(r, &r->files[i], why);
	for (size_t i = 0; i < r->nr && !err; i++)
		if (!strcmp(r->files[i].path, LAST))
			err = write_file(r, &r->files[i], why);
	if (!err)
		forget_files(r);
	return err;
}

int receiver_take(struct receiver *r, const struct wire_frame *frame, struct why *why)
{
	return frame->kind == WIRE_FILE ? take_file(r, frame, why) : commit(r, why);
}

const char *receiver_pending(const struct receiver *r, const char *path, size_t *len)
{
	for (size_t i = 0; i < r->nr; i++) {
		if (!strcmp(r->files[i].path, path)) {
			*len = r->files[i].len;
			return r->files[i].data;
		}
	}
	return NULL;
}

void receiver_release(struct receiver *r)
{
	forget_files(r);
	free(r->files);
	r->files = NULL;
	result_release(&r->result);
}
