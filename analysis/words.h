/* SPDX-License-Identifier: GPL-2.0-or-later */
/* words: the answer in one paragraph of plain words, for each variant at its largest client count. */
#ifndef ANALYSIS_WORDS_H
#define ANALYSIS_WORDS_H

#include <stdio.h>

#include "analysis/where.h"

/* A paragraph for each variant, with an empty line behind it. */
void words_print(FILE *out, const struct where *where);

#endif
