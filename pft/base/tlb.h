/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * tlb: what it costs to take a translation away from other CPUs. The engine has no TLB of its own
 * to flush, but a writer must pay what it pays in the kernel: interrupt every CPU that runs the
 * process and wait until all have answered.
 *
 * Natively that is membarrier(2), MEMBARRIER_CMD_PRIVATE_EXPEDITED: it sends one IPI to each CPU
 * that runs a thread of this process now and waits for all of them, on every architecture, as
 * flush_tlb_mm_range() does; without the cost of page tables of the process' own. An mprotect() of
 * a real page does the same but takes the process' own mmap_lock, which other workers' arenas and
 * threads stand on, and splits VMAs. liburcu's updaters use the same command.
 */
#ifndef PFT_BASE_TLB_H
#define PFT_BASE_TLB_H

/* Flush the TLBs of @cpus other workers: interrupt them and wait. */
void tlb_shootdown(unsigned cpus);

#endif
