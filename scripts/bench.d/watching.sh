#!/usr/bin/env bash
# SPDX-License-Identifier: GPL-2.0-or-later
# watching [KIND...]: what it costs to look on: the probes of `faultscale run --explain`, each and all that are attached
# by default and those by request, and the samples of `run --sample`. ROUNDS (10), SIZE (256M).
. "$(dirname "$0")/rounds"
cd "$(dirname "$0")/../.."
cat >"$tmp/config" <<END
export PFT_MAPPING_SIZE=${SIZE:-256M}
export PFT_CLIENTS=2
export PFT_ITERATIONS=1
export PFT_PREFAULT=yes
END
# Rows of sampled steps are not kept: this stands for pft, and leaves those of its last run.
cat >"$tmp/pft" <<END
#!/bin/sh
"${BUILD:?}/pft" "\$@" --rows "$tmp/rows" || exit
[ ! -e "$tmp/rows" ] || cat "$tmp/rows" >&3
END
chmod 755 "$tmp/pft"
run=0
# What counts is the second step in any case: memory is warmer then.
one() {
	local how
	case $1 in
	none) how='--set PFT_ITERATIONS=2' ;;
	sample\ *) how="--sample ${1#sample }" ;;
	*) how="--explain=$1" ;;
	esac
	run=$((run + 1))
	# shellcheck disable=SC2086  # two words, or one
	"$BUILD/faultscale" run --config "$tmp/config" --results "$tmp" --name $run --pft "$tmp/pft" $how
}
[ $# -gt 0 ] || set -- offcpu contention mmap_lock alignment offcpu,contention,mmap_lock,alignment latency \
	"sample cpu-clock" "sample page-faults"
rounds "${ROUNDS:-10}" none "$@"
