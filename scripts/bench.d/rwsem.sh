#!/usr/bin/env bash
# SPDX-License-Identifier: GPL-2.0-or-later
# Uncontended rwsem, osq and seqcount beside the fewest atomics that could do their work, in ns of one
# worker. What is above 1 is the owner word and the osq's node, which the kernel writes too.
exec "${BUILD:?}/scripts/bench.d/rwsem"
