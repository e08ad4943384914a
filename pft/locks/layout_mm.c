/* SPDX-License-Identifier: GPL-2.0-or-later */
/* layout_mm: the fields of mm_struct that the fault path and mmap_lock's users touch, per era. */
#include "pft/locks/layouts_mm.h"

/* The members of mmap_lock at @at. */
#define MMAP_LOCK(at) \
	{"mmap_lock.count", (at), 8}, {"mmap_lock.owner", (at) + 8, 8}, \
		{"mmap_lock.osq", (at) + 16, 4}, {"mmap_lock.wait_lock", (at) + 20, 4}, \
	{ \
		"mmap_lock.wait_list", (at) + 24, 16 \
	}

/* 6.1 up to mmap_lock. */
#define MM_HEAD_6_1 \
	{"mm_mt", 0, 16}, {"pgd", 72, 8}, {"mm_users", 84, 4}, {"mm_count", 88, 4}, \
		{"map_count", 104, 4}, {"page_table_lock", 108, 4}, MMAP_LOCK(112)

const struct layout_field mm_fields_6_1[] = {
	MM_HEAD_6_1,
	{"rss_stat", 720, 32},
	{0},
};

const struct layout_field mm_fields_spf[] = {
	MM_HEAD_6_1,
	{"mmap_seq", 152, 8},
	{"rss_stat", 728, 32},
	{0},
};

/* From 6.12 on, mm_count has a line of its own. */
#define MM_HEAD_6_12 \
	{"mm_count", 0, 4}, {"mm_mt", 64, 16}, {"pgd", 120, 8}, \
	{ \
		"mm_users", 132, 4 \
	}

const struct layout_field mm_fields_6_12[] = {
	MM_HEAD_6_12,	     {"map_count", 160, 4},   {"page_table_lock", 164, 4}, MMAP_LOCK(168),
	{"mmlist", 208, 16}, {"mm_lock_seq", 224, 4}, {"rss_stat", 824, 160},	   {0},
};

const struct layout_field mm_fields_6_18[] = {
	MM_HEAD_6_12,
	{"map_count", 176, 4},
	{"page_table_lock", 180, 4},
	MMAP_LOCK(184),
	{"mmlist", 224, 16},
	{"vma_writer_wait", 240, 8},
	{"mm_lock_seq", 248, 4},
	{"rss_stat", 960, 160},
	{0},
};
