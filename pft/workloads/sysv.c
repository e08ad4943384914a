/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * sysv: as anon, on a SysV shared memory segment (-S), locked with -L. The segment is marked for
 * removal as soon as it is attached, so it goes with the last process that has it, however that
 * ends.
 */
#include <errno.h>
#include <string.h>
#include <sys/ipc.h>
#include <sys/shm.h>

#include "pft/fill.h"
#include "pft/map.h"
#include "pft/workload.h"

/* Attach the segment, and see to its removal whatever happens. */
static int sysv_attach(struct run *run, int id, struct why *why)
{
	char *start = shmat(id, NULL, 0);
	int err = start == (char *)-1 ? errno : 0;

	if (!err && run->settings->shm_lock && shmctl(id, SHM_LOCK, NULL)) {
		err = errno;
		shmdt(start);
		shmctl(id, IPC_RMID, NULL);
		return why_not(why, err, "shmctl(SHM_LOCK) failed: %s; see 'ulimit -l'",
			       strerror(err));
	}
	shmctl(id, IPC_RMID, NULL);
	if (err)
		return why_not(why, err, "shmat failed: %s", strerror(err));
	run->private = start;
	return map_advise(run, start, map_total_bytes(run), why);
}

static int sysv_setup(struct run *run, struct why *why)
{
	int id = shmget(IPC_PRIVATE, map_total_bytes(run), IPC_CREAT | 0600);
	int err;

	if (id < 0)
		return why_not(why, errno, "shmget failed: %s", strerror(errno));
	err = sysv_attach(run, id, why);
	if (!err)
		map_slice(run, run->private);
	return err;
}

static void sysv_teardown(struct run *run)
{
	if (run->private)
		shmdt(run->private);
}

const struct workload workload_sysv = {
	.name = "sysv",
	.summary = "first write to each page of a slice of a SysV shared memory segment (-S, -L)",
	.flags = WL_SHARED | WL_CACHELINES | WL_CLEAR | WL_MLOCK | WL_SHM_LOCK,
	.unit = workload_base_unit,
	.setup = sysv_setup,
	.thread_setup = workload_no_thread_setup,
	.pass = fill_or_lock_slice,
	.thread_teardown = workload_no_thread_teardown,
	.teardown = sysv_teardown,
};
