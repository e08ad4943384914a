#!/usr/bin/env bash
# SPDX-License-Identifier: GPL-2.0-or-later
# What counting costs, by source. ROUNDS (31), SIZE (64M); PROCESSES=yes for worker processes.
. "$(dirname "$0")/rounds"
mode=-t
[ "${PROCESSES:-no}" = no ] || mode=-n
one() {
	# shellcheck disable=SC2086  # a name, and an option
	"${BUILD:?}/pft" -m "${SIZE:-64M}" $mode 2 --pin compact --counters $1 --rows "$tmp/rows"
}
rounds "${ROUNDS:-31}" none null rusage schedstat software proc-vmstat "none --events page-faults" \
	"none --events default" all
