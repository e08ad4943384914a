/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * Per vendor: Intel names a line that another core had modified (HITM; from Sapphire Rapids on
 * XSNP_FWD counts it). AMD has no such count: fills that came out of another cache are the nearest;
 * Zen 4 calls them otherwise than Zen 3. ARM counts accesses that left the socket and no snoops.
 * perf's generic ones are for processors that libpfm4 does not know.
 */
#include "pft/counters/default_events.h"

#define FILLS "ANY_DATA_CACHE_FILLS_FROM_SYSTEM"
#define WALKS \
	"L1_DTLB_MISS:TLB_RELOAD_4K_L2_MISS:TLB_RELOAD_COALESCED_PAGE_MISS:TLB_RELOAD_2M_L2_MISS:" \
	"TLB_RELOAD_1G_L2_MISS"

/* clang-format off */
const struct default_event default_events[] = {
	{"cycles:k", 1, {"cycles:k"}},
	{"instructions:k", 1, {"instructions:k"}},
	{"cycles:u", 2, {"cycles:u"}},
	{"instructions:u", 2, {"instructions:u"}},
	{"cache-references", 3, {"cache-references"}},
	{"cache-misses", 3, {"cache-misses"}},
	{"llc-misses", 0, {"MEM_LOAD_RETIRED:L3_MISS", FILLS ":MEM_IO_LCL:MEM_IO_RMT",
		FILLS ":DRAM_IO_NEAR:DRAM_IO_FAR", "LL_CACHE_MISS_RD", "LLC-load-misses"}},
	{"remote-dram", 0, {"MEM_LOAD_L3_MISS_RETIRED:REMOTE_DRAM", FILLS ":MEM_IO_RMT",
		FILLS ":DRAM_IO_FAR", "REMOTE_ACCESS", "node-load-misses"}},
	{"hitm", 0, {"MEM_LOAD_L3_HIT_RETIRED:XSNP_HITM", "MEM_LOAD_L3_HIT_RETIRED:XSNP_FWD",
		FILLS ":EXT_CACHE_LCL:EXT_CACHE_RMT",
		FILLS ":NEAR_CACHE_NEAR_FAR:FAR_CACHE_NEAR_FAR"}},
	{"remote-hitm", 0, {"MEM_LOAD_L3_MISS_RETIRED:REMOTE_HITM", FILLS ":EXT_CACHE_RMT",
		FILLS ":FAR_CACHE_NEAR_FAR"}},
	{"store-hitm", 0, {"OCR:DEMAND_RFO_L3_HIT_SNOOP_HITM",
		"OFFCORE_RESPONSE_0:DMND_RFO:L3_HIT:SNP_HITM"}},
	{"dtlb-misses", 0, {"dTLB-load-misses", "L1D_TLB_REFILL"}},
	{"page-walks", 0, {"DTLB_LOAD_MISSES:WALK_COMPLETED", WALKS, "DTLB_WALK"}},
};
/* clang-format on */
const unsigned nr_default_events = sizeof(default_events) / sizeof(default_events[0]);
