#!/usr/bin/env bash
# SPDX-License-Identifier: GPL-2.0-or-later
# faultscale topology draws machines, and where workers sit.
. "$(dirname "$0")/../lib.sh"

draw() { run "$FAULTSCALE" topology "$@"; }
fails() {
	local name=$1 text=$2
	shift 2
	draw "$@"
	same "$name: exit 2" 2 "$rc"
	case $err in *"$text"*) ok "$name: says why" ;; *) not_ok "$name: says why" "$err" ;; esac
}

draw --topology "pack:2 [numa(memory=4GiB)] core:3 pu:2" --pin spread --clients 7
same "a small machine with workers" "2 packages, 2 nodes, 6 cores, 12 CPUs, 8 GiB

package 0, node 0, 4 GiB
  core     0  1  2
  cpu      0  2  4
  worker   0  2  4
  cpu      1  3  5
  worker   6  .  .

package 1, node 1, 4 GiB
  core     3  4  5
  cpu      6  8 10
  worker   1  3  5
  cpu      7  9 11
  worker   .  .  ." "$out"

draw --topology "pack:1 [numa(memory=1GiB)] [numa(memory=2GiB)] core:2 pu:1" --pin compact --clients 5
same "a node without CPUs, more workers than CPUs" "1 package, 2 nodes, 2 cores, 2 CPUs, 3 GiB

package 0, node 0, 1 GiB
  core        0     1
  cpu         0     1
  worker  0-4:2   1,3

node 1, 2 GiB, without CPUs" "$out"

draw --topology "pack:4 [numa(memory=4GiB)] core:32 pu:2" --pin cores --clients 130
same "a large machine is folded" "package 0, node 0, 4 GiB
  cpus      0-62:2
  workers   0-31
  siblings  1-63:2
  workers   128-129" "$(sed -n 3,7p <<<"$out")"
for machine in "pack:2 [numa] core:14 pu:2" "pack:2 [numa] core:32 pu:2" "pack:8 [numa] core:32 pu:2" pu:1; do
	for pin in compact spread cores; do
		draw --topology "$machine" --pin $pin
		same "$machine, $pin: in 80 columns" "0 " "$rc $(awk 'length > 80' <<<"$out" | head -n 1)"
	done
done

draw
same "this machine" 0 "$rc"
same "has as many CPUs as we may use" "$(nproc)" "$(sed -n '1s/.* \([0-9]*\) CPUs\{0,1\},.*/\1/p' <<<"$out")"
if [ "$(nproc)" -gt 1 ]; then
	last=$(taskset -pc $$ | sed 's/.*[-, ]//')
	run taskset -c "$last" "$FAULTSCALE" topology
	same "cut to one CPU" "1 CPU" "$(grep -o '1 CPU' <<<"$out" | head -n 1)"
	case $out in *"not used: CPU "*) ok "the others are named" ;; *) not_ok "the others are named" "$out" ;; esac
else
	skip "cut to one CPU" "this process may use one CPU only"
fi

fails "bad topology" "not a topology, with 'x:'" --topology x:
fails "missing file" "cannot read the topology './x.xml'" --topology ./x.xml
fails "bad plan" "option --pin: no such pin plan, with 'x'" --pin x
fails "no places" "'none' leaves the places to the scheduler" --pin none
fails "no such CPU" "no such CPU here, or not one to use, with '60000'" --pin cpus:60000
fails "clients without a plan" "add --pin PLAN" --clients 3
fails "no clients" "option --clients: " --pin compact --clients 0
finish
