/* SPDX-License-Identifier: GPL-2.0-or-later */
/* verdict_text: a verdict as a sentence. */
#include <math.h>
#include <stdio.h>

#include "analysis/verdict.h"

const char *verdict_name(enum verdict verdict)
{
	static const char *const names[NR_VERDICTS] = {
		[VERDICT_IMPROVEMENT] = "improvement",	 [VERDICT_SAME] = "same",
		[VERDICT_INCONCLUSIVE] = "inconclusive", [VERDICT_REGRESSION] = "regression",
		[VERDICT_INVALID] = "invalid",
	};

	return names[verdict];
}

/* A size of change without its sign, as much smaller as that makes a rate. */
static double percent_of(double log_size)
{
	return -verdict_percent(-fabs(log_size));
}

/* Digits behind the point: one below 10. */
static int digits_of(double percent)
{
	return percent < 9.95 ? 1 : 0;
}

/* What a rate, or a cost, that went this way did. */
static const char *word_of(const struct verdict_cell *cell)
{
	bool rose = cell->estimate > 0;

	if (cell->better == BETTER_HIGHER)
		return rose ? "faster" : "slower";
	return rose ? "worse" : "better";
}

static void say_change(const struct verdict_cell *cell, const char *before, char *buf, size_t size)
{
	double sign = cell->estimate < 0 ? -1 : 1;
	double low = sign * verdict_percent(sign > 0 ? cell->low : cell->high);
	double high = sign * verdict_percent(sign > 0 ? cell->high : cell->low);

	snprintf(buf, size, "%s by %s%.1f%% [%.1f, %.1f]", word_of(cell), before,
		 fabs(verdict_percent(cell->estimate)), low, high);
}

static void say_undecided(const struct verdict_rule *rule, const struct verdict_cell *cell,
			  char *buf, size_t size)
{
	double hidden = percent_of(cell->detects), shown = percent_of(cell->would_show);
	const char *unit = rule->unit ? rule->unit : "rounds";

	if (isnan(cell->detects))
		snprintf(buf, size, "cannot tell: there are too few %s", unit);
	else if (cell->low > 0 || cell->high < 0)
		say_change(cell, "perhaps less than counts, ", buf, size);
	else if (!cell->more_rounds)
		snprintf(buf, size,
			 "cannot tell whether it is more than %g%%: %+.1f%% [%+.1f, %+.1f]",
			 100 * rule->ask.delta, verdict_percent(cell->estimate),
			 verdict_percent(cell->low), verdict_percent(cell->high));
	else
		snprintf(
			buf, size,
			"cannot tell: noise hides anything below %.*f%%; %u more %s would show "
			"%.*f%%",
			digits_of(hidden), hidden, cell->more_rounds, unit, digits_of(shown),
			shown);
}

/* A change that is known as it is. */
static const char *say_exactly(const struct verdict_rule *rule, const struct verdict_cell *cell,
			       char *buf, size_t size)
{
	double percent = fabs(verdict_percent(cell->estimate));

	if (cell->estimate == 0)
		snprintf(buf, size, "the same");
	else if (cell->verdict == VERDICT_SAME)
		snprintf(buf, size, "no change beyond ±%g%%: %s by %.3g%%", 100 * rule->ask.delta,
			 word_of(cell), percent);
	else
		snprintf(buf, size, "%s by %.3g%%", word_of(cell), percent);
	return buf;
}

const char *verdict_sentence(const struct verdict_rule *rule, const struct verdict_cell *cell,
			     char *buf, size_t size)
{
	if (rule->ask.exact && !cell->failure && isfinite(cell->estimate))
		return say_exactly(rule, cell, buf, size);
	switch (cell->verdict) {
	case VERDICT_REGRESSION:
	case VERDICT_IMPROVEMENT:
		say_change(cell, "", buf, size);
		break;
	case VERDICT_SAME:
		snprintf(buf, size, "no change beyond ±%g%%", 100 * rule->ask.delta);
		break;
	case VERDICT_INVALID:
		snprintf(buf, size, "invalid: %s", cell->failure);
		break;
	default:
		say_undecided(rule, cell, buf, size);
	}
	return buf;
}
