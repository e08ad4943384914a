/* SPDX-License-Identifier: GPL-2.0-or-later */
/* port: the guest's way to the host. */
#ifndef HARNESS_GUEST_PORT_H
#define HARNESS_GUEST_PORT_H

/* Open the virtio-serial port WIRE_PORT, or the serial line that is not the console, for bytes as they are.
 * Returns a descriptor, or -errno. */
int port_open(void);

#endif
