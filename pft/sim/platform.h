/* SPDX-License-Identifier: GPL-2.0-or-later */
/* platform: pft/platform.h by the simulator, for its other files. */
#ifndef PFT_SIM_PLATFORM_H
#define PFT_SIM_PLATFORM_H

/* How many CPUs of the machine may be used: --cpus, or all. */
unsigned platform_cpus(void);

#endif
