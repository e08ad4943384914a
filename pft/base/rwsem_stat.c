/* SPDX-License-Identifier: GPL-2.0-or-later */
#include "pft/base/rwsem_stat.h"

static const char *const rwsem_event_names[NR_RWSEM_EVENTS] = {
	[RWSEM_RSLOW] = "rwsem_rslow",
	[RWSEM_RLOCK_STEAL] = "rwsem_rlock_steal",
	[RWSEM_RLOCK_FAST] = "rwsem_rlock_fast",
	[RWSEM_RLOCK] = "rwsem_rlock",
	[RWSEM_RLOCK_FAIL] = "rwsem_rlock_fail",
	[RWSEM_RLOCK_HANDOFF] = "rwsem_rlock_handoff",
	[RWSEM_SLEEP_READER] = "rwsem_sleep_reader",
	[RWSEM_SLEEP_READER_NS] = "rwsem_sleep_reader_ns",
	[RWSEM_WAKE_READER] = "rwsem_wake_reader",
	[RWSEM_WSLOW] = "rwsem_wslow",
	[RWSEM_OPT_LOCK] = "rwsem_opt_lock",
	[RWSEM_OPT_FAIL] = "rwsem_opt_fail",
	[RWSEM_OPT_REFUSED] = "rwsem_opt_refused",
	[RWSEM_OPT_NOSPIN] = "rwsem_opt_nospin",
	[RWSEM_OPT_LIMIT] = "rwsem_opt_limit",
	[RWSEM_SPIN_NS] = "rwsem_spin_ns",
	[RWSEM_WLOCK] = "rwsem_wlock",
	[RWSEM_WLOCK_FAIL] = "rwsem_wlock_fail",
	[RWSEM_WLOCK_HANDOFF] = "rwsem_wlock_handoff",
	[RWSEM_HANDOFF_SPIN] = "rwsem_handoff_spin",
	[RWSEM_SLEEP_WRITER] = "rwsem_sleep_writer",
	[RWSEM_SLEEP_WRITER_NS] = "rwsem_sleep_writer_ns",
	[RWSEM_WAKE_WRITER] = "rwsem_wake_writer",
};

const char *const rwsem_class_names[NR_RWSEM_CLASSES] = {
	[RWSEM_MMAP_LOCK] = "mmap_lock",
	[RWSEM_VMA_LOCK] = "vma_lock",
	[RWSEM_OTHER] = "other",
};

STAT_TABLE(rwsem_stat_mmap, rwsem_event_names, NR_RWSEM_EVENTS);
STAT_TABLE(rwsem_stat_vma, rwsem_event_names, NR_RWSEM_EVENTS);
STAT_TABLE(rwsem_stat_other, rwsem_event_names, NR_RWSEM_EVENTS);

const struct stat_table *const rwsem_stat[NR_RWSEM_CLASSES] = {
	[RWSEM_MMAP_LOCK] = &rwsem_stat_mmap,
	[RWSEM_VMA_LOCK] = &rwsem_stat_vma,
	[RWSEM_OTHER] = &rwsem_stat_other,
};
