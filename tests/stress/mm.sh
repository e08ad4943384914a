#!/usr/bin/env bash
# SPDX-License-Identifier: GPL-2.0-or-later
# The engine's mm under workers that map, unmap, protect, drop, fork and fault, ten times as long as the unit
# test, ending in mm_check(), on every lock design.
exec "${BUILD:-build}/tests/unit/pft_mm_workers" 10
