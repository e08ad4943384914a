/* SPDX-License-Identifier: GPL-2.0-or-later */
#include "analysis/report/axis.h"

#include <math.h>
#include <stdio.h>
#include <string.h>

#define GAP   0.07 /* of the x axis, from one number to the next */
#define WIDTH 62 /* letters that have room below it */

static const double digits[] = {1, 2, 5};

/* 1, 2 or 5 times a power of ten, at least @value. */
static double round_up(double value)
{
	double power = pow(10, floor(log10(value)));

	for (size_t i = 0; i < 3; i++)
		if (value <= digits[i] * power * (1 + 1e-9))
			return digits[i] * power;
	return 10 * power;
}

/* Ticks at round numbers over low..high, which become round as well. */
static void set_linear(struct axis *axis, unsigned parts)
{
	double step = round_up((axis->high - axis->low) / parts);
	double first = floor(axis->low / step + 1e-9), last = ceil(axis->high / step - 1e-9);

	axis->low = first * step;
	axis->high = last * step;
	axis->nr = 0;
	for (double i = first; i <= last && axis->nr < AXIS_TICKS; i++)
		axis->ticks[axis->nr++] = i * step;
}

static void set_log(struct axis *axis)
{
	double decades = log10(axis->high / axis->low);

	axis->low /= 1.1;
	axis->high *= 1.1;
	axis->nr = 0;
	for (double power = pow(10, floor(log10(axis->low))); power <= axis->high; power *= 10)
		for (size_t i = 0; i < (decades > 4 ? 1 : 3); i++) {
			double tick = digits[i] * power;

			if (tick >= axis->low && tick <= axis->high && axis->nr < AXIS_TICKS)
				axis->ticks[axis->nr++] = tick;
		}
}

/* Nothing loses more than all it had: a round number below -100% would have no meaning. */
static void keep_above_loss(struct axis *axis)
{
	size_t below = 0;

	while (below < axis->nr && axis->ticks[below] < -100)
		below++;
	memmove(axis->ticks, axis->ticks + below, (axis->nr - below) * sizeof(*axis->ticks));
	axis->nr -= below;
	axis->low = -100;
}

/* Widen low..high to hold @y. */
static void hold(struct axis *axis, const struct chart *chart, double y)
{
	if (!isfinite(y) || (chart->log_y && y <= 0))
		return;
	axis->low = fmin(axis->low, y);
	axis->high = fmax(axis->high, y);
}

static void hold_series(struct axis *axis, const struct chart *chart, const struct chart_series *s)
{
	for (size_t i = 0; i < s->nr; i++) {
		const struct chart_point *p = &s->points[i];

		if (s->shape == CHART_GUIDE && !isnan(chart->top)) {
			hold(axis, chart, fmin(p->y, chart->top));
			continue;
		}
		hold(axis, chart, p->y);
		hold(axis, chart, p->low);
		hold(axis, chart, p->high);
	}
}

void axis_y(struct axis *axis, const struct chart *chart)
{
	bool is_loss;

	*axis = (struct axis){.low = INFINITY, .high = -INFINITY};
	for (size_t i = 0; i < chart->nr; i++)
		hold_series(axis, chart, &chart->series[i]);
	if (chart->from_zero)
		hold(axis, chart, 0);
	if (!isnan(chart->band)) {
		hold(axis, chart, -1.5 * chart->band);
		hold(axis, chart, 1.5 * chart->band);
	}
	if (!(axis->low < axis->high)) { /* one number, or none */
		double around = isfinite(axis->low) ? axis->low : 1;

		axis->low = around > 0 ? around / 2 : around - 1;
		axis->high = around > 0 ? around * 1.5 : around + 1;
	}
	if (chart->log_y) {
		set_log(axis);
		return;
	}
	/* Marks at the very top would be cut, but for bars that fill it. */
	if (!chart->percent || chart->sign)
		axis->high += 0.03 * (axis->high - axis->low);
	is_loss = chart->percent && chart->sign && axis->low >= -100;
	if (axis->low < 0)
		axis->low -= 0.03 * (axis->high - axis->low);
	set_linear(axis, 5);
	if (is_loss && axis->low < -100)
		keep_above_loss(axis);
}

static double place(const struct chart *chart, double x)
{
	return chart->log_x ? log2(x) : x;
}

/* Of many marks the powers of two stand for the others, where the axis is of powers. */
static bool is_odd_one(const struct chart *chart, double at)
{
	return chart->log_x && chart->nr_marks > 12 && fabs(at - round(at)) > 1e-9;
}

/* The last mark always; of the others, from the left, those that have room. */
static void choose_marks(struct axis *axis, const struct chart *chart)
{
	double span = place(chart, axis->high) - place(chart, axis->low), last = -INFINITY;
	double end = chart->marks[chart->nr_marks - 1];

	for (size_t i = 0; i < chart->nr_marks && axis->nr < AXIS_TICKS; i++) {
		double at = place(chart, chart->marks[i]);

		if (i + 1 < chart->nr_marks &&
		    (at - last < GAP * span || place(chart, end) - at < GAP * span ||
		     is_odd_one(chart, at)))
			continue;
		axis->ticks[axis->nr++] = chart->marks[i];
		last = at;
	}
}

void axis_x(struct axis *axis, const struct chart *chart)
{
	double pad;

	*axis = (struct axis){.low = INFINITY, .high = -INFINITY};
	for (size_t s = 0; s < chart->nr; s++)
		for (size_t i = 0; i < chart->series[s].nr; i++) {
			axis->low = fmin(axis->low, chart->series[s].points[i].x);
			axis->high = fmax(axis->high, chart->series[s].points[i].x);
		}
	if (!(axis->low <= axis->high)) {
		axis->low = 0;
		axis->high = 1;
	}
	pad = axis->high > axis->low ? 0.04 * (axis->high - axis->low) : 1;
	if (chart->log_x) {
		pad = axis->high > axis->low ? pow(axis->high / axis->low, 0.04) : 1.5;
		axis->low /= pad;
		axis->high *= pad;
	} else if (chart->nr_marks ||
		   axis->low == axis->high) { /* one place cannot be cut in parts */
		axis->low -= pad;
		axis->high += pad;
	}
	if (!chart->log_x && !chart->nr_marks)
		set_linear(axis, 8);
	if (chart->nr_marks)
		choose_marks(axis, chart);
}

size_t axis_names_step(size_t nr, size_t longest)
{
	size_t step = 1;

	while (nr / step * (longest + 2) > WIDTH)
		step++;
	return step;
}

const char *axis_number(double value, char *buf, size_t size)
{
	double size_of = fabs(value);

	if (size_of >= 1e9)
		snprintf(buf, size, "%gG", value / 1e9);
	else if (size_of >= 1e6)
		snprintf(buf, size, "%gM", value / 1e6);
	else if (size_of >= 1e4)
		snprintf(buf, size, "%gk", value / 1e3);
	else
		snprintf(buf, size, "%g", size_of < 1e-12 ? 0 : value);
	return buf;
}
