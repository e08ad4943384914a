/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * frames: reads folded stacks. Functions are compared without offsets and without what compilers
 * append to a name, so that stacks of two builds meet. The rules that name a wait from its frames
 * are tables in frames.c, nowhere else.
 */
#ifndef ANALYSIS_FRAMES_H
#define ANALYSIS_FRAMES_H

/* What a wait was for, as its frames tell. */
struct wait_place {
	char *site; /* the function that waits, beyond schedulers and lock slow paths; "?" */
	char *lock; /* the lock or object waited for; "" where no rule knows it */
};

/*
 * Look at a wait with these folded stacks (either may be ""). @design is the engine's lock design
 * of the variant, which names its waits; NULL or "-" without. The caller releases @place.
 */
void wait_place_init(struct wait_place *place, const char *kernel_stack, const char *user_stack,
		     const char *design);

/* What the engine is at while @function runs: "fault", "munmap", ...; NULL if no rule knows it. */
const char *engine_stage(const char *function);

/* Free the texts. */
void wait_place_release(struct wait_place *place);

/* Both stacks as one: user frames, "-" before the kernel's, kernel frames; either may be "". In
 * memory that the caller frees. */
char *stack_join(const char *kernel_stack, const char *user_stack);

/* One frame in the same form, in memory that the caller frees. */
char *frame_plain(const char *frame);

#endif
