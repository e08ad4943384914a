/* SPDX-License-Identifier: GPL-2.0-or-later */
#include <errno.h>
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <string.h>

#include <cmocka.h>

#include "harness/probes/kallsyms.h"

static const char list[] = "0000000000000000 A fixed_percpu_data\n"
			   "ffffffff81000000 T _stext\n"
			   "ffffffff81000000 T _text\n"
			   "ffffffff81001040 t __handle_mm_fault\n"
			   "ffffffff81001000 t __pfx_fault\n"
			   "ffffffff81001000 T handle_fault\n"
			   "ffffffff81001000 t local_fault\n"
			   "ffffffff81003000 W weak_last\n"
			   "this is no symbol\n"
			   "\n"
			   "ffffffff81004000 T _etext\n"
			   "ffffffff82000000 D _sdata\n"
			   "ffffffff82000040 d init_mm\n"
			   "ffffffff82001000 B __bss_stop\n"
			   "ffffffffc0001000 t zsm_map\t[zsmalloc]\n"
			   "ffffffffc0001100 t zsm_unmap\t[zsmalloc]\n"
			   "ffffffffc0400000 t drv_open\t[virtio_net]\n"
			   "ffffffffc0800000 b zsm_count\t[zsmalloc]\n";

static int parse(struct kallsyms *k, const char *text, struct why *why)
{
	return kallsyms_read(k, fmemopen((char *)text, strlen(text), "r"), why);
}

static void assert_at(const struct kallsyms *k, uint64_t address, const char *name, uint64_t at)
{
	uint64_t offset;
	const char *found = kallsyms_find(k, address, &offset);

	assert_non_null(found);
	assert_string_equal(found, name);
	assert_int_equal(offset, at);
}

static void any_address_has_the_symbol_before_it(void **state)
{
	struct kallsyms k;
	struct why why = WHY_INIT;

	(void)state;
	assert_int_equal(parse(&k, list, &why), 0);
	assert_at(&k, 0xffffffff81001000, "handle_fault", 0);
	assert_at(&k, 0xffffffff8100103f, "handle_fault", 0x3f);
	assert_at(&k, 0xffffffff81001040, "__handle_mm_fault", 0);
	assert_at(&k, 0xffffffff82000044, "init_mm", 4);
	assert_at(&k, 0xffffffffc00010ff, "zsm_map", 0xff);
	assert_null(kallsyms_find(&k, 0xffffffff80000000, NULL));
	assert_int_equal(k.data_start, 0xffffffff82000000);
	assert_int_equal(k.data_end, 0xffffffff82001000);
	kallsyms_release(&k);
}

static void variables_are_no_functions(void **state)
{
	const struct kallsyms_symbol *s;
	struct kallsyms k;
	struct why why = WHY_INIT;

	(void)state;
	assert_int_equal(parse(&k, list, &why), 0);
	s = kallsyms_variable(&k, 0xffffffff82000048);
	assert_string_equal(s->name, "init_mm");
	s = kallsyms_variable(&k, 0xffffffffc0800008);
	assert_string_equal(s->name, "zsm_count");
	assert_null(kallsyms_variable(&k, 0xffffffff81001000)); /* code */
	assert_null(kallsyms_variable(&k, 0xffffffff82001000)); /* behind the last one */
	assert_null(kallsyms_variable(&k, 0xffff888012345678));
	kallsyms_release(&k);
}

static void functions_have_sizes_and_modules(void **state)
{
	const struct kallsyms_symbol *s;
	struct kallsyms k;
	struct why why = WHY_INIT;
	uint64_t size;

	(void)state;
	assert_int_equal(parse(&k, list, &why), 0);
	s = kallsyms_function(&k, 0xffffffff81001010, &size);
	assert_string_equal(s->name, "handle_fault");
	assert_null(s->module);
	assert_int_equal(size, 0x40);
	s = kallsyms_function(&k, 0xffffffffc0001110, &size);
	assert_string_equal(s->name, "zsm_unmap");
	assert_string_equal(s->module, "zsmalloc");
	assert_int_equal(size, 0);
	kallsyms_release(&k);
}

static void holes_and_data_are_no_functions(void **state)
{
	struct kallsyms k;
	struct why why = WHY_INIT;
	uint64_t size;

	(void)state;
	assert_int_equal(parse(&k, list, &why), 0);
	assert_non_null(kallsyms_function(&k, 0xffffffff81003fff, &size));
	assert_null(kallsyms_function(&k, 0xffffffff81004000, &size));
	assert_null(kallsyms_find(&k, 0xffffffff81005000, NULL));
	assert_null(kallsyms_function(&k, 0xffffffff82000044, &size));
	assert_null(kallsyms_function(&k, 0xffffffffc0300000, &size));
	assert_null(kallsyms_find(&k, 0xffffffffc0300000, NULL));
	kallsyms_release(&k);
}

static void hidden_addresses_are_told(void **state)
{
	struct kallsyms k;
	struct why why = WHY_INIT;

	(void)state;
	assert_int_equal(parse(&k, "0 T _text\n0 t a\n", &why), -EPERM);
	assert_non_null(strstr(why.text, "CAP_SYSLOG"));
	kallsyms_release(&k);
	assert_int_equal(parse(&k, "nothing\n", &why), -EINVAL);
	kallsyms_release(&k);
	assert_int_equal(kallsyms_open(&k, "/nowhere", &why), -ENOENT);
	kallsyms_release(&k);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(any_address_has_the_symbol_before_it),
		cmocka_unit_test(variables_are_no_functions),
		cmocka_unit_test(functions_have_sizes_and_modules),
		cmocka_unit_test(holes_and_data_are_no_functions),
		cmocka_unit_test(hidden_addresses_are_told),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
