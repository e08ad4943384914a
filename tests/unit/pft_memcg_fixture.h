/* SPDX-License-Identifier: GPL-2.0-or-later */
/* pft_memcg_fixture: a tree of groups and a list_lru over it, for the tests of both. */
#ifndef TESTS_UNIT_PFT_MEMCG_FIXTURE_H
#define TESTS_UNIT_PFT_MEMCG_FIXTURE_H

#include <errno.h>
#include <setjmp.h>
#include <signal.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <sys/wait.h>
#include <unistd.h>

#include <cmocka.h>

#include "pft/base/list_lru.h"
#include "pft/base/memcg.h"
#include "pft/base/memcg_charge.h"
#include "pft/base/obj_cgroup.h"

#define NODES 2

/* Something on a list. */
struct item {
	struct list_head link;
	char name;
	struct obj_cgroup *objcg;
	unsigned node;
};

static inline void tree_init(struct memcg_tree *tree)
{
	if (memcg_tree_init(tree, NODES))
		fail_msg("no memory for a tree");
}

static inline struct memcg *group_below(struct memcg *parent)
{
	struct memcg *memcg;
	int rc = memcg_new(&memcg, parent);

	if (rc)
		fail_msg("memcg_new: %d", rc);
	return memcg;
}

static inline void group_offline(struct memcg *memcg)
{
	int rc = memcg_offline(memcg);

	if (rc)
		fail_msg("memcg_offline: %d", rc);
}

static inline void lru_init(struct list_lru *lru, struct memcg_tree *tree,
			    enum list_lru_locking locking)
{
	if (list_lru_init(lru, tree, NODES, locking))
		fail_msg("no memory for a list_lru");
}

/* Whether @fn ends in a BUG(), tried in a child without its output. */
static inline bool is_bug(void (*fn)(void))
{
	int status = 0;
	pid_t pid = fork();

	if (!pid) {
		if (!freopen("/dev/null", "w", stderr))
			_exit(1);
		fn();
		_exit(0);
	}
	if (pid < 0 || waitpid(pid, &status, 0) != pid)
		fail_msg("no child");
	return WIFSIGNALED(status) && WTERMSIG(status) == SIGABRT;
}

/* Run the tests on a thread that is registered with RCU. */
#define run_registered(tests) \
	({ \
		int rc_; \
\
		rcu_register_thread(); \
		rc_ = cmocka_run_group_tests((tests), NULL, NULL); \
		rcu_unregister_thread(); \
		rc_; \
	})

#endif
