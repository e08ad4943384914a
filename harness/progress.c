/* SPDX-License-Identifier: GPL-2.0-or-later */
#include "harness/progress.h"

#include <string.h>
#include <sys/ioctl.h>
#include <unistd.h>

#include "common/units.h"

void progress_init(struct progress *p, FILE *out, const struct plan *plan, const bool *done)
{
	struct winsize size;

	*p = (struct progress){
		.out = out,
		.shown = isatty(fileno(out)),
		.columns = 80,
		.nr_steps = plan->nr_steps,
		.start_ns = now_ns(),
	};
	if (p->shown && !ioctl(fileno(out), TIOCGWINSZ, &size) && size.ws_col > 20)
		p->columns = size.ws_col;
	for (size_t i = 0; i < plan->nr_steps; i++) {
		if (done && done[i])
			p->nr_done++;
		else
			p->left_s += plan_estimate_s(&plan->cells[plan->steps[i].cell]);
	}
}

double progress_left_s(const struct progress *p)
{
	return p->estimated_s > 0 ? p->left_s * p->measured_s / p->estimated_s : p->left_s;
}

void progress_show(struct progress *p, const struct plan_cell *cell, const char *what)
{
	char line[512], elapsed[32], left[32], rate[48] = "";

	if (!p->shown)
		return;
	if (p->faults_per_sec > 0)
		snprintf(rate, sizeof(rate), ", %.0fk faults/sec", p->faults_per_sec / 1000);
	snprintf(line, sizeof(line), "[%zu/%zu] %s, %u client%s, %s; %s gone, %s left%s",
		 p->nr_done + 1, p->nr_steps, cell->variant, cell->clients,
		 cell->clients == 1 ? "" : "s", what,
		 duration_format(elapsed, sizeof(elapsed), (double)(now_ns() - p->start_ns) / 1e9),
		 duration_format(left, sizeof(left), progress_left_s(p)), rate);
	fprintf(p->out, "\r%.*s\033[K", (int)p->columns - 1, line);
	fflush(p->out);
}

void progress_step(struct progress *p, const struct plan_cell *cell, double elapsed_s,
		   double faults_per_sec)
{
	double estimate = plan_estimate_s(cell);

	p->nr_done++;
	p->left_s = p->left_s > estimate ? p->left_s - estimate : 0;
	p->estimated_s += estimate;
	p->measured_s += elapsed_s;
	if (faults_per_sec > 0)
		p->faults_per_sec = faults_per_sec;
}

void progress_clear(struct progress *p)
{
	if (!p->shown)
		return;
	fputs("\r\033[K", p->out);
	fflush(p->out);
}
