/* SPDX-License-Identifier: GPL-2.0-or-later */
#include "harness/guest_command.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "common/xalloc.h"
#include "harness/guest/initramfs.h"
#include "harness/guest/orders.h"

/* An order is a line: no word of the command line has a newline in it (guest_options_parse()). */
static void order(FILE *out, const char *key, const char *value)
{
	fprintf(out, "%s %s\n", key, value);
}

/* A word of the run's command line. */
static void word(FILE *out, const char *value)
{
	order(out, ORDER_ARGUMENT, value);
}

static void option(FILE *out, const char *name, const char *value)
{
	if (!value)
		return;
	word(out, name);
	word(out, value);
}

static void number_option(FILE *out, const char *name, unsigned value)
{
	char text[16];

	snprintf(text, sizeof(text), "%u", value);
	if (value)
		option(out, name, text);
}

/* What is done behind the measured steps. */
static void order_probes(FILE *out, const struct run_options *o)
{
	char *explain =
		xasprintf("--explain%s%s", o->probes ? "=" : "", o->probes ? o->probes : "");

	if (o->explain)
		word(out, explain);
	number_option(out, "--explain-iterations", o->explained);
	option(out, "--sample", o->sample);
	free(explain);
}

static void order_facts(FILE *out, const struct run_options *o, const struct meta *facts)
{
	for (size_t i = 0; i < o->nr_facts; i++)
		option(out, "--fact", o->facts[i]);
	for (size_t i = 0; i < facts->nr; i++) {
		char *fact = xasprintf("%s=%s", facts->facts[i].key, facts->facts[i].value);

		option(out, "--fact", fact);
		free(fact);
	}
}

/* The config as it was named, for messages and the record, where it lies at the same place in the guest. */
static void order_plan(FILE *out, const struct run_options *o)
{
	char *path = initramfs_path(o->config);

	option(out, "--config", strcmp(path, "/config") ? o->config : path);
	for (size_t i = 0; i < o->nr_sets; i++)
		option(out, "--set", o->sets[i]);
	free(path);
}

char *guest_command(const struct guest_options *o, const struct modules *modules, const char *name,
		    bool resume, const struct meta *facts)
{
	char *text, *dir = xasprintf("%s/%s", o->run.results, name);
	size_t len;
	FILE *out = xmemstream(&text, &len);

	for (size_t i = 0; i < modules->nr; i++) {
		const struct module *m = &modules->list[i];

		fprintf(out, "%s %s%s%s%s\n", ORDER_MODULE, GUEST_MODULES, strrchr(m->path, '/'),
			m->params ? " " : "", m->params ? m->params : "");
	}
	for (size_t i = 0; i < o->nr_writes; i++) {
		const char *value = strchr(o->writes[i], '=');

		fprintf(out, "%s %.*s %s\n", ORDER_WRITE, (int)(value - o->writes[i]), o->writes[i],
			value + 1);
	}
	order(out, ORDER_RESULTS, dir);
	word(out, GUEST_FOLDER "/faultscale");
	word(out, "run");
	option(out, "--pft", GUEST_FOLDER "/pft");
	option(out, "--checkpoint", ORDERS_CHECKPOINT);
	option(out, "--results", o->run.results);
	option(out, resume ? "--resume" : "--name", name);
	number_option(out, "--max-iterations", o->run.max_iterations);
	if (o->run.usage)
		word(out, "--time");
	if (o->run.retry_failed)
		word(out, "--retry-failed");
	order_probes(out, &o->run);
	if (!resume) {
		order_plan(out, &o->run);
		order_facts(out, &o->run, facts);
	}
	fclose(out);
	free(dir);
	return text;
}
