/* SPDX-License-Identifier: GPL-2.0-or-later */
/* accel: whether the emulator may have KVM run the guest, or has to translate its code itself (TCG). */
#ifndef HARNESS_GUEST_ACCEL_H
#define HARNESS_GUEST_ACCEL_H

#include "common/say.h"

/* The facts `accel` of meta.tsv. */
#define ACCEL_KVM "kvm"
#define ACCEL_TCG "tcg"

/*
 * Try KVM with a few instructions: 0 if they ran at the processor's speed; -errno with the reason in @why
 * where there is no /dev/kvm, it may not be opened, or what lies behind it interprets the guest.
 */
int accel_try_kvm(struct why *why);

#endif
