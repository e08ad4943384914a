/* SPDX-License-Identifier: GPL-2.0-or-later */
#include "harness/guest/accel.h"

#include <errno.h>
#include <fcntl.h>
#include <linux/kvm.h>
#include <signal.h>
#include <stdint.h>
#include <string.h>
#include <sys/ioctl.h>
#include <sys/mman.h>
#include <sys/prctl.h>
#include <sys/time.h>
#include <sys/wait.h>
#include <unistd.h>

#define CODE_AT 0x1000 /* guest-physical */
#define PAGE	4096

#if defined(__x86_64__)
/* Ten million turns of a loop, then hlt: milliseconds for a processor. */
static const uint8_t code[] = {
	0x66, 0xb9, 0x80, 0x96, 0x98, 0x00, /* mov ecx, 10000000 */
	0x66, 0x49, /* dec ecx */
	0x75, 0xfc, /* jnz */
	0xf4, /* hlt */
};

/* In a process of its own, which a signal ends where it takes too long. Returns 0 or an errno. */
static int run_code(int kvm)
{
	struct kvm_userspace_memory_region region = {.guest_phys_addr = CODE_AT,
						     .memory_size = PAGE};
	struct kvm_regs regs = {.rip = CODE_AT, .rflags = 2};
	int vm = ioctl(kvm, KVM_CREATE_VM, 0), size = ioctl(kvm, KVM_GET_VCPU_MMAP_SIZE, 0), cpu;
	void *page = mmap(NULL, PAGE, PROT_READ | PROT_WRITE, MAP_SHARED | MAP_ANONYMOUS, -1, 0);
	struct kvm_sregs sregs;
	struct kvm_run *run;

	if (vm < 0 || size < 0 || page == MAP_FAILED)
		return errno;
	memcpy(page, code, sizeof(code));
	region.userspace_addr = (uintptr_t)page;
	if (ioctl(vm, KVM_SET_USER_MEMORY_REGION, &region))
		return errno;
	cpu = ioctl(vm, KVM_CREATE_VCPU, 0);
	run = mmap(NULL, (size_t)size, PROT_READ | PROT_WRITE, MAP_SHARED, cpu, 0);
	if (cpu < 0 || run == MAP_FAILED || ioctl(cpu, KVM_GET_SREGS, &sregs))
		return errno;
	sregs.cs.base = 0;
	sregs.cs.selector = 0;
	if (ioctl(cpu, KVM_SET_SREGS, &sregs) || ioctl(cpu, KVM_SET_REGS, &regs) ||
	    ioctl(cpu, KVM_RUN, 0))
		return errno;
	return run->exit_reason == KVM_EXIT_HLT ? 0 : EIO;
}
#else
static int run_code(int kvm)
{
	int vm = ioctl(kvm, KVM_CREATE_VM, 0);

	return vm < 0 ? errno : 0;
}
#endif

static _Noreturn void try_and_exit(int kvm)
{
	struct itimerval second = {.it_value = {.tv_sec = 1}};
	sigset_t none;

	prctl(PR_SET_PDEATHSIG, SIGKILL); /* else the timer ends it */
	sigemptyset(&none);
	sigprocmask(SIG_SETMASK, &none, NULL);
	setitimer(ITIMER_REAL, &second, NULL);
	_exit(run_code(kvm));
}

int accel_try_kvm(struct why *why)
{
	int kvm = open("/dev/kvm", O_RDWR | O_CLOEXEC), status = 0;
	pid_t pid;

	if (kvm < 0)
		return why_not(why, errno, "cannot open '/dev/kvm': %s", strerror(errno));
	if (ioctl(kvm, KVM_GET_API_VERSION, 0) != KVM_API_VERSION) {
		close(kvm);
		return why_not(why, ENODEV, "'/dev/kvm' is not the KVM that this program knows");
	}
	pid = fork();
	if (!pid)
		try_and_exit(kvm);
	close(kvm);
	while (pid > 0 && waitpid(pid, &status, 0) < 0 && errno == EINTR)
		;
	if (pid < 0)
		return why_not(why, errno, "cannot fork: %s", strerror(errno));
	if (WIFSIGNALED(status))
		return why_not(why, ETIME, "what is behind '/dev/kvm' interprets the guest's code");
	if (WEXITSTATUS(status))
		return why_not(why, WEXITSTATUS(status), "'/dev/kvm' runs nothing: %s",
			       strerror(WEXITSTATUS(status)));
	return 0;
}
