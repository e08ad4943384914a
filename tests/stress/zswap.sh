#!/usr/bin/env bash
# SPDX-License-Identifier: GPL-2.0-or-later
# zswap longer than the unit tests have it: another seed of the model each time, unless ZSWAP_SEED names one,
# and all workers at once. STRESS is how many times as long as in the units.
. "$(dirname "$0")/../lib.sh"
times=${STRESS:-1}
export ZSWAP_SEED=${ZSWAP_SEED:-$(date +%s)} ZSWAP_OPS=${ZSWAP_OPS:-$((1000000 * times))}
check "the model, ZSWAP_SEED=$ZSWAP_SEED ZSWAP_OPS=$ZSWAP_OPS" "$BUILD/tests/unit/pft_zswap_model"
check "all workers at once, $times times" "$BUILD/tests/unit/pft_zswap_workers" "$times"
finish
