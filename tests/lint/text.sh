#!/usr/bin/env bash
# SPDX-License-Identifier: GPL-2.0-or-later
# What must not stand in a source: banned calls, dead code, unowned promises, foreign paths; and what must.
. "$(dirname "$0")/../lib.sh"
cd "$TOP" || exit 1

# never NAME REGEX FILES...: no line of the files matches
never() {
	local bad
	bad=$(grep -nE "$2" "${@:3}")
	if [ -z "$bad" ]; then ok "no $1"; else not_ok "no $1" "$bad"; fi
}
mapfile -t code < <(sources '*.c' '*.h')
mapfile -t scripts < <(sources 'scripts/*' 'tests/*.sh' tests/run tests/guest/init .ci/run | xargs grep -lE '^#!.*sh')
mapfile -t all < <(sources '*' | grep -vE '^(COPYING|tests/lint/text.sh|tests/(golden|fuzz)/.*)$')

never "banned calls" '(^|[^a-z_.>"])(strcpy|strcat|sprintf|vsprintf|strtok|gets|atoi|atol|atoll|atof|alloca|tmpnam|mktemp|signal)\(' "${code[@]}"
never "line comments or code switched off" '^\s*//|#\s*if 0' "${code[@]}"
never "promises" '\b(T[O]DO|F[I]XME|X[X]X)\b' "${code[@]}" "${scripts[@]}" Makefile
never "typedef for structs" 'typedef\s+(struct|union|enum)\s+\w*\s*(\{|\w+;)' "${code[@]}"
never "blanks at line ends" '[[:blank:]]$' "${code[@]}" "${scripts[@]}" Makefile
never "paths of one machine" '(/w[o]rk/|/f[a]rm/|\.\./sh[a]red|/home/[a-z])' "${all[@]}"
never "shells started by the programs" '\b(system|popen)\(' "${code[@]}"

# Library code returns 0 or -errno and prints nothing; the programs' mains and cmd_*.c speak.
bad=$(sources 'common/*.c' 'pft/*.c' 'harness/*.c' 'analysis/*.c' |
	grep -vE '(^|/)(main|cmd_[a-z]+|say|options|progress)\.c$' |
	xargs grep -nE '[^a-z_](printf|puts|putchar|perror|exit|die|warn)\(' | grep -vE 'common/xalloc\.c|"out of memory"')
if [ -z "$bad" ]; then ok "library code prints nothing and never exits"; else not_ok "library code prints nothing and never exits" "$bad"; fi

bad=$(for f in "${code[@]}"; do head -n 1 "$f" | grep -q 'SPDX-License-Identifier: GPL-2.0-or-later' || echo "$f"; done
	for f in "${scripts[@]}"; do head -n 3 "$f" | grep -q 'SPDX-License-Identifier: GPL-2.0-or-later' || echo "$f"; done)
if [ -z "$bad" ]; then ok "SPDX line in every source"; else not_ok "SPDX line in every source" "$bad"; fi

bad=$(grep -vE '^(#|$)' packages.txt | grep -vE '^[a-z0-9.+-]+[[:blank:]]+(run|check|guest(-full)?|arm64)$')
if [ -z "$bad" ]; then ok "packages.txt is well formed"; else not_ok "packages.txt is well formed" "$bad"; fi

shellchecks() { printf '%s\0' "${scripts[@]}" | xargs -0 -n 6 -P "$(nproc)" shellcheck -x -P SCRIPTDIR -S warning; }
check "shell scripts pass shellcheck" shellchecks
finish
