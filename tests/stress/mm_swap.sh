#!/usr/bin/env bash
# SPDX-License-Identifier: GPL-2.0-or-later
# Workers that map, unmap, protect, drop, fork and fault on an mm whose group has a limit, while one more worker
# reclaims, ten times as long as the unit test, on every lock design.
exec "${BUILD:-build}/tests/unit/pft_mm_swap_workers" 10
