#!/usr/bin/env bash
# SPDX-License-Identifier: GPL-2.0-or-later
# What takes a machine of one's own to try: hugetlb pages, transparent huge pages switched as one likes, an
# ordinary user, a kernel that no host takes free pages from.
. "$(dirname "$0")/lib.sh"
guest_or_skip "memory"

guest_start memory "$KERNEL" "0-1:512M 2-3:512M" <<'END'
thp() { echo $1 >/sys/kernel/mm/transparent_hugepage/enabled; }
job no-hugetlb pft -m 2M -t 1 --workload hugetlb
echo 64 >/proc/sys/vm/nr_hugepages
cat /proc/sys/vm/nr_hugepages >/tmp/reserved
job reserved cat /tmp/reserved
pft_job hugetlb-t1 -m 16M -t 1 --workload hugetlb
pft_job hugetlb-t2 -m 16M -t 2 --workload hugetlb --pin spread
pft_job hugetlb-n2 -m 16M -n 2 --workload hugetlb --pin spread
pft_job hugetlb-remote -m 16M -t 2 --workload hugetlb --pin spread --mem remote
pft_job hugetlb-odd -m 3M -t 2 --workload hugetlb --warmup 1
job hugetlb-many pft -m 256M -t 2 --workload hugetlb
job hugetlb-left grep HugePages_Free /proc/meminfo
echo 0 >/proc/sys/vm/nr_hugepages
for thp in always madvise; do
	thp $thp
	pft_job thp-$thp -m 16M -t 2 --workload thp --pin spread
	pft_job anon-$thp -m 16M -t 2
	pft_job anon-$thp-transhuge -m 16M -t 2 --pagesize transhuge
	pft_job anon-$thp-default -m 16M -t 2 --pagesize default
done
thp never
job thp-never pft -m 16M -t 2 --workload thp
job list-never pft --list workloads
pft_job anon-never-default -m 16M -t 1 --pagesize default

as_user() { su -s /bin/sh user -c "$1"; }
job user as_user 'id -u; pft --rows rows -m 8M -t 4 --pin spread --mem remote'
job user-n as_user 'pft --rows rows -m 8M -n 2 --pin cpus:1,3 --mem bind:0'
job user-fifo as_user 'pft --rows rows -m 8M -t 2 -f'
job user-mlock as_user 'ulimit -l 64; pft --rows rows -m 8M -t 2 -l'
pft_job root -m 8M -t 4 -f -l
END
guest_wait memory

# faults JOB: exit code, planned faults, faults and their size
faults() { echo "$(said "memory/$1" rc): $(row "memory/$1" planned_faults) $(row "memory/$1" faults) $(row "memory/$1" fault_size)"; }
# between NAME LOW HIGH VALUE
between() { check "$1: $4" test "${4:-0}" -ge "$2" -a "${4:-0}" -le "$3"; }

refused "hugetlb without a page" memory/no-hugetlb "no hugetlb page is free; reserve some: sysctl vm.nr_hugepages=N"
same "64 hugetlb pages are reserved" 64 "$(said memory/reserved out)"
for job in t1 t2 n2 remote; do
	same "hugetlb, $job: a fault for each huge page" "0: 8 8 2097152" "$(faults hugetlb-$job)"
done
same "hugetlb: local" "100 100 100" "$(for job in t1 t2 n2; do row memory/hugetlb-$job local_pages; done | xargs)"
same "hugetlb --mem remote" 0 "$(row memory/hugetlb-remote local_pages)"
same "hugetlb: a page for each worker at least" "0: 2 2 2097152" "$(faults hugetlb-odd)"
same "hugetlb: more than there are fail" "1 pft: 128 hugetlb pages wanted, 64 are free; sysctl vm.nr_hugepages=N" \
	"$(said memory/hugetlb-many rc) $(said memory/hugetlb-many err)"
same "hugetlb: all are given back" "64" "$(said memory/hugetlb-left out | grep -o '[0-9]*$')"

for thp in always madvise; do
	same "THP $thp: thp makes a fault for each huge page" "0: 8 8 2097152" "$(faults thp-$thp)"
	same "THP $thp: and local ones" 100 "$(row memory/thp-$thp local_pages)"
	same "THP $thp: anon stays with base pages" "0: 4096 4096 4096" "$(faults anon-$thp)"
	between "THP $thp: anon --pagesize transhuge has huge faults" 8 40 "$(row memory/anon-$thp-transhuge faults)"
done
between "THP always: anon --pagesize default has huge faults" 8 40 "$(row memory/anon-always-default faults)"
same "THP madvise: anon --pagesize default has base pages" "0: 4096 4096 4096" "$(faults anon-madvise-default)"
refused "THP never: thp" memory/thp-never "transparent huge pages are off"
check "THP never: the list says so" grep -q 'unavailable: transparent huge pages are off' <(said memory/list-never out)
same "THP never: anon --pagesize default has base pages" "0: 4096 4096 4096" "$(faults anon-never-default)"

same "an ordinary user's threads" "1000 0 0 2 1 3 0" "$(said memory/user out | head -n 1) $(said memory/user rc
	) $(by_worker memory/user worker_cpu_end) $(row memory/user local_pages)"
same "an ordinary user's processes" "0 1 3 128" \
	"$(said memory/user-n rc) $(by_worker memory/user-n worker_cpu_end) $(row memory/user-n pages_node_0)"
same "an ordinary user's -f is said and goes on" "0 1" "$(said memory/user-fifo rc) $(said memory/user-fifo err | wc -l)"
same "more mlock than allowed fails, without a line" "1  1" \
	"$(said memory/user-mlock rc) $(said memory/user-mlock out) $(said memory/user-mlock err | wc -l)"
same "root's -f and -l, and no warning of a balloon" "0: 2048 2048 4096" "$(faults root)$(said memory/root err)"
finish
