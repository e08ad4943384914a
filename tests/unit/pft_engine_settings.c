/* SPDX-License-Identifier: GPL-2.0-or-later */
/* The engine's options: what they default to, what they take, and what they mean together. */
#include "pft/engine_settings.h"

#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <cmocka.h>
#include <string.h>

#include "pft/base/rcu.h"
#include "pft/locks/design.h"
#include "pft/workload.h"

static void accept(struct engine_settings *s, enum engine_option option, const char *arg)
{
	struct why why = WHY_INIT;

	assert_int_equal(engine_settings_read(s, option, arg, &why), 0);
	assert_string_equal(why.text, "");
	assert_true(s->given & 1u << option);
}

static void refuse(enum engine_option option, const char *arg)
{
	struct engine_settings s;
	struct why why = WHY_INIT;

	engine_settings_init(&s);
	assert_true(engine_settings_read(&s, option, arg, &why) < 0);
	assert_non_null(strstr(why.text, arg));
}

static void test_defaults(void **state)
{
	struct engine_settings s;

	(void)state;
	engine_settings_init(&s);
	assert_string_equal(s.design->name, "vma-refcnt");
	assert_true(s.rwsem_spin);
	assert_int_equal(s.writers, 1);
	assert_int_equal(s.nodes, 0);
	assert_int_equal(s.vma_class, -1);
	assert_int_equal(s.given, 0);
}

static void test_arguments(void **state)
{
	struct engine_settings s;

	(void)state;
	engine_settings_init(&s);
	for (unsigned i = 0; i < nr_lock_designs; i++) {
		if (lock_designs[i]->unavailable)
			continue;
		accept(&s, ENGINE_LOCK, lock_designs[i]->name);
		assert_ptr_equal(s.design, lock_designs[i]);
	}
	accept(&s, ENGINE_RWSEM_SPIN, "off");
	assert_false(s.rwsem_spin);
	accept(&s, ENGINE_RWSEM_SPIN, "on");
	assert_true(s.rwsem_spin);
	accept(&s, ENGINE_WRITERS, "0");
	assert_int_equal(s.writers, 0);
	accept(&s, ENGINE_NODES, "64");
	assert_int_equal(s.nodes, 64);
	accept(&s, ENGINE_VMA_CLASS, "64");
	assert_int_equal(s.vma_class, 64);
	accept(&s, ENGINE_VMA_CLASS, "mix");
	assert_int_equal(s.vma_class, -1);
	refuse(ENGINE_LOCK, "nothing");
	refuse(ENGINE_RWSEM_SPIN, "yes");
	refuse(ENGINE_WRITERS, "-1");
	refuse(ENGINE_NODES, "65");
	refuse(ENGINE_VMA_CLASS, "128");
}

/* What engine_settings_check() says of @settings; "" if it is content. */
static const char *verdict(const struct settings *settings)
{
	static struct why why;
	int err;

	why = (struct why)WHY_INIT;
	err = engine_settings_check(settings, &why);
	assert_int_equal(!err, !why.text[0]);
	return why.text;
}

static void test_together(void **state)
{
	struct settings s = {.workload = workload_find("engine-anon"), .nr_workers = 1};

	(void)state;
	engine_settings_init(&s.engine);
	assert_string_equal(verdict(&s), "");
	s.engine.design = lock_design_find("none"); /* a writer counts only where there is one */
	assert_string_equal(verdict(&s), "");
	s.workload = workload_find("engine-mixed");
	assert_non_null(strstr(verdict(&s), "one worker and no writer, not 1 and 1"));
	engine_settings_init(&s.engine);
	s.nr_workers = RCU_SLOT - 2;
	assert_string_equal(verdict(&s), "");
	s.nr_workers++;
	assert_non_null(strstr(verdict(&s), "more than the 1022 that the engine has room for"));
	s.nr_workers = 1;
	s.mem.kind = MEM_REMOTE;
	assert_non_null(strstr(verdict(&s), "not 'remote'"));
	s.mem.kind = MEM_INTERLEAVE;
	assert_string_equal(verdict(&s), "");
	s.processes = true;
	assert_non_null(strstr(verdict(&s), "is for threads (-t), not processes (-n)"));
	s.workload = workload_find("anon");
	assert_string_equal(verdict(&s), "");
}

/* A class is good where the slab of the design has such an object. */
static void test_classes(void **state)
{
	struct settings s = {.workload = workload_find("engine-anon"), .nr_workers = 1};

	(void)state;
	engine_settings_init(&s.engine);
	s.engine.vma_class = 64; /* 192 bytes, aligned: 0 and 64 */
	assert_string_equal(verdict(&s), "");
	s.engine.vma_class = 16;
	assert_non_null(strstr(verdict(&s), "starts at 16 modulo 128"));
	s.engine.design = lock_design_find("vma-rwsem-aligned"); /* 256 bytes: 0 only */
	s.engine.vma_class = 64;
	assert_non_null(strstr(verdict(&s), "starts at 64 modulo 128"));
	s.engine.vma_class = 0;
	assert_string_equal(verdict(&s), "");
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(test_defaults),
		cmocka_unit_test(test_arguments),
		cmocka_unit_test(test_together),
		cmocka_unit_test(test_classes),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
