/* SPDX-License-Identifier: GPL-2.0-or-later */
/* Charts before and after gnuplot: axes that hold all points, names that stay names, SVG fit for a page. */
#include <errno.h>
#include <math.h>
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdlib.h>
#include <string.h>

#include <cmocka.h>

#include "analysis/report/axis.h"
#include "analysis/report/chart_script.h"
#include "analysis/report/chart_svg.h"
#include "analysis/report/html.h"
#include "common/xalloc.h"

/* Ticks are sums of steps. */
static void assert_near(double a, double b)
{
	assert_true(fabs(a - b) < 1e-6);
}

/* A chart of one line through the @nr values @y at x = 1, 2, 4, ... */
static struct chart *line(struct charts *charts, const double *y, size_t nr)
{
	struct chart *chart = charts_add(charts, xstrdup("title"));
	struct chart_series *s = chart_add(chart, "name", CHART_LINE, 1);

	chart->y_label = "y";
	for (size_t i = 0; i < nr; i++) {
		series_point(s, 1 << i, y[i]);
		chart_mark(chart, 1 << i);
	}
	return chart;
}

static void linear_axis(void **state)
{
	const double y[] = {1, 7, 1180};
	struct charts charts = {0};
	struct chart *chart = line(&charts, y, 3);
	struct axis axis;

	(void)state;
	axis_y(&axis, chart);
	assert_near(axis.low, 0);
	assert_true(axis.high > 1180 && axis.high <= 1500);
	for (size_t i = 0; i + 1 < axis.nr; i++)
		assert_near(axis.ticks[i + 1] - axis.ticks[i], axis.ticks[1] - axis.ticks[0]);
	charts_release(&charts);
}

/* Nothing can lose more than 100%; but a chart that has lower numbers shows them. */
static void no_loss_beyond_all(void **state)
{
	const double losses[] = {-64, 40, 850}, lower[] = {-140, 40, 850};
	struct charts charts = {0};
	struct chart *chart = line(&charts, losses, 3);
	struct axis axis;

	(void)state;
	chart->percent = chart->sign = true;
	axis_y(&axis, chart);
	assert_near(axis.low, -100);
	assert_true(axis.ticks[0] >= -100 && axis.high >= 850);
	charts_release(&charts);
	chart = line(&charts, lower, 3);
	chart->percent = chart->sign = true;
	axis_y(&axis, chart);
	assert_true(axis.low <= -140);
	charts_release(&charts);
}

static void one_number(void **state)
{
	const double values[] = {5, 0, -3, NAN};
	struct axis axis;

	(void)state;
	for (size_t i = 0; i < 4; i++) {
		struct charts charts = {0};
		struct chart *chart = line(&charts, &values[i], 1);

		axis_y(&axis, chart);
		assert_true(axis.low < axis.high);
		if (!isnan(values[i]))
			assert_true(axis.low <= values[i] && values[i] <= axis.high);
		axis_x(&axis, chart);
		assert_true(axis.low < 1 && axis.high > 1);
		charts_release(&charts);
	}
}

static void logarithmic_axes(void **state)
{
	const double y[] = {400, 700, 1200, 2000, 3000, 0, 3900};
	struct charts charts = {0};
	struct chart *chart = line(&charts, y, 7);
	struct axis axis;

	(void)state;
	chart->log_x = chart->log_y = true;
	axis_y(&axis, chart); /* without the 0, which has no place there */
	assert_true(axis.low > 300 && axis.low < 400);
	assert_true(axis.high > 3900 && axis.high < 5000);
	assert_near(axis.ticks[0], 500);
	assert_near(axis.ticks[1], 1000);
	axis_x(&axis, chart);
	assert_true(axis.low > 0 && axis.low < 1 && axis.high > 64);
	assert_int_equal(axis.nr, 7);
	charts_release(&charts);
}

/* Of many numbers those remain that have room, the last one always. */
static void crowded_axis(void **state)
{
	struct charts charts = {0};
	struct chart *chart = charts_add(&charts, xstrdup("title"));
	struct chart_series *s = chart_add(chart, "name", CHART_LINE, 1);
	struct axis axis;

	(void)state;
	for (size_t i = 256; i; i--) {
		series_point(s, i, i);
		chart_mark(chart, i);
		chart_mark(chart, i);
	}
	assert_int_equal(chart->nr_marks, 256);
	axis_x(&axis, chart);
	assert_true(axis.nr > 5 && axis.nr < 18);
	assert_near(axis.ticks[0], 1);
	assert_near(axis.ticks[axis.nr - 1], 256);
	for (size_t i = 0; i + 1 < axis.nr; i++)
		assert_true(axis.ticks[i + 1] - axis.ticks[i] > 15);
	chart->log_x = true;
	axis_x(&axis, chart);
	assert_int_equal(axis.nr, 9); /* 1, 2, 4 ... 256 */
	charts_release(&charts);
}

static void guide_does_not_press(void **state)
{
	const double y[] = {100, 150};
	struct charts charts = {0};
	struct chart *chart = line(&charts, y, 2);
	struct chart_series *guide = chart_add(chart, "ideal", CHART_GUIDE, 0);
	struct axis axis;

	(void)state;
	series_point(guide, 1, 100);
	series_point(guide, 2, 1e6);
	chart->top = 195;
	axis_y(&axis, chart);
	assert_true(axis.high >= 195 && axis.high <= 300);
	charts_release(&charts);
}

static char *script_of(const struct chart *chart, enum chart_target target)
{
	char *text;
	size_t len;
	FILE *out = xmemstream(&text, &len);

	chart_script(out, chart, target);
	fclose(out);
	return text;
}

static void names_are_quoted(void **state)
{
	struct charts charts = {0};
	struct chart *chart = charts_add(&charts, xstrdup("t'1\n\"\\n`x`"));
	struct chart_series *s = chart_add(chart, "a'b@{c}^_%d", CHART_LINE, 1);
	char *text;

	(void)state;
	chart->y_label = "y";
	series_point(s, chart_tick(chart, "50%'"), 3);
	text = script_of(chart, CHART_SVG);
	assert_non_null(strstr(text, "set title 't''1\xef\xbf\xbd\"\\n`x`'\n"));
	assert_non_null(strstr(text, " title 'a''b@{c}^_%d'"));
	assert_non_null(strstr(text, "set xtics ('50%%''' 0)"));
	assert_non_null(strstr(text, "noenhanced"));
	free(text);
	charts_release(&charts);
}

static void absent_numbers(void **state)
{
	const double y[] = {1, NAN, INFINITY};
	struct charts charts = {0};
	char *text = script_of(line(&charts, y, 3), CHART_INLINE);

	(void)state;
	assert_non_null(strstr(text, "\n2 NaN NaN NaN NaN NaN\n4 NaN NaN NaN NaN NaN\n"));
	free(text);
	charts_release(&charts);
}

static char *rewritten(const char *svg, bool colours, int expected)
{
	const struct chart_svg as = {"f", "a<b", "c&d", colours};
	struct why why = WHY_INIT;
	char *text;
	size_t len;
	FILE *out = xmemstream(&text, &len);

	assert_int_equal(chart_svg_write(out, svg, &as, &why), expected);
	fclose(out);
	return text;
}

#define HEAD "<?xml?>\n<svg \n width=\"10\" height=\"20\"\n>\n<title>G</title>\n<desc>P</desc>"

static void svg_for_a_page(void **state)
{
	char *text =
		rewritten(HEAD "<g id=\"n\" color=\"black\"><use xlink:href='#gpPt6' "
			       "color='rgb(  0,   0,   2)'/><path style='stroke:rgb(0,0,36)' "
			       "fill = 'url(#gpPat1)'/><text> id=\"x\" rgb(0,0,1) &lt;</text>"
			       "<path stroke='rgb(1,0,1)'/></g>\n<g fill=\"none\">\n</g>\n</svg>",
			  true, 0);

	(void)state;
	assert_string_equal(
		strstr(text, "</desc>"),
		"</desc>\n<g id=\"f-n\"><use xlink:href='#f-gpPt6' color='var(--s2)'/>"
		"<path style='stroke:var(--s0)' fill = 'url(#f-gpPat1)'/>"
		"<text> id=\"x\" rgb(0,0,1) &lt;</text><path stroke='rgb(1,0,1)'/></g>\n</svg>");
	assert_non_null(strstr(text, "viewBox=\"0 0 10 20\" role=\"img\" "
				     "aria-labelledby=\"f-title f-words\">\n"
				     "<title id=\"f-title\">a&lt;b</title>\n"
				     "<desc id=\"f-words\">c&amp;d</desc>"));
	free(text);
}

static void svg_alone(void **state)
{
	char *text =
		rewritten(HEAD "<g id=\"n\" color=\"black\" stroke='rgb(0,0,2)'/></svg>", false, 0);

	(void)state;
	assert_non_null(strstr(text, " width=\"10\" height=\"20\""));
	assert_non_null(strstr(text, "<g id=\"f-n\" color=\"black\" stroke='rgb(0,0,2)'/></svg>"));
	free(text);
	free(rewritten("<html>", false, -EINVAL));
}

static void html_is_escaped(void **state)
{
	char *text;
	size_t len;
	FILE *out = xmemstream(&text, &len);

	(void)state;
	html_put(out, "<p title=\"%s\">100%s</p>", "\"><script>'", "%&\x01\xff");
	fclose(out);
	assert_string_equal(text, "<p title=\"&quot;&gt;&lt;script&gt;&#39;\">"
				  "100%&amp;\xef\xbf\xbd\xef\xbf\xbd</p>");
	free(text);
}

static void words(void **state)
{
	const double y[] = {1.5, 2, 123456};
	struct charts charts = {0};
	struct chart *chart = line(&charts, y, 3);
	char *text = chart_words(chart);

	(void)state;
	assert_string_equal(text, "y by clients. name: 1.5 at 1, 123456 at 4. ");
	free(text);
	charts_release(&charts);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(linear_axis),
		cmocka_unit_test(no_loss_beyond_all),
		cmocka_unit_test(one_number),
		cmocka_unit_test(logarithmic_axes),
		cmocka_unit_test(crowded_axis),
		cmocka_unit_test(guide_does_not_press),
		cmocka_unit_test(names_are_quoted),
		cmocka_unit_test(absent_numbers),
		cmocka_unit_test(svg_for_a_page),
		cmocka_unit_test(svg_alone),
		cmocka_unit_test(html_is_escaped),
		cmocka_unit_test(words),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
