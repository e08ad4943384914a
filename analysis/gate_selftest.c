/* SPDX-License-Identifier: GPL-2.0-or-later */
#include "analysis/gate_selftest.h"

#include <errno.h>
#include <math.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

#include "analysis/gate.h"
#include "analysis/load.h"
#include "common/rng.h"
#include "common/xalloc.h"

#define ITERATIONS 30
/* Of the order of the rates. By chance some orders look like drift; these do not. */
#define BASE_SEED 3

#define SPREAD 0.02 /* rates are spread evenly over +-2% */

/* A run of 2 client counts, which differs from the baseline as it says. */
static const struct known {
	const char *name;
	double factor; /* of its rates */
	double drift; /* how much higher they are at the end, as a share */
	const char *cpu;
	const char *status;
	bool missing;
	int expected; /* exit code */
} cases[] = {
	{"noise", 1, 0, "known", "complete", false, EXIT_GOOD},
	{"regression", 0.9, 0, "known", "complete", false, EXIT_REGRESSION},
	{"drift", 1, 0.5, "known", "complete", false, EXIT_INCONCLUSIVE},
	{"interrupted", 1, 0, "known", "interrupted", false, EXIT_INVALID},
	{"unlike", 1, 0, "another", "complete", false, EXIT_INVALID},
	{"missing", 1, 0, "known", "complete", true, EXIT_NO_BASELINE},
};

static const struct known baseline = {"baseline", 1, 0, "known", "complete", false, 0};

#define NR_CASES (sizeof(cases) / sizeof(cases[0]))

static void print_samples(FILE *out, const struct known *known, uint64_t seed)
{
	double noise[ITERATIONS];
	unsigned step = 0;
	struct rng rng;

	rng_init(&rng, seed);
	fprintf(out, "# faultscale samples 1\nstep\tvariant\tclients\titeration\tmetric\tthread\t"
		     "unit\tvalue\tstatus\n");
	for (unsigned clients = 1; clients <= 2; clients++) {
		for (unsigned i = 0; i < ITERATIONS; i++)
			noise[i] = 1 + SPREAD * (2 * (i + 0.5) / ITERATIONS - 1);
		rng_shuffle(&rng, noise, ITERATIONS, sizeof(noise[0]));
		for (unsigned i = 0; i < ITERATIONS; i++, step++) {
			double rate = 1e5 * known->factor * noise[i] *
				      (1 + known->drift * i / ITERATIONS);

			for (unsigned m = 0; m < 2; m++)
				fprintf(out, "%u\tanon\t%u\t%u\tfaults/%s\tall\t1/s\t%.9g\tok\n",
					step, clients, i, m ? "sec" : "cpu",
					m ? rate * clients : rate);
			fprintf(out, "%u\tanon\t%u\t%u\tstep\tall\ttext\tdone\tok\n", step, clients,
				i);
		}
	}
}

/* Write one file of a run. */
static int write_file(const char *directory, const char *name, const char *text, struct why *why)
{
	char *path = xasprintf("%s/%s", directory, name);
	FILE *out = fopen(path, "we");
	int err = 0;

	if (out)
		fputs(text, out);
	if (!out || (ferror(out) | fclose(out)))
		err = why_not(why, errno, "cannot write '%s': %s", path, strerror(errno));
	free(path);
	return err;
}

static int write_run(const char *directory, const struct known *known, uint64_t seed,
		     struct why *why)
{
	char *meta, *samples;
	size_t len;
	FILE *out = xmemstream(&samples, &len);
	int err;

	print_samples(out, known, seed);
	fclose(out);
	meta = xasprintf("# faultscale meta 1\nkey\tvalue\ncpu_model\t%s\nstatus\t%s\n", known->cpu,
			 known->status);
	if (mkdir(directory, 0700))
		err = why_not(why, errno, "cannot make directory '%s': %s", directory,
			      strerror(errno));
	else
		err = write_file(directory, "meta.tsv", meta, why);
	if (!err)
		err = write_file(directory, "samples.tsv", samples, why);
	free(meta);
	free(samples);
	return err;
}

static void remove_run(const char *directory)
{
	static const char *const names[] = {"meta.tsv", "samples.tsv"};

	for (size_t i = 0; i < 2; i++) {
		char *path = xasprintf("%s/%s", directory, names[i]);

		unlink(path);
		free(path);
	}
	rmdir(directory);
}

/* Judge the run in @new by that in @base. Returns the exit code, or -errno. */
static int judge_runs(const char *base, const char *new, struct why *why)
{
	struct run runs[2];
	struct notes notes = {0};
	struct gate_config config;
	struct gate gate;
	int code = run_load(&runs[1], "new", new, false, &notes, why);

	if (code)
		return code;
	code = base ? run_load(&runs[0], "baseline", base, false, &notes, why) : 0;
	if (!code) {
		gate_config_init(&config);
		config.require_mde = 0.1;
		code = gate_init(&gate, base ? &runs[0] : NULL, &runs[1], &config, false, why);
		if (!code) {
			code = gate_exit(&gate, true, false);
			gate_release(&gate);
		}
		gate_config_release(&config);
		if (base)
			run_release(&runs[0]);
	}
	run_release(&runs[1]);
	notes_release(&notes);
	return code;
}

static int try_case(FILE *out, const char *top, const struct known *known, bool *good,
		    struct why *why)
{
	char *base = xasprintf("%s/baseline", top), *new = xasprintf("%s/new", top);
	int code = write_run(base, &baseline, BASE_SEED, why);

	if (!code)
		code = write_run(new, known, BASE_SEED + 1, why);
	if (!code)
		code = judge_runs(known->missing ? NULL : base, new, why);
	remove_run(base);
	remove_run(new);
	free(base);
	free(new);
	if (code < 0)
		return code;
	fprintf(out, "%-12s %s: exit %d, should be %d\n", known->name,
		code == known->expected ? "ok" : "WRONG", code, known->expected);
	*good &= code == known->expected;
	return 0;
}

int gate_selftest(FILE *out, struct why *why)
{
	const char *tmp = getenv("TMPDIR");
	char *top = xasprintf("%s/faultscale-gate-XXXXXX", tmp ? tmp : "/tmp");
	bool good = true;
	int err = 0;

	if (!mkdtemp(top)) {
		err = why_not(why, errno, "cannot make directory '%s': %s", top, strerror(errno));
	} else {
		for (size_t i = 0; !err && i < NR_CASES; i++)
			err = try_case(out, top, &cases[i], &good, why);
		rmdir(top);
	}
	free(top);
	if (!err && !good)
		err = why_not(why, ERANGE, "the gate does not do what it should: do not trust it");
	return err;
}
