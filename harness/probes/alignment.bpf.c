/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * alignment: where in its cache line, and in its 128-byte pair of lines, the kernel puts a VMA, a VMA's lock
 * and an mm. All are counted that a thread of the run allocates, inside its measured region or not.
 */
#include "harness/probes/task.bpf.h"

struct {
	__uint(type, BPF_MAP_TYPE_HASH);
	__uint(max_entries, 1024);
	__type(key, struct alignment_key);
	__type(value, __u64);
} objects SEC(".maps");

static const __u64 nothing;

static __always_inline bool same(const char *name, const char *wanted, __u32 size)
{
	for (__u32 i = 0; i < size; i++)
		if (name[i] != wanted[i])
			return false;
	return true;
}

#define IS(name, wanted) same(name, wanted, sizeof(wanted))

/* Not tp_btf, as elsewhere: before 6.14 that does not hand over a pointer to const void. */
SEC("raw_tp/kmem_cache_alloc")
int BPF_PROG(alignment_alloc, unsigned long call_site, const void *object, struct kmem_cache *cache)
{
	struct alignment_key key = {.phase = control.phase};
	__u64 *value;

	if (!key.phase || !object || !task_state(bpf_get_current_task_btf()))
		return 0;
	bpf_probe_read_kernel_str(key.cache, sizeof(key.cache), BPF_CORE_READ(cache, name));
	if (!IS(key.cache, "vm_area_struct") && !IS(key.cache, "vma_lock") &&
	    !IS(key.cache, "mm_struct"))
		return 0;
	key.offset = (__u64)object & 127;
	value = bpf_map_lookup_elem(&objects, &key);
	if (!value) {
		bpf_map_update_elem(&objects, &key, &nothing, BPF_NOEXIST);
		value = bpf_map_lookup_elem(&objects, &key);
	}
	if (value)
		__sync_fetch_and_add(value, 1);
	else
		lose(&control.lost_events);
	return 0;
}
