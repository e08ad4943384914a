/* SPDX-License-Identifier: GPL-2.0-or-later */
#include "analysis/hash.h"

uint64_t hash_add(uint64_t hash, const char *data, size_t len)
{
	for (size_t i = 0; i < len; i++)
		hash = (hash ^ (unsigned char)data[i]) * 0x100000001b3;
	return hash;
}
