#!/usr/bin/env bash
# SPDX-License-Identifier: GPL-2.0-or-later
# `make install` puts programs, man pages and configs below DESTDIR/PREFIX, and what is there works.
. "$(dirname "$0")/../lib.sh"
cd "$TOP" || exit 1
check "make install" make -s BUILD="$BUILD" DESTDIR="$TMP/root" PREFIX=/usr install
for file in bin/pft bin/faultscale share/man/man1/pft.1 share/man/man1/faultscale.1 \
	share/man/man5/faultscale-config.5 share/faultscale/configs/smoke \
	share/faultscale/configs/machines/published.tsv; do
	check "installs $file" test -s "$TMP/root/usr/$file"
done
check "the installed faultscale runs the pft beside it" "$TMP/root/usr/bin/faultscale" run \
	--config "$TMP/root/usr/share/faultscale/configs/smoke" --results "$TMP/results" --name one \
	--set PFT_ITERATIONS=1 --set PFT_MAX_CLIENTS=1 --set PFT_MAPPING_SIZE=4194304
finish
