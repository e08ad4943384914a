/* SPDX-License-Identifier: GPL-2.0-or-later */
/* holm: several tests with one error rate (Holm, Scand. J. Stat. 6, 1979); no assumption about how
 * they depend on each other. */
#ifndef ANALYSIS_HOLM_H
#define ANALYSIS_HOLM_H

#include <stddef.h>

/* Adjust @p[@n] in place, so that each can be compared with the error rate of all. */
void holm_adjust(double *p, size_t n);

#endif
