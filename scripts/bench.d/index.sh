#!/usr/bin/env bash
# SPDX-License-Identifier: GPL-2.0-or-later
# The VMA index: a look-up of a random mapped address beside a binary search in a sorted array of the
# same ranges (which no writer could change under a reader), and a split and merge, in ns of one worker.
exec "${BUILD:?}/scripts/bench.d/index"
