/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * context: coroutines. A switch saves what a function call has to keep and changes the stack: a few
 * nanoseconds, no system call. Signal masks and floating-point modes are the thread's, for all of them.
 */
#ifndef PFT_SIM_CONTEXT_H
#define PFT_SIM_CONTEXT_H

#include <stddef.h>

#if !defined(__x86_64__) && !defined(__aarch64__)
#error "the context switch is written for x86-64 and arm64"
#endif

/* Save the caller in *@from and go on with @to, a stack pointer of context_make() or of a switch. */
void context_switch(void **from, void *to);

/* A context that will call @entry, which never returns, on @stack. */
void *context_make(void *stack, size_t size, void (*entry)(void));

#endif
