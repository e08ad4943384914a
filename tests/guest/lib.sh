# SPDX-License-Identifier: GPL-2.0-or-later
# shellcheck shell=bash
# Sourced by tests/guest/*.sh: boots a Debian kernel in an emulated machine of any shape, runs a script
# in it, and leaves what its jobs said in files. The emulator translates code (no KVM is needed), so times
# mean nothing there; CPUs, nodes and pages are real to the kernel. A guest takes about 5 seconds.
#
#	guest_or_skip NAME [PURPOSE]		# everything is there, or the test is skipped with the reason
#	guest_start DIR "$KERNEL" "0-1:512M 2-3:512M" "boot options" <<'END'
#	pft_job two -m 4M -t 2 --pin spread
#	END
#	guest_wait DIR				# of all guests that were started, side by side
#	row DIR/two faults			# and said DIR/two out, err, rc
#
# The script is run by /init (tests/guest/init) with busybox' shell; pft, faultscale and /configs are there, and of
# kernels of purpose guest-full the modules that scripts/kernels kept.
. "$(dirname "${BASH_SOURCE[0]}")/../lib.sh"
CACHE=${CACHE:-$TOP/build/guest}
export CACHE
GUEST_TIMEOUT=${GUEST_TIMEOUT:-120}

# guest_or_skip NAME [PURPOSE]: set KERNELS to those of that purpose (guest), and KERNEL to the first, the one of
# this Debian; fetch what is missing. Without emulator or kernel skip the test NAME and end.
guest_or_skip() {
	local tool why name purpose=${2:-guest}
	[ "$(uname -m)" = x86_64 ] || { skip "$1" "the guest runs programs of an x86_64 machine"; finish; }
	for tool in qemu-system-x86_64 busybox cpio numactl; do
		command -v $tool >/dev/null || { skip "$1" "no $tool here; make deps"; finish; }
	done
	why=$("$TOP/scripts/kernels" "$purpose" 2>&1) || true
	KERNELS=()
	for name in $(awk -v p="$purpose" '!/^#/ && $2 == p {print $1}' "$TOP/packages.txt"); do
		[ -s "$CACHE/$name/vmlinuz" ] && KERNELS+=("$CACHE/$name")
	done
	[ ${#KERNELS[@]} -gt 0 ] || { skip "$1" "${why:-no kernel}"; finish; }
	[ -z "$why" ] || skip "$1, on every kernel" "$why"
	KERNEL=${KERNELS[0]}
}

# image KERNEL: what to boot: of a kernel that need not unpack itself, if it is there
image() { [ -s "$1/vmlinux" ] && echo "$1/vmlinux" || echo "$1/vmlinuz"; }

# What takes the emulator time and has nothing to do with a test: self-tests of the kernel, timing its CPUs' loops.
# A task that hangs is to say so before the emulator is stopped.
QUICK="cryptomgr.notests initcall_blacklist=jent_mod_init lpj=10000000 sysctl.kernel.hung_task_timeout_secs=30"

# guest_programs FOLDER PROGRAM...: copy them to FOLDER/bin and the libraries that they load
guest_programs() {
	local root=$1 file
	shift
	cp "$@" "$root/bin"
	(cd "$root/bin" && strip -g -- "${@##*/}")
	for file in $(ldd "$@" | sed -n 's/.* => \(\/[^ ]*\) .*/\1/p; s/^[[:blank:]]\+\(\/[^ ]*\) .*/\1/p' | sort -u); do
		[ -e "$root$file" ] && continue
		mkdir -p "$root$(dirname "$file")"
		cp -L "$file" "$root$file"
	done
}

# guest_initramfs FILE SCRIPT KERNEL
guest_initramfs() {
	local root=$TMP/initramfs
	if [ ! -d "$root" ]; then
		mkdir -p "$root/bin" "$root/etc"
		cp "$TOP/tests/guest/init" "$root/init"
		chmod 755 "$root/init"
		cp -r "$TOP/configs" "$root/configs"
		printf '%s\n' 'root:x:0:0::/:/bin/sh' 'user:x:1000:1000::/:/bin/sh' >"$root/etc/passwd"
		cp "$(command -v busybox)" "$root/bin"
		guest_programs "$root" "$PFT" "$FAULTSCALE" "$(command -v numactl)"
	fi
	cp "$2" "$root/script"
	(cd "$root" && find . | LC_ALL=C sort | cpio -o -H newc -R 0:0 --quiet) >"$1"
	[ ! -d "$3/lib" ] || (cd "$3" && find lib | LC_ALL=C sort | cpio -o -H newc -R 0:0 --quiet) >>"$1"
}

# guest_nodes "CPUS:SIZE ...": the emulator's options for these nodes; '-' for no CPUs, 0 for no memory
guest_nodes() {
	local node id=0
	for node in $1; do
		local cpus=${node%:*} size=${node#*:} options=nodeid=$id
		[ "$cpus" = - ] || options=$options,cpus=$cpus
		if [ "$size" != 0 ]; then
			options=$options,memdev=m$id
			echo "-object memory-backend-ram,id=m$id,size=$size"
		fi
		echo "-numa node,$options"
		id=$((id + 1))
	done
}

# guest_emulate DIR KERNEL NODES BOOT-OPTIONS QEMU-OPTIONS: until the guest powers off
guest_emulate() {
	local dir=$1 kernel=$2 nodes=$3 append=$4 more=$5 cpus packages memory rc _
	cpus=$(($(tr ' ' '\n' <<<"$nodes" | sed 's/:.*//; s/.*-//' | sort -n | tail -n 1) + 1))
	packages=$(tr ' ' '\n' <<<"$nodes" | grep -vc '^-:')
	[ $((cpus % packages)) = 0 ] || packages=$cpus
	case $more in *-smp*) ;; *) more="$more -smp $cpus,sockets=$packages,cores=$((cpus / packages)),threads=1" ;; esac
	memory=$(tr ' ' '\n' <<<"$nodes" | awk -F : '{sum += $2} END {print sum}')
	# Once in some dozens of boots an emulated kernel hangs while its CPUs go and come: it gets a second chance, and
	# what it said last is kept in $CACHE/hung.DIR.
	for _ in 1 2; do
		rc=0
		# shellcheck disable=SC2046,SC2086  # lists of words
		timeout -k 5 "$GUEST_TIMEOUT" qemu-system-x86_64 -M pc -cpu max -accel tcg -nodefaults -no-user-config \
			-no-reboot -display none -m "${memory}M" $(guest_nodes "$nodes") $more -kernel "$(image "$kernel")" \
			-initrd "$dir/initramfs" -append "console=ttyS0 panic=-1 quiet mitigations=off $QUICK $append" \
			-serial "file:$dir/console" -serial "file:$dir/tar" >"$dir/qemu" 2>&1 </dev/null || rc=$?
		[ $rc = 124 ] || break
		cp "$dir/console" "$CACHE/hung.${dir##*/}"
	done
	echo "exit $rc" >>"$dir/qemu"
}

# guest_start DIR KERNEL NODES [BOOT-OPTIONS [QEMU-OPTIONS]] <SCRIPT: in the background. A package for each node
# that has CPUs, or for each CPU if the nodes differ, unless QEMU-OPTIONS hold an -smp.
guest_start() {
	local dir=$TMP/$1
	mkdir -p "$dir"
	cat >"$dir/script"
	guest_initramfs "$dir/initramfs" "$dir/script" "$2"
	guest_emulate "$dir" "$2" "$3" "${4:-}" "${5:-}" &
}

# guest_wait DIR...: wait for all guests and leave $TMP/DIR/JOB/{out,err,rc,...}; the console is $TMP/DIR/console
guest_wait() {
	local dir
	wait
	for dir; do
		tar -x -i -f "$TMP/$dir/tar" -C "$TMP/$dir" 2>>"$TMP/$dir/qemu"
		rm -f "$TMP/$dir/initramfs"
		if [ -e "$TMP/$dir/end/rc" ]; then ok "$dir: the guest ran to its end"; else
			not_ok "$dir: the guest ran to its end" "$(tail -n 6 "$TMP/$dir/qemu"; tail -n 12 "$TMP/$dir/console")"
		fi
	done
}

# said DIR/JOB FILE: what the job left in its file, such as rc, out or err
said() { cat "$TMP/$1/$2" 2>&1; }
# row DIR/JOB METRIC [THREAD]: value, and the status if it is not ok
row() {
	awk -F '\t' -v m="$2" -v t="${3:-all}" '$1 == m && $2 == t {print $4 ($5 == "ok" ? "" : " " $5)}' "$TMP/$1/rows" 2>&1
}
# by_worker DIR/JOB METRIC: the values of all workers, in their order
by_worker() {
	awk -F '\t' -v m="$2" '$1 == m && $2 != "all" {print $2, $4}' "$TMP/$1/rows" 2>&1 | sort -n | cut -d ' ' -f 2 | xargs
}
# refused NAME DIR/JOB TEXT: exit 2, and standard error holds TEXT
refused() {
	same "$1: refused" 2 "$(said "$2" rc)"
	case $(said "$2" err) in *"$3"*) ok "$1: says why" ;; *) not_ok "$1: says why" "$(said "$2" err)" ;; esac
}
