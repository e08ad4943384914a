/* SPDX-License-Identifier: GPL-2.0-or-later */
#include "analysis/lock_names.h"

#include <fnmatch.h>
#include <stdbool.h>
#include <stdlib.h>
#include <string.h>

#include "analysis/frames.h"
#include "common/xalloc.h"

/* The first rule whose pattern the text is like decides. */
struct rule {
	const char *pattern, *says;
};

/* Fields that are locks or parts of one: of the engine's structures, and as in the kernel's. */
static const char *const words[] = {
	"*.mmap_lock*", "*.mmap_seq", "*.mm_lock_seq",	   "*.vma_writer_wait", "*.vm_refcnt",
	"*.vm_lock*",	"vma_lock.*", "*.page_table_lock", "*.rwsem",		"*.lock",
};

/* Source files of pft: the line tells even of what was inlined. */
static const struct rule files[] = {
	{"pft/base/rwsem_slow*", "rwsem, slow path"},
	{"pft/base/rwsem_spin*", "rwsem, spinning"},
	{"pft/base/rwsem*", "rwsem"},
	{"pft/base/osq*", "rwsem, queue of spinners"},
	{"pft/base/spinlock.c*", "spinlock, slow path"},
	{"pft/base/spinlock*", "spinlock"},
	{"pft/base/seqcount*", "sequence count"},
	{"pft/base/rcuwait*", "rcuwait"},
	{"pft/base/rcu*", "RCU"},
	{"pft/base/frame_lock*", "page lock"},
	{"pft/locks/mmap_lock*", "mmap_lock"},
	{"pft/locks/vma_ref*", "VMA refcount"},
	{"pft/locks/vma_rwsem*", "VMA rwsem"},
	{"pft/locks/spf*", "speculation"},
	{"pft/locks/*", "lock design"},
};

/* Functions of the kernel, and of the engine that has some of the same names. */
static const struct rule functions[] = {
	{"rwsem_spin_on_owner", "rwsem, spinning"},
	{"rwsem_optimistic_spin*", "rwsem, spinning"},
	{"rwsem_down_*", "rwsem, slow path"},
	{"rwsem_*", "rwsem"},
	{"down_read*", "rwsem"},
	{"down_write*", "rwsem"},
	{"up_read", "rwsem"},
	{"up_write", "rwsem"},
	{"__down_*", "rwsem"},
	{"__up_*", "rwsem"},
	{"downgrade_write", "rwsem"},
	{"osq_*", "queue of spinners"},
	{"mutex_spin_on_owner", "mutex, spinning"},
	{"mutex_*", "mutex"},
	{"__mutex_*", "mutex"},
	{"*queued_spin_lock_slowpath", "spinlock, slow path"},
	{"spin_lock_slow", "spinlock, slow path"},
	{"*spin_lock*", "spinlock"},
	{"*spin_trylock*", "spinlock"},
	{"*spin_unlock*", "spinlock"},
	{"_raw_*lock*", "spinlock"},
	{"lock_vma_under_rcu", "VMA lock"},
	{"vma_start_read*", "VMA lock"},
	{"vma_start_write*", "VMA lock"},
	{"__vma_start_*", "VMA lock"},
	{"__vma_enter_locked", "VMA lock"},
	{"vma_end_read", "VMA lock"},
	{"vma_refcount_put", "VMA lock"},
	{"vma_ref_*", "VMA refcount"},
	{"mmap_read_*", "mmap_lock"},
	{"mmap_write_*", "mmap_lock"},
	{"lock_mm_and_find_vma", "mmap_lock"},
	{"*folio_lock*", "page lock"},
	{"folio_unlock", "page lock"},
	{"folio_wait_bit*", "page lock"},
	{"frame_lock_*", "page lock"},
	{"frame_wait_*", "page lock"},
	{"*futex_*", "futex"},
	{"rcuwait_*", "rcuwait"},
	{"rcu_*", "RCU"},
	{"__rcu_*", "RCU"},
};

#define LENGTH(array) (sizeof(array) / sizeof((array)[0]))

static const char *rule_of(const char *text, const struct rule *rules, size_t nr)
{
	for (size_t i = 0; i < nr; i++)
		if (!fnmatch(rules[i].pattern, text, 0))
			return rules[i].says;
	return NULL;
}

static bool is_word(const char *name)
{
	for (size_t i = 0; i < LENGTH(words); i++)
		if (!fnmatch(words[i], name, 0))
			return true;
	return false;
}

char *lock_name_of(const struct miss_where *w)
{
	char *word = xstrndup(w->data, strcspn(w->data, " "));
	const char *says, *stage;

	if (is_word(word))
		return word;
	free(word);
	says = rule_of(w->line, files, LENGTH(files));
	if (!says)
		says = rule_of(w->symbol, functions, LENGTH(functions));
	if (!says)
		return xstrdup("no lock");
	stage = engine_stage(w->symbol);
	return xasprintf("%s in %s", says, stage ? stage : w->symbol);
}
