/* SPDX-License-Identifier: GPL-2.0-or-later */
/* order: cells with the worst first, for formats that may have to leave some out. */
#ifndef ANALYSIS_EXPORT_ORDER_H
#define ANALYSIS_EXPORT_ORDER_H

#include "analysis/export/export.h"

/* The cells of @e by verdict, then by change, then in their own order; those that were not judged come
 * last. The caller frees the array of e->nr. */
const struct export_cell **export_worst_first(const struct export *e);

#endif
