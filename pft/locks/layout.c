/* SPDX-License-Identifier: GPL-2.0-or-later */
#include "pft/locks/layout.h"

#include "pft/base/slab.h"
#include "pft/locks/design.h"

/* One struct of a layout, for printing. */
struct shape {
	const char *type;
	const char *era;
	const char *source;
	const struct layout_field *fields;
	unsigned size;
	unsigned slab_flags;
};

unsigned layout_slab_flags(const struct vma_layout *vma)
{
	return (vma->hwcache_align ? SLAB_HWCACHE_ALIGN : 0) |
	       (vma->typesafe ? SLAB_TYPESAFE_BY_RCU : 0);
}

/* How many of a page's objects start at each byte modulo @mod. */
static void print_classes(FILE *out, const unsigned classes[ARCH_PAIR], unsigned mod)
{
	unsigned start, i, nr;

	fprintf(out, "\t/* start mod %u:", mod);
	for (start = 0; start < mod; start++) {
		for (i = start, nr = 0; i < ARCH_PAIR; i += mod)
			nr += classes[i];
		if (nr)
			fprintf(out, " %u (%u)", start, nr);
	}
	fprintf(out, " */\n");
}

static void print_hole(FILE *out, unsigned from, unsigned to, bool last)
{
	if (to > from)
		fprintf(out, "\t/* %u bytes %s */\n", to - from, last ? "to the end" : "not shown");
}

/* pahole's table, with the line and the pair of lines of each field's first byte, and of its last
 * where it crosses one. */
static void print_fields(FILE *out, const struct layout_field *fields, unsigned size)
{
	const struct layout_field *field;
	unsigned end = 0;

	fprintf(out, "\t%-24s %6s %5s %5s %5s\n", "/* field", "offset", "size", "line", "pair */");
	for (field = fields; field->name; field++) {
		unsigned last = field->offset + field->size - 1;

		print_hole(out, end, field->offset, false);
		fprintf(out, "\t%-24s %6u %5u %5u %5u", field->name, field->offset, field->size,
			field->offset / ARCH_LINE, field->offset / ARCH_PAIR);
		if (last / ARCH_LINE != field->offset / ARCH_LINE)
			fprintf(out, "  up to line %u", last / ARCH_LINE);
		fprintf(out, "\n");
		end = last + 1;
	}
	print_hole(out, end, size, true);
}

static void print_shape(FILE *out, const struct shape *shape)
{
	unsigned classes[ARCH_PAIR], per_page;

	fprintf(out, "struct %s {\t/* %s: %s */\n", shape->type, shape->era, shape->source);
	print_fields(out, shape->fields, shape->size);
	per_page = kmem_cache_page_classes(shape->size, shape->slab_flags, classes);
	fprintf(out, "\t/* size: %u, cache lines: %u, objects per page: %u%s%s */\n", shape->size,
		(shape->size + ARCH_LINE - 1) / ARCH_LINE, per_page,
		shape->slab_flags & SLAB_HWCACHE_ALIGN ? ", SLAB_HWCACHE_ALIGN" : "",
		shape->slab_flags & SLAB_TYPESAFE_BY_RCU ? ", SLAB_TYPESAFE_BY_RCU" : "");
	print_classes(out, classes, ARCH_LINE);
	print_classes(out, classes, ARCH_PAIR);
	fprintf(out, "};\n\n");
}

void layout_print(FILE *out, const struct lock_design *design)
{
	const struct vma_layout *vma = design->vma;
	const struct vma_lock_layout *lock = design->vma_lock;
	const struct mm_layout *mm = design->mm;
	struct shape shape = {"vm_area_struct", vma->name, vma->source,
			      vma->fields,	vma->size, layout_slab_flags(vma)};

	fprintf(out, "/* %s: %s */\n", design->name, design->summary);
	print_shape(out, &shape);
	if (lock) {
		shape = (struct shape){"vma_lock",   lock->name,
				       lock->source, lock->fields,
				       lock->size,   lock->hwcache_align ? SLAB_HWCACHE_ALIGN : 0};
		print_shape(out, &shape);
	}
	shape = (struct shape){"mm_struct", mm->name, mm->source,
			       mm->fields,  mm->size, SLAB_HWCACHE_ALIGN};
	print_shape(out, &shape);
}
