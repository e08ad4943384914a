#!/usr/bin/env bash
# SPDX-License-Identifier: GPL-2.0-or-later
# The lock designs, uncontended, in ns of one worker: read lock and unlock beside the least that could do it,
# written by hand; and a whole lock_fault_begin() and _end() whose lookup costs nothing.
exec "${BUILD:?}/scripts/bench.d/locks"
