/* SPDX-License-Identifier: GPL-2.0-or-later */
/* whatif: the printer of simulated runs, for 'faultscale whatif'. */
#ifndef ANALYSIS_WHATIF_H
#define ANALYSIS_WHATIF_H

#include "common/whatif.h"

extern const struct whatif_printer whatif_printer;

#endif
