/* SPDX-License-Identifier: GPL-2.0-or-later */
/* Any bytes as samples.tsv; what can be read goes through the whole comparison. */
#include <stdint.h>
#include <stdio.h>
#include <sys/mman.h>
#include <unistd.h>

#include "analysis/compare.h"
#include "analysis/samples.h"
#include "common/say.h"

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

static void compare_with_itself(struct run *run)
{
	const struct compare_options options = {.selection.by = BY_RUN, .as_mmtests = true};
	struct run *runs[] = {run, run};
	struct notes notes = {0};
	struct comparison c;
	struct report report;
	struct why why;

	report_init(&report, false);
	if (!comparison_init(&c, runs, 2, &report, &options, &notes, &why)) {
		for (size_t r = 0; r < c.nr_rows; r++)
			if (c.rows[r].cells[1].significant)
				BUG("'%s' differs from itself", c.rows[r].name);
		comparison_release(&c);
	}
	report_release(&report);
	notes_release(&notes);
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
	int fd = memfd_create("samples", MFD_CLOEXEC);
	struct notes notes = {0};
	struct why why;
	struct run run;
	char path[40];

	if (fd < 0 || write(fd, data, size) != (ssize_t)size)
		BUG("cannot write to memory");
	snprintf(path, sizeof(path), "/proc/self/fd/%d", fd);
	run_init(&run, "fuzz", path, RUN_OWN);
	if (!samples_read(&run, path, &notes, &why))
		compare_with_itself(&run);
	run_release(&run);
	notes_release(&notes);
	close(fd);
	return 0;
}
