/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * boots: which boot of the machine measured what. A boot decides things by chance, such as where the kernel
 * and its objects lie, and all iterations in it share them: however many they are, they are one draw. So a
 * run of several boots has as many independent values as boots (Kalibera and Jones, "Rigorous benchmarking
 * in reasonable time", ISMM 2013, on levels of repetition).
 */
#ifndef ANALYSIS_BOOTS_H
#define ANALYSIS_BOOTS_H

#include <stddef.h>

#include "analysis/run.h"

/* How many boots measured @run; 0 if it does not say. */
size_t boots_count(const struct run *run);

/* One value for each boot, the mean of the logs of @series in it, in their order in time; for the caller to
 * free. Sets *@nr to their number. What does not say its boot is of one more. */
double *boots_logs(const struct run *run, const struct series *series, size_t *nr);

#endif
