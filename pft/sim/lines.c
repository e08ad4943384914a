/* SPDX-License-Identifier: GPL-2.0-or-later */
#include "pft/sim/lines.h"

#include <string.h>
#include <sys/mman.h>

#include "common/say.h"
#include "common/xalloc.h"
#include "pft/base/compiler.h"
#include "pft/sim/arena.h"
#include "pft/sim/vcpu.h"

#define BLOCK	     64 /* lines of a block: those of a 4 KiB page */
#define BLOCK_SHIFT  12
#define ARENA_BLOCKS (ARENA_BYTES >> BLOCK_SHIFT)
#define ARENA_LINES  (ARENA_BYTES / ARCH_LINE)
#define PAIRS	     (1U << 15) /* of the program's own variables; a power of two */

_Static_assert(ARENA_LINES + 2 * PAIRS + VCPUS_MAX <= UINT32_MAX, "a number has 32 bits");

/* One of the program's own variables. */
struct pair {
	uintptr_t address;
	struct line *lines; /* two */
};

static size_t line_size;
static char **blocks; /* [ARENA_BLOCKS] */
static struct pair pairs[PAIRS];
static unsigned nr_pairs;
static struct line *stacks[VCPUS_MAX];

void lines_init(unsigned llcs)
{
	line_size = round_up_to(sizeof(struct line) + llcs * sizeof(uint32_t), (size_t)8);
	blocks = mmap(NULL, ARENA_BLOCKS * sizeof(*blocks), PROT_READ | PROT_WRITE,
		      MAP_PRIVATE | MAP_ANONYMOUS | MAP_NORESERVE, -1, 0);
	if (blocks == MAP_FAILED)
		BUG("no memory for the directory of lines");
}

static void line_init(struct line *line, uint32_t number, unsigned node)
{
	line->owner = -1;
	line->number = number;
	line->node = node;
}

static inline struct line *line_at(void *lines, unsigned i)
{
	return (struct line *)((char *)lines + i * line_size);
}

static __attribute__((noinline)) char *new_block(uint64_t block)
{
	char *lines = xcalloc(BLOCK, line_size);

	for (unsigned i = 0; i < BLOCK; i++)
		line_init(line_at(lines, i), (uint32_t)(block * BLOCK + i),
			  arena_node(block << BLOCK_SHIFT));
	blocks[block] = lines;
	return lines;
}

static struct line *line_of_stack(const struct vcpu *vcpu)
{
	struct line **line = &stacks[vcpu->number];

	if (!*line) {
		*line = xcalloc(1, line_size);
		line_init(*line, (uint32_t)(ARENA_LINES + 2 * PAIRS + vcpu->number), 0);
	}
	return *line;
}

static struct line *line_of_variable(uintptr_t address)
{
	uintptr_t base = round_down_to(address, (uintptr_t)ARCH_PAIR);
	uint32_t place = (uint32_t)(base / ARCH_PAIR * 0x9e3779b1u) % PAIRS;

	while (pairs[place].lines && pairs[place].address != base)
		place = (place + 1) % PAIRS;
	if (!pairs[place].lines) {
		struct line *lines = xcalloc(2, line_size);

		if (nr_pairs + 1 == PAIRS)
			BUG("too many lines outside of the arena");
		for (unsigned i = 0; i < 2; i++)
			line_init(line_at(lines, i), (uint32_t)(ARENA_LINES + 2 * nr_pairs + i), 0);
		nr_pairs++;
		pairs[place] = (struct pair){base, lines};
	}
	return line_at(pairs[place].lines, address / ARCH_LINE % 2);
}

struct line *line_of(const volatile void *address)
{
	uint64_t offset = arena_offset(address);
	struct vcpu *vcpu;
	char *block;

	if (likely(offset < ARENA_BYTES)) {
		block = blocks[offset >> BLOCK_SHIFT];
		if (unlikely(!block))
			block = new_block(offset >> BLOCK_SHIFT);
		return line_at(block, offset / ARCH_LINE % BLOCK);
	}
	vcpu = vcpu_of_stack((uintptr_t)address);
	return vcpu ? line_of_stack(vcpu) : line_of_variable((uintptr_t)address);
}

struct line *line_buddy(const struct line *line)
{
	if (line->number >= ARENA_LINES + 2 * PAIRS)
		return NULL;
	return (struct line *)((char *)line + (line->number % 2 ? -line_size : line_size));
}
