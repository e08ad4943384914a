/* SPDX-License-Identifier: GPL-2.0-or-later */
#include "pft/sim/context.h"

#include <stdint.h>
#include <string.h>

/* What a callee has to preserve: System V ABI for AMD64, 3.2.1; AAPCS64, 6.1. */
#ifdef __x86_64__
enum { SAVED_WORDS = 7, RETURN_WORD = 6, ABOVE = 1 }; /* the registers, then the return address */

__asm__(".text\n"
	".p2align 4\n"
	".globl context_switch\n"
	".type context_switch, @function\n"
	"context_switch:\n"
	"	pushq %rbp\n"
	"	pushq %rbx\n"
	"	pushq %r12\n"
	"	pushq %r13\n"
	"	pushq %r14\n"
	"	pushq %r15\n"
	"	movq %rsp, (%rdi)\n"
	"	movq %rsi, %rsp\n"
	"	popq %r15\n"
	"	popq %r14\n"
	"	popq %r13\n"
	"	popq %r12\n"
	"	popq %rbx\n"
	"	popq %rbp\n"
	"	ret\n"
	".size context_switch, .-context_switch\n");
#else
enum { SAVED_WORDS = 20, RETURN_WORD = 11, ABOVE = 0 }; /* x19 to x30, then d8 to d15 */

__asm__(".text\n"
	".p2align 4\n"
	".globl context_switch\n"
	".type context_switch, %function\n"
	"context_switch:\n"
	"	sub sp, sp, #160\n"
	"	stp x19, x20, [sp, #0]\n"
	"	stp x21, x22, [sp, #16]\n"
	"	stp x23, x24, [sp, #32]\n"
	"	stp x25, x26, [sp, #48]\n"
	"	stp x27, x28, [sp, #64]\n"
	"	stp x29, x30, [sp, #80]\n"
	"	stp d8, d9, [sp, #96]\n"
	"	stp d10, d11, [sp, #112]\n"
	"	stp d12, d13, [sp, #128]\n"
	"	stp d14, d15, [sp, #144]\n"
	"	mov x9, sp\n"
	"	str x9, [x0]\n"
	"	mov sp, x1\n"
	"	ldp x19, x20, [sp, #0]\n"
	"	ldp x21, x22, [sp, #16]\n"
	"	ldp x23, x24, [sp, #32]\n"
	"	ldp x25, x26, [sp, #48]\n"
	"	ldp x27, x28, [sp, #64]\n"
	"	ldp x29, x30, [sp, #80]\n"
	"	ldp d8, d9, [sp, #96]\n"
	"	ldp d10, d11, [sp, #112]\n"
	"	ldp d12, d13, [sp, #128]\n"
	"	ldp d14, d15, [sp, #144]\n"
	"	add sp, sp, #160\n"
	"	ret\n"
	".size context_switch, .-context_switch\n");
#endif

void *context_make(void *stack, size_t size, void (*entry)(void))
{
	/* The stack is as aligned as both ABIs want it when entry() begins; on x86-64 that is after a
	 * return address was pushed, which is 0 here. */
	uintptr_t top = ((uintptr_t)stack + size - 64) & ~(uintptr_t)15;
	uint64_t *sp = (uint64_t *)top - SAVED_WORDS - ABOVE;

	memset(sp, 0, (SAVED_WORDS + ABOVE) * sizeof(*sp));
	sp[RETURN_WORD] = (uintptr_t)entry;
	return sp;
}
