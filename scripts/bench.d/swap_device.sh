#!/usr/bin/env bash
# SPDX-License-Identifier: GPL-2.0-or-later
# The swap device on this file system (SWAP_BENCH_DIR, /var/tmp): us per page written in the caller, through
# the ring, and read; ratios to the write in the caller.
file=${SWAP_BENCH_DIR:-/var/tmp}/pft-swap-bench.$$
exec "${BUILD:?}/scripts/bench.d/swap_device" "$file"
