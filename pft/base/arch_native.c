/* SPDX-License-Identifier: GPL-2.0-or-later */
#include "pft/base/arch_native.h"

#include <errno.h>
#include <limits.h>
#include <linux/futex.h>
#include <sys/syscall.h>
#include <time.h>
#include <unistd.h>

#include "common/say.h"

struct arch_slot arch_slots[ARCH_SLOTS];
_Thread_local unsigned arch_this_slot;
#if ARCH_TSAN
uint32_t arch_fence_word;
#endif

void arch_slot_enter(unsigned slot)
{
	if (slot >= ARCH_SLOTS)
		BUG("slot %u of %u", slot, ARCH_SLOTS);
	arch_this_slot = slot;
}

int arch_wait(uint32_t *word, uint32_t value, uint64_t timeout_ns)
{
	struct timespec timeout = {timeout_ns / 1000000000, timeout_ns % 1000000000};
	struct arch_slot *slot = &arch_slots[arch_this_slot];
	long rc;

	arch_write_once(&slot->asleep, true);
	rc = syscall(SYS_futex, word, FUTEX_WAIT_PRIVATE, value, timeout_ns ? &timeout : NULL);
	arch_write_once(&slot->asleep, false);
	return rc && errno == ETIMEDOUT ? -ETIMEDOUT : 0;
}

void arch_wake(uint32_t *word, unsigned nr)
{
	syscall(SYS_futex, word, FUTEX_WAKE_PRIVATE, nr > INT_MAX ? INT_MAX : nr);
}

unsigned arch_cpus(void)
{
	long cpus = sysconf(_SC_NPROCESSORS_ONLN);

	return cpus > 0 ? (unsigned)cpus : 1;
}

uint64_t arch_now_ns(void)
{
	struct timespec ts;

	clock_gettime(CLOCK_MONOTONIC, &ts);
	return ts.tv_sec * 1000000000ULL + ts.tv_nsec;
}
