/* SPDX-License-Identifier: GPL-2.0-or-later */
/* history: what 'faultscale history' prints. */
#ifndef ANALYSIS_FORMAT_HISTORY_H
#define ANALYSIS_FORMAT_HISTORY_H

#include <stdio.h>

#include "analysis/history/query.h"
#include "analysis/history/record.h"
#include "analysis/history/trend.h"

/* The runs, for people or as a table `history 1` of docs/format.md. */
void history_list_text(FILE *out, const struct query_runs *runs);
void history_list_tsv(FILE *out, const struct query_runs *runs);

/* One run, which is of @machine: its label, its machine's facts, its means. */
void history_show_text(FILE *out, const struct record *record, int machine);

/* The series and their changes, for people or as a table `trend 1`. */
void history_trend_text(FILE *out, const struct trend *trend);
void history_trend_tsv(FILE *out, const struct trend *trend);

#endif
