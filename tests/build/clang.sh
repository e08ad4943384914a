#!/usr/bin/env bash
# SPDX-License-Identifier: GPL-2.0-or-later
# The other compiler agrees: everything builds under clang with the same warnings.
. "$(dirname "$0")/../lib.sh"
cd "$TOP" || exit 1
check "clang builds all without a warning" make -s -j"$(nproc)" CC=clang BUILD="$BUILD/clang" all tests
finish
