/* SPDX-License-Identifier: GPL-2.0-or-later */
#include "pft/options.h"

#include <errno.h>
#include <getopt.h>
#include <stdarg.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "common/xalloc.h"
#include "pft/platform.h"
#include "pft/settle.h"
#include "pft/workload.h"

#define MAX_WORKERS 65536
#define MAX_BYTES   (1ULL << 62) /* so that rounding up cannot overflow */

/* Long options without a letter. */
enum key {
	KEY_WORKLOAD = 256,
	KEY_PARAM,
	KEY_PIN,
	KEY_MEM,
	KEY_PAGESIZE,
	KEY_FILE,
	KEY_ROWS,
	KEY_MAPPINGS,
	KEY_ANNOUNCE,
	KEY_WARMUP,
	KEY_PREFAULT,
	KEY_DELAY_NS,
	KEY_DELAY_FRACTION,
	KEY_OVERSUBSCRIBE,
	KEY_COUNTERS,
	KEY_EVENTS,
	KEY_CHECK,
	KEY_LIST,
	KEY_LAYOUT,
	KEY_VERSION,
	KEY_ENGINE, /* + enum engine_option */
	KEY_SWAP = KEY_ENGINE + NR_ENGINE_OPTIONS, /* + enum swap_option */
};

struct row {
	int key;
	const char *name; /* long, or NULL */
	const char *arg; /* NULL: takes none */
	const char *help; /* NULL: accepted for old scripts only */
};

static const struct row rows[] = {
	{'m', NULL, "SIZE", "bytes of all workers; suffix K M G T or P (pages); default 1 page"},
	{'t', NULL, "N", "N threads as workers (default 1)"},
	{'n', NULL, "N", "N processes as workers; of -t and -n the last one counts"},
	{'c', NULL, "N", "write the first N cache lines of each page (default 1)"},
	{'z', NULL, NULL, "clear the memory with memset() instead"},
	{'l', NULL, NULL, "mlock() the memory instead"},
	{'Z', NULL, NULL, "map /dev/zero for anonymous memory"},
	{'S', NULL, NULL, "SysV shared memory: --workload sysv"},
	{'L', NULL, NULL, "SHM_LOCK the shared memory; implies -S"},
	{'p', NULL, NULL, "memory local to each worker: --mem local"},
	{'a', NULL, NULL, "bind workers to the allowed CPUs in order"},
	{'f', NULL, NULL, "run under SCHED_FIFO"},
	{'s', NULL, "SECONDS", "workers but the first sleep before they end"},
	{'N', NULL, NULL, "print the numa_maps line of the memory"},
	{'P', NULL, NULL, "pause before the memory is released, until SIGINT or SIGUSR1"},
	{'T', NULL, NULL, "print a title, and a TAG line if a tag is given"},
	{'v', NULL, NULL, "say more on stderr"},
	{'V', NULL, NULL, "print the classic version line on stderr"},
	{'h', "help", NULL, "print this text"},
	{'C', NULL, NULL, NULL},
	{'F', NULL, NULL, NULL},
	{KEY_WORKLOAD, "workload", "NAME", "what the workers do (default anon)"},
	{KEY_PARAM, "param", "NAME=VALUE", "set a parameter of the workload; repeatable"},
	{KEY_PIN, "pin", "PLAN", "none compact spread cores node:LIST cpus:LIST (default none)"},
	{KEY_MEM, "mem", "POLICY", "default local remote interleave bind:LIST"},
	{KEY_PAGESIZE, "pagesize", "KIND",
	 "pages of anonymous memory: base (default) transhuge default"},
	{KEY_FILE, "file", "DIR", "directory for the file of file workloads"},
	{KEY_ROWS, "rows", "FILE", "also write typed rows to FILE"},
	{KEY_MAPPINGS, "mappings", NULL, "rows too of where code lies, to name its stacks"},
	{KEY_ANNOUNCE, "announce", NULL, "rows too of when each worker ran and what lies where"},
	{KEY_WARMUP, "warmup", "N", "N rounds before the one that counts"},
	{KEY_PREFAULT, "prefault", NULL, "touch and release as much memory once, first"},
	{KEY_DELAY_NS, "delay-ns", "N", "plant a slow-down: stay busy for N ns behind each page"},
	{KEY_DELAY_FRACTION, "delay-fraction", "F", "behind this share of the pages only"},
	{KEY_OVERSUBSCRIBE, "oversubscribe", NULL,
	 "more workers than CPUs: do not clip (as with --pin)"},
	{KEY_ENGINE + ENGINE_LOCK, "lock", "DESIGN",
	 "engine: lock of the VMAs (default vma-refcnt)"},
	{KEY_ENGINE + ENGINE_RWSEM_SPIN, "rwsem-spin", "on|off",
	 "engine: writers of rwsems spin (default on)"},
	{KEY_ENGINE + ENGINE_WRITERS, "writers", "N",
	 "engine-mixed: writers beside the workers (default 1)"},
	{KEY_ENGINE + ENGINE_NODES, "nodes", "N", "engine: NUMA nodes to emulate"},
	{KEY_ENGINE + ENGINE_VMA_CLASS, "vma-class", "K", "engine: start of VMAs mod 128, or mix"},
	{KEY_ENGINE + ENGINE_MACHINE, "machine", "MODEL", "pft-sim: the machine to simulate"},
	{KEY_ENGINE + ENGINE_CPUS, "cpus", "N", "pft-sim: only so many of its CPUs"},
	{KEY_ENGINE + ENGINE_PREFETCH, "prefetch", "adjacent=on|off",
	 "pft-sim: switch its adjacent-line prefetcher (as the model says)"},
	{KEY_SWAP + SWAP_LIMIT, "limit", "SIZE",
	 "swap: memory that may stay (default a third of the working set)"},
	{KEY_SWAP + SWAP_WORKING_SET, "working-set", "SIZE",
	 "swap: memory of all workers (default as -m)"},
	{KEY_SWAP + SWAP_CODEC, "codec", "NAME[:LEVEL]", "swap: how pages are compressed (lzo)"},
	{KEY_SWAP + SWAP_POOL, "pool", "NAME", "swap: where they are kept (zsmalloc)"},
	{KEY_SWAP + SWAP_LRU, "lru", "POLICY", "swap: who is written back (memcg-second-chance)"},
	{KEY_SWAP + SWAP_LRU_LOCK, "lru-lock", "SCOPE",
	 "swap: a lock for the lists of a node, or for each list (as the policy's kernel)"},
	{KEY_SWAP + SWAP_MEMCGS, "memcgs", "N", "swap: groups (default one a worker, at least 2)"},
	{KEY_SWAP + SWAP_ZSWAP_MAX, "zswap-max", "SIZE|max",
	 "swap: compressed bytes of a group (default max)"},
	{KEY_SWAP + SWAP_POOL_MAX, "pool-max", "N", "swap: percent of memory for the pool (20)"},
	{KEY_SWAP + SWAP_ACCEPT, "accept-threshold", "N",
	 "swap: percent of that, below which a full pool takes again (90)"},
	{KEY_SWAP + SWAP_SHRINKER, "zswap-shrinker", "on|off",
	 "swap: reclaim shrinks the pool (off)"},
	{KEY_SWAP + SWAP_FILE, "swap-file", "PATH", "swap: the file, made and removed"},
	{KEY_SWAP + SWAP_SIZE, "swap-size", "SIZE", "swap: of the file or device"},
	{KEY_SWAP + SWAP_ACCESS, "access", "ORDER", "swap: uniform (default), zipf or seq"},
	{KEY_SWAP + SWAP_COMPRESSIBILITY, "compressibility", "RATIO",
	 "swap: of the pages' contents (default 3)"},
	{KEY_SWAP + SWAP_CONTENT, "content", "FILE", "swap: contents from a file instead"},
	{KEY_COUNTERS, "counters", "LIST",
	 "what to count beside: names of '--list counters', all, none (default rusage)"},
	{KEY_EVENTS, "events", "LIST",
	 "events of the PMU by libpfm4's or perf's names, {A,B} in one group; default, none"},
	{KEY_CHECK, "check", NULL, "only say whether this can run here"},
	{KEY_LIST, "list", NULL,
	 "print what there is: workloads, pins, mems, locks, codecs, policies, pools, counters"},
	{KEY_LAYOUT, "layout", NULL, "print the structs of the lock designs, or of the one named"},
	{KEY_VERSION, "version", NULL, "print the version"},
};
#define NR_ROWS (sizeof(rows) / sizeof(rows[0]))

void options_usage(FILE *out, const char *program)
{
	char left[64];

	fprintf(out, "\nUsage:  %s [OPTION...] [TAG]\n\n", program);
	for (size_t i = 0; i < NR_ROWS; i++) {
		const struct row *r = &rows[i];

		if (!r->help)
			continue;
		if (r->key >= 256)
			snprintf(left, sizeof(left), "--%s %s", r->name, r->arg ? r->arg : "");
		else
			snprintf(left, sizeof(left), "-%c%s%s %s", r->key, r->name ? ", --" : "",
				 r->name ? r->name : "", r->arg ? r->arg : "");
		fprintf(out, "  %-24s %s\n", left, r->help);
	}
	fputs("\npft-sim --explore N | --replay SEED [--lock DESIGN] [--preemptions N]\n"
	      "  looks for a schedule that breaks a lock design, or repeats one; see pft(1).\n"
	      "\nOne line is printed: GiB, workers, cache lines, user, system and wall time,\n"
	      "faults per second of CPU time, faults per second of wall time.\n",
	      out);
}

/* The table as getopt_long() wants it. */
static void getopt_tables(char *letters, struct option *longs)
{
	for (size_t i = 0; i < NR_ROWS; i++) {
		const struct row *r = &rows[i];

		if (r->key < 256) {
			*letters++ = r->key;
			if (r->arg)
				*letters++ = ':';
		}
		if (r->name)
			*longs++ = (struct option){r->name, !!r->arg, NULL, r->key};
	}
	*letters = 0;
	memset(longs, 0, sizeof(*longs));
}

void options_note(struct invocation *inv, const char *fmt, ...)
{
	char line[512], *all;
	va_list ap;

	va_start(ap, fmt);
	vsnprintf(line, sizeof(line), fmt, ap);
	va_end(ap);
	all = xasprintf("%s%s\n", inv->notes ? inv->notes : "", line);
	free(inv->notes);
	inv->notes = all;
}

/* The first error that the classic has its own words for. */
static int classic_error(struct invocation *inv, bool usage)
{
	inv->usage_wanted = usage;
	return -EINVAL;
}

static int set_bytes(struct invocation *inv, const char *text)
{
	size_t page = sysconf(_SC_PAGESIZE);
	uint64_t bytes;

	if (!*text)
		text = "0";
	if (size_parse(text, page, &bytes, NULL) || bytes > MAX_BYTES) {
		options_note(inv, "Bogus size:  -m %s", text);
		return classic_error(inv, true);
	}
	inv->settings.bytes = (bytes + page - 1) / page * page;
	return 0;
}

/* Leading digits count, as the classic has it: '2x' is 2, 'abc' is 0 and means 1. Not so a negative
 * number. */
static int set_count(char letter, const char *text, unsigned *count, struct why *why)
{
	long n = strtol(text, NULL, 10);

	if (n < 0 || n > MAX_WORKERS)
		return why_not(why, EINVAL, "not a number in 0..%d, with '-%c %s'", MAX_WORKERS,
			       letter, text);
	*count = n;
	return 0;
}

static int set_workers(struct invocation *inv, char letter, const char *text, struct why *why)
{
	struct settings *s = &inv->settings;
	bool processes = letter == 'n';
	unsigned before = s->nr_workers;
	int err = set_count(letter, text, &s->nr_workers, why);

	if (!err && before && processes != s->processes)
		options_note(inv,
			     processes
				     ? "nr_proc overriding nr_thread -- switching to process mode"
				     : "nr_thread overriding nr_proc -- switching to thread mode");
	s->processes = processes;
	return err;
}

static int set_cachelines(struct invocation *inv, const char *text, struct why *why)
{
	long line = sysconf(_SC_LEVEL1_DCACHE_LINESIZE);
	uint64_t n;
	uint64_t most = sysconf(_SC_PAGESIZE) / (line > 0 ? line : 64);

	if (number_parse(text, 1, most, &n, NULL))
		return why_not(why, EINVAL,
			       "not a number of cache lines, with '-c %s'; a page has 1 to %d",
			       text, (int)most);
	inv->settings.cachelines = n;
	return 0;
}

/* -l and -L exclude each other, and the later one wins. */
static void set_lock(struct invocation *inv, char letter)
{
	struct settings *s = &inv->settings;

	if (letter == 'L' && s->mlock)
		options_note(inv, "Option -L [SHM_LOCK] overriding '-l' [mlock]");
	if (letter == 'l' && s->shm_lock)
		options_note(inv, "Option -l [mlock] overriding '-L' [SHM_LOCK]");
	s->mlock = letter == 'l';
	s->shm_lock = letter == 'L';
	inv->sysv |= letter == 'L';
}

static int set_sleep(struct invocation *inv, const char *text, struct why *why)
{
	return set_count('s', text, &inv->settings.sleep_s, why);
}

static int classic_option(struct invocation *inv, int key, const char *arg, struct why *why)
{
	struct settings *s = &inv->settings;

	switch (key) {
	case 'm':
		return set_bytes(inv, arg);
	case 't':
	case 'n':
		return set_workers(inv, key, arg, why);
	case 'c':
		return set_cachelines(inv, arg, why);
	case 's':
		return set_sleep(inv, arg, why);
	case 'l':
	case 'L':
		set_lock(inv, key);
		return 0;
	case 'z':
		s->clear = true;
		return 0;
	case 'Z':
		s->dev_zero = true;
		return 0;
	case 'S':
		inv->sysv = true;
		return 0;
	case 'p':
		mem_policy_release(&s->mem);
		s->mem.kind = MEM_LOCAL;
		return 0;
	case 'a':
		inv->in_order = true;
		return 0;
	case 'f':
		inv->fifo = true;
		return 0;
	case 'N':
		inv->numa_maps = true;
		return 0;
	case 'P':
		inv->pause = true;
		return 0;
	case 'T':
		inv->title = true;
		return 0;
	case 'v':
		inv->verbose++;
		return 0;
	case 'V':
		inv->action = ACTION_CLASSIC_VERSION;
		return 0;
	case 'h':
		inv->action = ACTION_HELP;
		return 0;
	case 'C':
	case 'F':
		return 0;
	default: /* getopt has said what it did not like */
		return classic_error(inv, true);
	}
}

static int set_workload(struct invocation *inv, const char *name, struct why *why)
{
	inv->settings.workload = workload_find(name);
	if (!inv->settings.workload)
		return why_not(why, EINVAL,
			       "no such workload, with '%s'; '%s --list workloads' names them",
			       name, say_name());
	return 0;
}

static int add_param(struct settings *s, const char *text, struct why *why)
{
	const char *equals = strchr(text, '=');
	struct param *p;

	if (!equals || equals == text)
		return why_not(why, EINVAL, "not NAME=VALUE, with '--param %s'", text);
	s->params = xreallocarray(s->params, s->nr_params + 1, sizeof(*s->params));
	p = &s->params[s->nr_params++];
	p->name = xstrndup(text, equals - text);
	p->value = equals + 1;
	return 0;
}

static int set_pagesize(struct invocation *inv, const char *text, struct why *why)
{
	static const char *const names[] = {"base", "transhuge", "default"};

	for (unsigned i = 0; i < sizeof(names) / sizeof(names[0]); i++) {
		if (!strcmp(text, names[i])) {
			inv->settings.pagesize = i;
			inv->pagesize_given = true;
			return 0;
		}
	}
	return why_not(why, EINVAL, "no such page size, with '%s'; use base, transhuge or default",
		       text);
}

static int set_warmup(struct settings *s, const char *text, struct why *why)
{
	uint64_t n;
	int err = number_parse(text, 0, 1000000, &n, why);

	s->warmup = err ? 0 : n;
	return err ? why_within(why, EINVAL, "--warmup") : 0;
}

static int long_option(struct invocation *inv, int key, const char *arg, struct why *why)
{
	struct settings *s = &inv->settings;

	inv->modern = true;
	if (key >= KEY_SWAP)
		return swap_settings_read(&s->swap, key - KEY_SWAP, arg, why);
	if (key >= KEY_ENGINE)
		return engine_settings_read(&s->engine, key - KEY_ENGINE, arg, why);
	switch (key) {
	case KEY_WORKLOAD:
		return set_workload(inv, arg, why);
	case KEY_PARAM:
		return add_param(s, arg, why);
	case KEY_PIN:
		inv->pin_given = true;
		pin_plan_release(&s->pin);
		return pin_plan_parse(&s->pin, arg, why);
	case KEY_MEM:
		mem_policy_release(&s->mem);
		return mem_policy_parse(&s->mem, arg, why);
	case KEY_PAGESIZE:
		return set_pagesize(inv, arg, why);
	case KEY_FILE:
		s->file_dir = arg;
		return 0;
	case KEY_ROWS:
		inv->rows = arg;
		return 0;
	case KEY_MAPPINGS:
		s->mappings = true;
		return 0;
	case KEY_ANNOUNCE:
		s->announce = true;
		return 0;
	case KEY_WARMUP:
		return set_warmup(s, arg, why);
	case KEY_PREFAULT:
		s->prefault = true;
		return 0;
	case KEY_DELAY_NS:
		return delay_read_ns(&s->delay, arg, why);
	case KEY_DELAY_FRACTION:
		return delay_read_fraction(&s->delay, arg, why);
	case KEY_OVERSUBSCRIBE:
		inv->oversubscribe = true;
		return 0;
	case KEY_COUNTERS:
		s->counters.list = arg;
		return 0;
	case KEY_EVENTS:
		s->counters.events = arg;
		return 0;
	case KEY_CHECK:
		inv->action = ACTION_CHECK;
		return 0;
	case KEY_LIST:
		inv->action = ACTION_LIST;
		return 0;
	case KEY_LAYOUT:
		inv->action = ACTION_LAYOUT;
		return 0;
	default:
		inv->action = ACTION_VERSION;
		return 0;
	}
}

/* "--list KIND", "--layout DESIGN": the word behind it is not a TAG. */
static void take_words(struct invocation *inv, char **words)
{
	if (inv->action == ACTION_LIST || inv->action == ACTION_LAYOUT)
		inv->list_kind = *words;
	else
		inv->tag = *words;
}

int options_parse(struct invocation *inv, int argc, char **argv, struct why *why)
{
	char letters[2 * NR_ROWS + 1];
	struct option longs[NR_ROWS + 1];
	int key, err = 0;

	memset(inv, 0, sizeof(*inv));
	inv->settings.bytes = sysconf(_SC_PAGESIZE);
	inv->settings.cachelines = 1;
	engine_settings_init(&inv->settings.engine);
	swap_settings_init(&inv->settings.swap);
	getopt_tables(letters, longs);
	optind = 0; /* glibc: start anew, with this argv */
	while (!err && (key = getopt_long(argc, argv, letters, longs, NULL)) >= 0)
		err = key < 256 ? classic_option(inv, key, optarg, why)
				: long_option(inv, key, optarg, why);
	if (err)
		return err;
	take_words(inv, argv + optind);
	if (inv->action != ACTION_RUN && inv->action != ACTION_CHECK)
		return 0;
	inv->settings.engine.platform.transfers = inv->settings.announce;
	err = platform_init(&inv->settings.engine.platform, why);
	return err ? err : options_settle(inv, why);
}

void options_release(struct invocation *inv)
{
	struct settings *s = &inv->settings;

	for (size_t i = 0; i < s->nr_params; i++)
		free(s->params[i].name);
	free(s->params);
	pin_plan_release(&s->pin);
	mem_policy_release(&s->mem);
	free(inv->notes);
}
