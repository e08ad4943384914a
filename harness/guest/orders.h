/* SPDX-License-Identifier: GPL-2.0-or-later */
/* orders: what the host wants of the guest's init, a line "KEY VALUE" each, in GUEST_ORDERS. */
#ifndef HARNESS_GUEST_ORDERS_H
#define HARNESS_GUEST_ORDERS_H

/* Where the init finds things. */
#define GUEST_FOLDER "/faultscale"
#define GUEST_INIT GUEST_FOLDER "/init"
#define GUEST_ORDERS GUEST_FOLDER "/orders"
#define GUEST_LIBRARIES GUEST_FOLDER "/lib"
#define GUEST_LOADER GUEST_FOLDER "/ld.so" /* of the programs, whatever a rootfs has */
#define GUEST_MODULES GUEST_FOLDER "/modules"

/* The keys. Modules are loaded first, then files are written; then the run starts. */
#define ORDER_MODULE "module" /* PATH [PARAMETERS] */
#define ORDER_WRITE "write" /* PATH VALUE */
#define ORDER_RESULTS "results" /* the run's directory, whose files are sent */
#define ORDER_ARGUMENT "argument" /* a word of the run's command line; the first is its path */

/* The descriptor of the run's --checkpoint, as a word. */
#define ORDERS_CHECKPOINT "4"
#define ORDERS_CHECKPOINT_FD 4

#endif
