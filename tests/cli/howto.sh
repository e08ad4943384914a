#!/usr/bin/env bash
# SPDX-License-Identifier: GPL-2.0-or-later
# docs/howto/ci.md: its bisect script finds the commit that made pft slower, its jobs name only what there is.
. "$(dirname "$0")/../lib.sh"
DOC=$TOP/docs/howto/ci.md

# Seven commits of a pft: the third does not build, the fifth is slower.
export GOOD=$TMP/good GIT_CONFIG_GLOBAL=/dev/null GIT_CONFIG_SYSTEM=/dev/null
mkdir -p "$GOOD" "$TMP/tree"
awk '/^```sh/ {text = ""; take = 1; next} /^```/ {if (take && text ~ /^#!/) printf "%s", text; take = 0} take {text = text $0 "\n"}' "$DOC" >"$GOOD/bisect"
chmod +x "$GOOD/bisect"
check "the script is a script" sh -n "$GOOD/bisect"
fake() { printf '#!/bin/bash\nFAKE_PERCENT=%s FAKE_NOISE=1 exec %s "$@"\n' "$1" "$TOP/tests/fake/pft"; }
cp "$FAULTSCALE" "$GOOD/faultscale"
printf 'export PFT_MAPPING_SIZE=1M\nexport PFT_CLIENTS="1"\n' >"$GOOD/ab.config"
fake 100 >"$GOOD/pft" && chmod +x "$GOOD/pft"
cd "$TMP/tree" || exit 1
git init -q . && git config user.name t && git config user.email t@localhost
printf 'build/pft: FORCE\n\tmkdir -p build; cp pft $@; chmod +x $@; test ! -e broken\nFORCE:\n' >Makefile
echo build >.gitignore
for i in 1 2 3 4 5 6 7; do
	fake $((i < 5 ? 100 : 80)) >pft
	echo "$i" >number
	rm -f broken
	[ $i != 3 ] || touch broken
	git add -A && git commit -q -m "commit $i"
	[ $i != 3 ] || broken=$(git rev-parse HEAD)
done
git bisect start HEAD HEAD~6 >/dev/null
run git bisect run "$GOOD/bisect"
check "git bisect run finds the commit" grep -q 'is the first bad commit' <<<"$out"
same "which is the fifth" "commit 5" "$(git log -1 --format=%s refs/bisect/bad)"
git checkout -q --detach "$broken"
run "$GOOD/bisect"
same "a commit that does not build is skipped" 125 "$rc"
printf '#!/bin/sh\nexit 11\n' >"$GOOD/faultscale"
rm -f broken
run "$GOOD/bisect"
same "so is one about which nothing can be told" 125 "$rc"

# Every format, option and make target that the page uses is there.
missing=
for format in $(grep -oE -- '--format [a-z-]+' "$DOC" | awk '{print $2}' | sort -u); do
	grep -q "^$format " <<<"$("$FAULTSCALE" export --list)" || missing="$missing $format"
done
same "formats" "" "$missing"
for option in $(grep -oE '(^| )--[a-z]+(-[a-z]+)*' "$DOC" | sort -u); do
	case $option in --adapter | --file | --global | --add | --short) continue ;; esac
	{ for c in ab run export gate history guest; do "$FAULTSCALE" $c --help; done; } | grep -qE -- "$option([^a-z-]|$)" || missing="$missing $option"
done
same "options" "" "$missing"
for target in $(grep -oE '^ *(- )?make (-C base )?[a-z-]+$' "$DOC" | awk '{print $NF}' | sort -u); do
	grep -q "^$target:" "$TOP/Makefile" || missing="$missing $target"
done
same "make targets" "" "$missing"
finish
