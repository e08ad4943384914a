/* SPDX-License-Identifier: GPL-2.0-or-later */
/* Any bytes as a config: taken or refused with file and line; what is taken makes a plan or a
 * reason. */
#include <stddef.h>
#include <stdint.h>
#include <string.h>

#include "harness/config.h"
#include "harness/plan.h"

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

static void check(bool ok, const char *what)
{
	if (!ok)
		BUG("%s", what);
}

static bool is_small(const struct config *config)
{
	size_t nr[3];
	const enum config_id ids[] = {PFT_PIN, PFT_MEM, PFT_CLIENTS};

	for (size_t i = 0; i < 3; i++) {
		char **words = config_words(config, ids[i], &nr[i]);

		config_words_free(words, nr[i]);
	}
	return config_number(config, PFT_ITERATIONS) * config_number(config, MMTEST_ITERATIONS) <
		       1000 &&
	       config_number(config, PFT_MAX_CLIENTS) <= 512 && nr[0] <= 4 && nr[1] <= 4 &&
	       nr[2] <= 4;
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
	static struct topology topology;
	struct config config;
	struct plan plan;
	struct why why = WHY_INIT;

	if (!topology.cpus && topology_init(&topology, "pack:2 [numa] core:4 pu:2", &why))
		BUG("%s", why.text);
	config_init(&config, &topology);
	if (config_parse(&config, "f", (const char *)data, size, &why)) {
		check(!strncmp(why.text, "f:", 2) || strstr(why.text, "not a text file"),
		      "a refusal without file and line");
	} else if (is_small(&config)) {
		if (plan_init(&plan, &config, &topology, &why))
			check(why.text[0], "a refusal without a reason");
		else
			plan_release(&plan);
	}
	config_release(&config);
	return 0;
}
