/* SPDX-License-Identifier: GPL-2.0-or-later */
/* The layouts: their own consistency, the published offsets, and the running kernel's BTF. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/utsname.h>

#include <bpf/btf.h>
#include <cmocka.h>

#include "pft/base/slab.h"
#include "pft/locks/design.h"

static const struct layout_field *field_of(const struct layout_field *fields, const char *name)
{
	for (; fields->name; fields++)
		if (!strcmp(fields->name, name))
			return fields;
	return NULL;
}

static void check_order(const struct layout_field *fields, unsigned size)
{
	unsigned end = 0;

	for (; fields->name; fields++) {
		if (fields->offset < end || fields->offset % (fields->size < 8 ? fields->size : 8))
			fail_msg("%s at %u", fields->name, fields->offset);
		end = fields->offset + fields->size;
	}
	assert_true(end <= size);
}

/* The field lists are in order and without overlap, and objects end in whole words. */
static void fields_lie_in_order(void **state)
{
	(void)state;
	for (unsigned i = 0; i < nr_lock_designs; i++) {
		const struct lock_design *d = lock_designs[i];

		check_order(d->vma->fields, d->vma->size);
		check_order(d->mm->fields, d->mm->size);
		if (d->vma_lock)
			check_order(d->vma_lock->fields, d->vma_lock->size);
		assert_int_equal(d->vma->size % 8, 0);
	}
}

static void check_member(const struct layout_field *fields, const char *name, uint16_t offset)
{
	const struct layout_field *field = field_of(fields, name);

	if (offset == LAYOUT_NONE ? field != NULL : !field || field->offset != offset)
		fail_msg("%s: used at %u, listed at %d", name, offset, field ? field->offset : -1);
}

/* Where the lock of a design is listed. */
static const char *lock_field(const struct lock_design *d)
{
	if (d->vma->typesafe)
		return "vm_refcnt";
	return d->vma_lock ? "vm_lock" : "lock.count";
}

/* What the code uses is what is printed. */
static void used_offsets_are_the_listed_ones(void **state)
{
	(void)state;
	for (unsigned i = 0; i < nr_lock_designs; i++) {
		const struct lock_design *d = lock_designs[i];
		const struct vma_layout *v = d->vma;
		const struct mm_layout *m = d->mm;

		check_member(v->fields, "vm_start", v->vm_start);
		check_member(v->fields, "vm_end", v->vm_end);
		check_member(v->fields, "vm_mm", v->vm_mm);
		check_member(v->fields, "vm_page_prot", v->vm_page_prot);
		check_member(v->fields, "vm_flags", v->vm_flags);
		check_member(v->fields, "detached", v->detached);
		check_member(v->fields, "vm_lock_seq", v->vm_lock_seq);
		check_member(v->fields, lock_field(d), v->lock);
		check_member(v->fields, "anon_vma", v->anon_vma);
		check_member(v->fields, "vm_pgoff", v->vm_pgoff);
		check_member(v->fields, "vm_policy", v->vm_policy);
		check_member(v->fields, "vm_file", v->vm_file);
		check_member(m->fields, "mm_count", m->mm_count);
		check_member(m->fields, "mm_mt", m->mm_mt);
		check_member(m->fields, "pgd", m->pgd);
		check_member(m->fields, "map_count", m->map_count);
		check_member(m->fields, "page_table_lock", m->page_table_lock);
		check_member(m->fields, "mmap_lock.count", m->mmap_lock);
		check_member(m->fields, "vma_writer_wait", m->vma_writer_wait);
		check_member(m->fields, d->flags & LD_SPECULATIVE ? "mmap_seq" : "mm_lock_seq",
			     m->mm_lock_seq);
		check_member(m->fields, "rss_stat", m->rss_stat);
	}
}

/* Offsets of vm_area_struct as BTF of the releases, and the patches, have them. */
static const struct published {
	const char *design;
	unsigned size;
	struct {
		const char *name;
		unsigned offset;
	} fields[18];
} published[] = {
	{"mmap-lock",
	 152,
	 {{"vm_start", 0},
	  {"vm_end", 8},
	  {"vm_mm", 16},
	  {"vm_page_prot", 24},
	  {"vm_flags", 32},
	  {"shared", 40},
	  {"anon_vma_chain", 72},
	  {"anon_vma", 88},
	  {"vm_ops", 96},
	  {"vm_pgoff", 104},
	  {"vm_file", 112},
	  {"vm_private_data", 120},
	  {"swap_readahead_info", 128},
	  {"vm_policy", 136},
	  {"vm_userfaultfd_ctx", 144}}},
	{"vma-rwsem-embedded",
	 216,
	 {{"vm_flags", 32},
	  {"vm_lock_seq", 40},
	  {"lock.count", 48},
	  {"lock.owner", 56},
	  {"lock.osq", 64},
	  {"lock.wait_list", 72},
	  {"detached", 88},
	  {"shared", 96},
	  {"anon_vma_chain", 128},
	  {"anon_vma", 144},
	  {"vm_ops", 152},
	  {"vm_pgoff", 160},
	  {"vm_file", 168},
	  {"vm_policy", 192},
	  {"numab_state", 200},
	  {"vm_userfaultfd_ctx", 208}}},
	{"vma-rwsem-split",
	 176,
	 {{"vm_flags", 32},
	  {"detached", 40},
	  {"vm_lock_seq", 44},
	  {"vm_lock", 48},
	  {"shared", 56},
	  {"anon_vma_chain", 88},
	  {"anon_vma", 104},
	  {"vm_ops", 112},
	  {"vm_pgoff", 120},
	  {"vm_file", 128},
	  {"vm_private_data", 136},
	  {"swap_readahead_info", 144},
	  {"vm_policy", 152},
	  {"numab_state", 160},
	  {"vm_userfaultfd_ctx", 168}}},
	{"vma-rwsem-aligned",
	 256,
	 {{"detached", 40},
	  {"vm_lock_seq", 44},
	  {"vm_lock", 48},
	  {"anon_vma", 104},
	  {"vm_file", 128},
	  {"vm_policy", 152},
	  {"vm_userfaultfd_ctx", 168},
	  {"lock.count", 192},
	  {"lock.owner", 200}}},
	{"vma-refcnt",
	 192,
	 {{"vm_start", 0},
	  {"vm_mm", 16},
	  {"vm_flags", 32},
	  {"vm_lock_seq", 40},
	  {"anon_vma_chain", 48},
	  {"anon_vma", 64},
	  {"vm_ops", 72},
	  {"vm_pgoff", 80},
	  {"vm_file", 88},
	  {"vm_private_data", 96},
	  {"swap_readahead_info", 104},
	  {"vm_policy", 112},
	  {"numab_state", 120},
	  {"vm_refcnt", 128},
	  {"shared", 136},
	  {"vm_userfaultfd_ctx", 168},
	  {"pfnmap_track_ctx", 176}}},
	{"vma-refcnt-near-seq", 192, {{"vm_refcnt", 128}, {"vm_lock_seq", 132}, {"shared", 136}}},
};

static void offsets_are_the_published_ones(void **state)
{
	(void)state;
	for (size_t i = 0; i < sizeof(published) / sizeof(*published); i++) {
		const struct published *p = &published[i];
		const struct vma_layout *vma = lock_design_find(p->design)->vma;

		assert_int_equal(vma->size, p->size);
		for (unsigned j = 0; j < 18 && p->fields[j].name; j++)
			check_member(vma->fields, p->fields[j].name, p->fields[j].offset);
	}
}

static void check_mm(const char *design, unsigned count, unsigned owner, unsigned seq)
{
	const struct mm_layout *mm = lock_design_find(design)->mm;

	assert_int_equal(mm->mmap_lock, count);
	check_member(mm->fields, "mmap_lock.owner", owner);
	assert_int_equal(mm->mm_lock_seq, seq);
}

/* Which lines of mm_struct the designs read and dirty. */
static void the_mm_is_the_published_one(void **state)
{
	(void)state;
	check_mm("mmap-lock", 112, 120, LAYOUT_NONE);
	check_mm("spf", 112, 120, 152);
	check_mm("vma-rwsem-split", 168, 176, 224);
	check_mm("vma-refcnt", 184, 192, 248);
	assert_int_equal(lock_design_find("vma-refcnt")->mm->vma_writer_wait, 240);
	/* The reader's mm_lock_seq is in the line that mmap_lock's owner is stored to. */
	assert_int_equal(248 / ARCH_LINE, 192 / ARCH_LINE);
}

static void check_classes(const char *design, unsigned mod, const unsigned *starts, unsigned nr)
{
	const struct vma_layout *vma = lock_design_find(design)->vma;
	unsigned classes[ARCH_PAIR], seen = 0;

	kmem_cache_page_classes(vma->size, layout_slab_flags(vma), classes);
	for (unsigned at = 0; at < ARCH_PAIR; at++) {
		bool expected = false;

		for (unsigned i = 0; i < nr; i++)
			expected |= at % mod == starts[i];
		if (classes[at] && !expected)
			fail_msg("%s: starts at %u mod %u", design, at % mod, mod);
		seen += classes[at];
	}
	assert_true(seen > 0);
}

static void vmas_start_where_the_slab_puts_them(void **state)
{
	static const unsigned split[] = {0, 16, 32, 48}, lines[] = {0, 64}, pairs[] = {0};
	unsigned classes[ARCH_PAIR];

	(void)state;
	check_classes("vma-rwsem-split", 64, split, 4);
	check_classes("vma-rwsem-aligned", 128, pairs, 1);
	check_classes("vma-refcnt", 128, lines, 2);
	kmem_cache_page_classes(192, SLAB_HWCACHE_ALIGN, classes);
	assert_int_equal(classes[0], 11);
	assert_int_equal(classes[64], 10);
}

/* --- the running kernel --- */

/* Find the member @name of @type, also inside its unnamed structs and unions; adds to *@bits where
 * it is. Returns its type, or 0. */
static unsigned find_member(const struct btf *btf, unsigned type, const char *name, size_t len,
			    unsigned *bits)
{
	const struct btf_type *t;
	const struct btf_member *m;
	unsigned found;

	type = btf__resolve_type(btf, type);
	t = btf__type_by_id(btf, type);
	if (!t || !btf_is_composite(t))
		return 0;
	m = btf_members(t);
	for (unsigned i = 0; i < btf_vlen(t); i++) {
		const char *own = btf__name_by_offset(btf, m[i].name_off);
		unsigned at = *bits + btf_member_bit_offset(t, i);

		if (*own && strlen(own) == len && !strncmp(own, name, len)) {
			*bits = at;
			return m[i].type;
		}
		if (*own)
			continue;
		found = find_member(btf, m[i].type, name, len, &at);
		if (found) {
			*bits = at;
			return found;
		}
	}
	return 0;
}

/* Compare @field (a path with dots) with @type of the kernel. */
static void check_btf_field(const struct btf *btf, unsigned type, const struct layout_field *field)
{
	const char *name = field->name;
	unsigned bits = 0;

	for (;;) {
		size_t len = strcspn(name, ".");

		type = find_member(btf, type, name, len, &bits);
		if (!type)
			fail_msg("the kernel has no field %s", field->name);
		if (!name[len])
			break;
		name += len + 1;
	}
	if (bits / 8 != field->offset || btf__resolve_size(btf, type) != field->size)
		fail_msg("%s: kernel %u (%lld bytes), layout %u (%u bytes)", field->name, bits / 8,
			 (long long)btf__resolve_size(btf, type), field->offset, field->size);
}

static void check_btf(const struct btf *btf, const char *name, const struct layout_field *fields,
		      unsigned size)
{
	int type = btf__find_by_name_kind(btf, name, BTF_KIND_STRUCT);

	assert_true(type > 0);
	assert_int_equal(btf__resolve_size(btf, type), size);
	for (; fields->name; fields++)
		check_btf_field(btf, type, fields);
}

/* The design whose layouts the running kernel should have. */
static const struct lock_design *design_of_release(const char *release)
{
	static const struct {
		const char *release, *design;
	} known[] = {{"6.1.", "mmap-lock"}, {"6.12.", "vma-rwsem-split"}, {"6.18.", "vma-refcnt"}};

	for (size_t i = 0; i < sizeof(known) / sizeof(*known); i++)
		if (!strncmp(release, known[i].release, strlen(known[i].release)))
			return lock_design_find(known[i].design);
	return NULL;
}

static void the_running_kernel_agrees(void **state)
{
	const struct lock_design *design;
	struct utsname uts;
	struct btf *btf;

	(void)state;
	assert_int_equal(uname(&uts), 0);
	design = design_of_release(uts.release);
	btf = btf__load_vmlinux_btf();
	if (!btf || !design) {
		print_message("kernel %s %s\n", uts.release,
			      btf ? "is none of 6.1, 6.12, 6.18" : "shows no BTF");
		btf__free(btf);
		skip();
	}
	check_btf(btf, "vm_area_struct", design->vma->fields, design->vma->size);
	check_btf(btf, "mm_struct", design->mm->fields, design->mm->size);
	if (design->vma_lock)
		check_btf(btf, "vma_lock", design->vma_lock->fields, design->vma_lock->size);
	btf__free(btf);
}

/* --- printing --- */

static void printed(const char *design, const char *const *lines)
{
	char *text;
	size_t size;
	FILE *out = open_memstream(&text, &size);

	layout_print(out, lock_design_find(design));
	fclose(out);
	for (; *lines; lines++)
		if (!strstr(text, *lines))
			fail_msg("%s: not '%s' in\n%s", design, *lines, text);
	free(text);
}

static void the_print_shows_lines_pairs_and_classes(void **state)
{
	static const char *const refcnt[] = {
		"struct vm_area_struct {\t/* 6.18: BTF of 6.18.44 */",
		"vm_lock_seq                  40     4     0     0\n\t/* 4 bytes not shown */",
		"vm_refcnt                   128     4     2     1\n",
		"\t/* 8 bytes to the end */",
		"objects per page: 21, SLAB_HWCACHE_ALIGN, SLAB_TYPESAFE_BY_RCU */",
		"/* start mod 64: 0 (21) */",
		"/* start mod 128: 0 (11) 64 (10) */",
		"mmap_lock.owner             192     8     3     1\n",
		"mm_lock_seq                 248     4     3     1\n",
		NULL,
	};
	static const char *const split[] = {
		"shared                       56    32     0     0  up to line 1\n",
		"struct vma_lock {\t/* 6.12:",
		"objects per page: 102 */",
		NULL,
	};

	(void)state;
	printed("vma-refcnt", refcnt);
	printed("vma-rwsem-split", split);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(fields_lie_in_order),
		cmocka_unit_test(used_offsets_are_the_listed_ones),
		cmocka_unit_test(offsets_are_the_published_ones),
		cmocka_unit_test(the_mm_is_the_published_one),
		cmocka_unit_test(vmas_start_where_the_slab_puts_them),
		cmocka_unit_test(the_running_kernel_agrees),
		cmocka_unit_test(the_print_shows_lines_pairs_and_classes),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
