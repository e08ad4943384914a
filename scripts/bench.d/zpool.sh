#!/usr/bin/env bash
# SPDX-License-Identifier: GPL-2.0-or-later
# The pools of compressed pages: ns for malloc, write, read and free of one object among 16384, by 1 and by 2
# workers, in CPU time, beside glibc's malloc(); and the bytes of their pages over the objects'.
exec "${BUILD:?}/scripts/bench.d/zpool"
