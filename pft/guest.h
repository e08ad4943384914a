/* SPDX-License-Identifier: GPL-2.0-or-later */
/* guest: whether this machine is a VM whose free memory does not stay its own. */
#ifndef PFT_GUEST_H
#define PFT_GUEST_H

#include <stdbool.h>

/* Whether a virtio balloon of @devices (/sys/bus/virtio/devices) reports free pages to the host,
 * which then takes them away: device 0x0005, feature bit 5, of the virtio specification, 5.5.3. */
bool guest_reports_free_pages(const char *devices);

#endif
