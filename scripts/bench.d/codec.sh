#!/usr/bin/env bash
# SPDX-License-Identifier: GPL-2.0-or-later
# The codecs alone, on pages made for some ratios and on those of a program file (or of $BENCH_CONTENT): ns of
# CPU time to compress and to restore a page, and the ratio; then what making and verifying a page costs,
# and finding out which is next.
exec "${BUILD:?}/scripts/bench.d/codec" ${BENCH_CONTENT:+"$BENCH_CONTENT"}
