#!/usr/bin/env bash
# SPDX-License-Identifier: GPL-2.0-or-later
# The engine's page fault: against the clear of a page and the kernel's own fault, stage by stage, and one
# worker against two on every lock design.
exec "${BUILD:?}/scripts/bench.d/mm"
