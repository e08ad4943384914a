#!/usr/bin/env bash
# SPDX-License-Identifier: GPL-2.0-or-later
# The verdicts of ab on recorded and generated noise, longer than the unit tests have it. `make stress` takes another
# seed each time unless VERDICT_SEED names one, `make check` always the same. The table of docs/verdict.md is printed as comments.
. "$(dirname "$0")/../lib.sh"
cd "$TOP" || exit 1
export VERDICT_SEED=${VERDICT_SEED:-$([ -n "${STRESS:-}" ] && date +%s || echo 1)}
trials=$((2000 * ${STRESS:-1}))
run "$BUILD/tests/unit/verdict_noise" $trials table
grep '^# |' <<<"$out"
same "VERDICT_SEED=$VERDICT_SEED, $trials trials a series: no more than 5 % of false alarms" "" "$(grep '^not ok' <<<"$out")"
same "exit, ${err:-nothing on stderr}" 0 "$rc"
finish
