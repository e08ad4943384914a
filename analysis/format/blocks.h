/* SPDX-License-Identifier: GPL-2.0-or-later */
/* blocks: curves as filled areas of a terminal's characters, one panel a curve, as many beside each
 * other as there is room for. */
#ifndef ANALYSIS_FORMAT_BLOCKS_H
#define ANALYSIS_FORMAT_BLOCKS_H

#include <stdio.h>

#include "analysis/compare.h"
#include "analysis/curve.h"
#include "analysis/terminal.h"

/*
 * Draw all @curves of @c that have points. Those of one metric share their scale, so that they can be
 * compared by eye. No line is longer than @terminal->columns, unless that is less than a panel needs.
 */
void blocks_draw(FILE *out, const struct curves *curves, const struct comparison *c,
		 const struct terminal *terminal);

#endif
