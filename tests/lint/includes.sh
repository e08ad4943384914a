#!/usr/bin/env bash
# SPDX-License-Identifier: GPL-2.0-or-later
# The direction of dependencies (docs/design.md): who may include whom.
. "$(dirname "$0")/../lib.sh"
cd "$TOP" || exit 1

# allowed FOLDER REGEX: every project include of the folder's sources matches REGEX.
allowed() {
	local bad
	bad=$(sources "$1" | grep -E '\.[ch]$' | xargs -r grep -nE '^ *# *include "' | grep -vE "include \"($2)")
	if [ -z "$bad" ]; then ok "$1 includes only $2"; else not_ok "$1 includes only $2" "$bad"; fi
}
allowed 'common/*' 'common/|version\.h'
allowed 'pft/*' 'common/|pft/|version\.h'
allowed 'harness/*' 'common/|harness/|version\.h'
allowed 'analysis/*' 'common/|analysis/|version\.h'
allowed faultscale.c 'common/|harness/|analysis/|version\.h'

check "there are sources to look at" test "$(sources '*.c' | wc -l)" -gt 50

# Inside pft/ downwards only: workloads -> mm -> zswap, locks -> compress -> base.
allowed 'pft/base/*' 'common/|pft/base/|pft/sim/(arch|rcu)_sim\.h'
allowed 'pft/compress/*' 'common/|pft/(base|compress)/'
allowed 'pft/locks/*' 'common/|pft/(base|locks)/'
allowed 'pft/zswap/*' 'common/|pft/(base|compress|zswap)/'
allowed 'pft/mm/*' 'common/|pft/(base|compress|locks|zswap|mm)/'

# The simulator is reached through arch.h and rcu.h, and by the headers whose natives it replaces.
bad=$(sources 'pft/*.[ch]' | grep -v '^pft/sim/' | xargs grep -nE '^ *# *include "pft/sim/' | grep -vE '^pft/base/(arch|rcu)\.h:')
if [ -z "$bad" ]; then ok "nobody knows the simulator"; else not_ok "nobody knows the simulator" "$bad"; fi

# A .c file includes its own header first, so that the header is seen to stand alone.
bad=
for c in $(sources 'common/*.c' 'pft/*.c' 'harness/*.c' 'analysis/*.c'); do
	h=${c%.c}.h
	[ -e "$h" ] || continue
	first=$(grep -m1 -E '^#include' "$c")
	[ "$first" = "#include \"$h\"" ] || bad="$bad$c: $first"$'\n'
done
if [ -z "$bad" ]; then ok "own header first"; else not_ok "own header first" "$bad"; fi
finish
