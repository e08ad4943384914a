/* SPDX-License-Identifier: GPL-2.0-or-later */
/* gate: the verdicts of a gate, for people and for programs. */
#ifndef ANALYSIS_FORMAT_GATE_H
#define ANALYSIS_FORMAT_GATE_H

#include <stdio.h>

#include "analysis/gate.h"

/* A line a cell, and one about the calibration if there is any. */
void gate_text(FILE *out, const struct gate *gate);

/* A table "gate 1" (docs/format.md), a record a cell. Changes are in percent. */
void gate_tsv(FILE *out, const struct gate *gate);

/* One object with the same, and @code. */
void gate_json(FILE *out, const struct gate *gate, int code);

#endif
