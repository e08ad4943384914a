/* SPDX-License-Identifier: GPL-2.0-or-later */
/* gate_config: what 'faultscale gate' holds runs to, from a file of NAME=VALUE lines. */
#ifndef ANALYSIS_GATE_CONFIG_H
#define ANALYSIS_GATE_CONFIG_H

#include <stdbool.h>
#include <stddef.h>

#include "analysis/metric.h"
#include "common/say.h"

/* A value for one metric, or for one client count of it. */
struct gate_special {
	char *name; /* METRIC or METRIC-CLIENTS */
	double value;
};

struct gate_specials {
	struct gate_special *all;
	size_t nr, cap;
};

/* Shares are 0.02 for 2%. */
struct gate_config {
	char *metrics; /* separated by commas */
	double alpha; /* share of false alarms over all cells */
	double delta; /* changes up to this do not count, */
	double exact_delta; /* the same for simulated runs: 0 if nobody said anything */
	struct gate_specials deltas; /* but for these */
	struct gate_specials better; /* enum better of metrics that the table does not know */
	double require_mde; /* 0: none */
	char *may_differ; /* words for unlike_text() */
	double max_steal, max_foreign; /* of all CPU time; of one CPU */
	double max_migrations; /* of all workers of a step that are pinned */
	double max_faults_off; /* share of the planned faults */
	double min_local; /* share of pages */
	double min_counted; /* share of time that an event was counted */
	bool base_of_runs; /* set by the caller: each sample of the baseline is a run (history/baseline.h) */
};

/* Set the defaults. */
void gate_config_init(struct gate_config *config);

/* Read the file @path. Returns 0, or -errno with "file:line: reason" in @why. */
int gate_config_read(struct gate_config *config, const char *path, struct why *why);

/* Parse a percentage, "5%" or "5", between 0 and 100 into a share. Returns 0, or -EINVAL with the reason
 * in @why. */
int percent_parse(const char *text, double *share, struct why *why);

/* The change of @metric at @clients that counts. */
double gate_config_delta(const struct gate_config *config, const char *metric, const char *clients);

/* Which way @metric is better. */
enum better gate_config_better(const struct gate_config *config, const char *metric);

/* Judge @metrics, separated by commas, whatever the config says. */
void gate_config_metrics(struct gate_config *config, const char *metrics);

/* Free what the config holds. */
void gate_config_release(struct gate_config *config);

#endif
