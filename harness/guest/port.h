/* SPDX-License-Identifier: GPL-2.0-or-later */
/* port: the guest's way to the host. */
#ifndef HARNESS_GUEST_PORT_H
#define HARNESS_GUEST_PORT_H

/* Open the serial line that is not the console, for bytes as they are: every kernel has a driver of it, which
 * cannot be said of virtio. Returns a descriptor, or -errno. */
int port_open(void);

#endif
