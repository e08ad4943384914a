#!/usr/bin/env bash
# SPDX-License-Identifier: GPL-2.0-or-later
# The engine's base: allocation against glibc's, RCU readers, spinlock and counters, uncontended, in ns
# of one worker. Calls included: subtract the first line for the bare cost.
exec "${BUILD:?}/scripts/bench.d/base"
