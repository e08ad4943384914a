#!/usr/bin/env bash
# SPDX-License-Identifier: GPL-2.0-or-later
# arch.h is the engine's only door to shared memory, waiting and time: nothing else in it may use a lock of
# pthread, an atomic of the compiler or of C11, a futex or a clock, as a simulated machine could not see it.
# The files named *_native are behind the door.
. "$(dirname "$0")/../lib.sh"
cd "$TOP" || exit 1
mapfile -t engine < <(sources 'pft/base/*.[ch]' 'pft/locks/*.[ch]' 'pft/mm/*.[ch]' 'pft/compress/*.[ch]' 'pft/zswap/*.[ch]' |
	grep -vE '_native\.[ch]$')

check "there is an engine to look at" test "${#engine[@]}" -gt 30
# never NAME REGEX
never() {
	local bad
	bad=$(grep -nE "$2" "${engine[@]}" | grep -vE '^[^:]+:[0-9]+:[[:blank:]]*(/?\*|//)')
	if [ -z "$bad" ]; then ok "no $1"; else not_ok "no $1" "$bad"; fi
}
never "lock, thread or wait of pthread or C11" '#include <(pthread|threads|semaphore)\.h>|pthread_(mutex|rwlock|spin|cond|barrier|create|once)|\b(mtx_(init|lock)|cnd_|sem_(init|wait|post))'
never "atomic but arch.h's" '#include <stdatomic\.h>|\b_Atomic\b|__atomic_|__sync_|\batomic_(load|store|fetch|compare)'
never "futex" '<linux/futex\.h>|SYS_futex|FUTEX_'
never "clock" '<time\.h>|clock_gettime|gettimeofday|__rdtsc|\bnow_ns\('
never "sleep or yield" '\b(usleep|nanosleep|sleep|sched_yield)\('
never "assembly that reads or writes shared memory by lock prefix" 'lock(;| )[[:alnum:]]*(cmpxchg|xadd|xchg|inc|dec)'
finish
