#!/usr/bin/env bash
# SPDX-License-Identifier: GPL-2.0-or-later
# The trend of history on recorded and generated noise, longer than the unit tests have it; `make stress` takes another seed
# each time unless TREND_SEED names one, `make check` always the same. The table of docs/history.md is printed as comments.
. "$(dirname "$0")/../lib.sh"
cd "$TOP" || exit 1
export TREND_SEED=${TREND_SEED:-$([ -n "${STRESS:-}" ] && date +%s || echo 1)}
trials=$((10 * ${STRESS:-1}))
run "$BUILD/tests/unit/trend_noise" $trials table
grep '^# |' <<<"$out"
same "TREND_SEED=$TREND_SEED, $trials trials a series: no more than 5 % of false alarms" "" "$(grep '^not ok' <<<"$out")"
same "exit" 0 "$rc"
finish
