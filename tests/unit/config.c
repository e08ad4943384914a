/* SPDX-License-Identifier: GPL-2.0-or-later */
/* The config file: what the shell would compute, and a clear refusal of what it would execute. */
#include "harness/config.h"

#include <errno.h>
#include <setjmp.h>
#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include <cmocka.h>

#include "common/xalloc.h"

/* 56 CPUs, 2 nodes, 8 GB (hwloc counts them decimal). */
#define MACHINE "pack:2 [numa(memory=4GiB)] core:14 pu:2"

static struct topology topology;

static int set_up(void **state)
{
	struct why why = WHY_INIT;

	(void)state;
	return topology_init(&topology, MACHINE, &why);
}

static int tear_down(void **state)
{
	(void)state;
	topology_release(&topology);
	return 0;
}

/* The config of @text; NULL and the reason in @why if it is refused. */
static struct config *parse(const char *text, struct why *why)
{
	static struct config config;

	config_init(&config, &topology);
	if (!config_parse(&config, "f", text, strlen(text), why))
		return &config;
	config_release(&config);
	return NULL;
}

/* After @text the variable X is @expected. */
static void is(const char *text, const char *expected)
{
	struct why why = WHY_INIT;
	struct config *config = parse(text, &why);
	struct config_variable *x;

	if (!config)
		fail_msg("'%s': %s", text, why.text);
	x = config_find(config, "X");
	if (!x || strcmp(x->value, expected))
		fail_msg("'%s' gives '%s', not '%s'", text, x ? x->value : "nothing", expected);
	config_release(config);
}

static void refuse(const char *text, const char *reason)
{
	struct why why = WHY_INIT;

	if (parse(text, &why))
		fail_msg("'%s' was taken", text);
	if (strncmp(why.text, reason, strlen(reason)))
		fail_msg("'%s' says '%s', not '%s'", text, why.text, reason);
}

static void test_values(void **state)
{
	(void)state;
	is("X=1", "1");
	is("export X=1\n", "1");
	is("  export\tX=1  # why\n", "1");
	is("X=", "");
	is("X= # nothing", "");
	is("X=a#b", "a#b");
	is("X='a b'", "a b");
	is("X='a\"$Y`;'", "a\"$Y`;");
	is("X=\"a 'b' # c\"", "a 'b' # c");
	is("X=a'b'\"c\"d", "abcd");
	is("X=\\$\\a\\ b", "$a b");
	is("X=\"\\$\\\"\\\\\\a\"", "$\"\\\\a");
	is("X='a\nb'", "a\nb");
	is("X=\"a\\\nb\"", "ab");
	is("X=a\\\nb", "ab");
	is("Y=1 \\\n X=2", "2");
	is("X=1\nX=2", "2");
	is("X=1 Y=2", "1");
	is("export X=1 Y=2 Z", "1");
	is("X=1\r\n# c\r\nY=2\r\n", "1");
	is("X=a=b", "a=b");
	is("X=1", "1");
	is("_=1\nX=*.c?[a]", "*.c?[a]");
}

static void test_expansion(void **state)
{
	(void)state;
	is("X=$NUMCPUS", "56");
	is("X=${NUMCPUS}x", "56x");
	is("X=\"$NUMNODES $NUMCORES\"", "2 28");
	is("A=1\nX=$A$A", "11");
	is("A='x y'\nX=$A", "x y");
	is("X=$((MEMTOTAL_BYTES/5))", "1717986918");
	is("X=$(( $NUMCPUS * 2 ))", "112");
	is("X=$((${NUMCPUS}-1))", "55");
	is("X=$((1<<30))", "1073741824");
	is("X=\"$((1 + 1)) MB\"", "2 MB");
	is("X=$(( (1+2) * (3+4) ))", "21");
	is("X=$(( $((1+2)) * 2 ))", "6");
	is("A=1+2\nX=$((2*$A))", "4"); /* text first, as in the shell */
	is("A=3\nX=$((\n A +\n 1 ))", "4");
	is("X=$((NUMCPUS > 8 ? 8 : NUMCPUS))", "8");
}

static void test_execution(void **state)
{
	static const char *const words[] = {
		"X=$(date)", "X=`date`",    "X=\"`date`\"", "X=\"$(date)\"", "X=1;",
		"X=1 ; Y=2", "X=1&",	    "X=1|y",	    "X=1<y",	     "X=1>y",
		"X=(1 2)",   "X=1 date",    "date",	    "if [ 1 ]",	     "source other",
		". other",   "X+=1",	    "X[0]=1",	    "f() {",	     "}",
		"[ -e x ]",  "export -n X", "unset X",	    "1X=2",	     "export 1X=2",
		"X =1",	     "X=1 && Y=2",  "export",	    "X=$((`date`))", "export X;",
	};

	(void)state;
	for (size_t i = 0; i < sizeof(words) / sizeof(words[0]); i++)
		refuse(words[i], "f:1: a config computes but does not execute, with '");
	refuse("X=1\nif true\n", "f:2: a config computes but does not execute, with 'if'");
	refuse("rm -rf /", "f:1: a config computes but does not execute, with 'rm'");
}

static void test_errors(void **state)
{
	(void)state;
	refuse("\n\nX=$NOPE", "f:3: 'NOPE' is not set");
	refuse("X=${NOPE}", "f:1: 'NOPE' is not set");
	refuse("X=${NUMCPUS:-1}", "f:1: only ${NAME} is known of the shell's ${...}");
	refuse("X=${#X}", "f:1: no name behind '$'");
	refuse("X=${NUMCPUS", "f:1: only ${NAME} is known");
	refuse("X=$1", "f:1: no name behind '$'; write '\\$' for the sign");
	refuse("X=$", "f:1: no name behind '$'");
	refuse("X=$'a'", "f:1: no name behind '$'");
	refuse("X=$((1", "f:1: $(( without its ))");
	refuse("X=$((1)", "f:1: $(( without its ))");
	refuse("X=$((1/0))", "f:1: division by zero");
	refuse("X=$((NOPE))", "f:1: 'NOPE' is not set");
	refuse("X=1\nX='a\nb\n", "f:2: nothing closes the quote '");
	refuse("X=\"a\nb\n", "f:1: nothing closes the quote \"");
	refuse("X=\\", "f:1: nothing behind '\\'");
	refuse("X=~/a", "f:1: '~' is not expanded");
	refuse("NUMCPUS=4", "f:1: 'NUMCPUS' is what the machine has");
	refuse("X='a\nb' Y=$NOPE", "f:2: 'NOPE' is not set");
}

static void test_names(void **state)
{
	(void)state;
	refuse("\nPFT_ITERATION=3",
	       "f:2: no such variable, with 'PFT_ITERATION': did you mean 'PFT_ITERATIONS'?");
	refuse("PFT_MAXCLIENT=3",
	       "f:1: no such variable, with 'PFT_MAXCLIENT': did you mean 'PFT_MAX_CLIENTS'?");
	refuse("PFT_XYZZY_PLUGH=3",
	       "f:1: no such variable, with 'PFT_XYZZY_PLUGH': 'faultscale plan");
	refuse("PFT_ITERATIONS=many", "f:1: PFT_ITERATIONS: not a number, with 'many'");
	refuse("PFT_ITERATIONS=0", "f:1: PFT_ITERATIONS: number not in 1..");
	refuse("PFT_ITERATIONS=-1", "f:1: PFT_ITERATIONS: ");
	refuse("PFT_MAPPING_SIZE=1Q", "f:1: PFT_MAPPING_SIZE: ");
	refuse("PFT_MAPPING_SIZE=0", "f:1: PFT_MAPPING_SIZE: no size to map, with '0'");
	refuse("PFT_ORDER=shuffled",
	       "f:1: PFT_ORDER: no such choice, with 'shuffled': give one of ");
	refuse("PFT_ORDER='random interleaved'", "f:1: PFT_ORDER: no such choice");
	refuse("PFT_PAGESIZES='base huge'", "f:1: PFT_PAGESIZES: no such choice, with 'huge'");
	refuse("PFT_USE_PROCESSES=maybe", "f:1: PFT_USE_PROCESSES: no such choice, with 'maybe'");
	refuse("PFT_PIN='compact spread compact'", "f:1: PFT_PIN: named twice, with 'compact'");
	refuse("PFT_EXTRA='-c\n8'", "f:1: PFT_EXTRA: more than one line");
}

static void test_getters(void **state)
{
	struct why why = WHY_INIT;
	struct config *config =
		parse("PFT_MAPPING_SIZE=64M PFT_PIN=\"  compact\tcpus:0-3,8\n none \"\n"
		      "PFT_SEED= PFT_WORKLOADS=' '",
		      &why);
	char **words;
	size_t nr;

	(void)state;
	assert_non_null(config);
	assert_int_equal(config_number(config, PFT_MAPPING_SIZE), 64 << 20);
	assert_int_equal(config_number(config, PFT_MAX_CLIENTS), 56);
	assert_int_equal(config_number(config, PFT_MAX_CLIENTS_CAP), 0);
	assert_int_equal(config_number(config, PFT_SEED), 1); /* empty is the default */
	assert_string_equal(config_text(config, PFT_WORKLOADS), "anon");
	assert_string_equal(config_text(config, PFT_EXTRA), "");
	words = config_words(config, PFT_PIN, &nr);
	assert_int_equal(nr, 3);
	assert_string_equal(words[0], "compact");
	assert_string_equal(words[1], "cpus:0-3,8");
	assert_string_equal(words[2], "none");
	config_words_free(words, nr);
	words = config_words(config, PFT_CLIENTS, &nr);
	assert_int_equal(nr, 0);
	config_words_free(words, nr);
	config_release(config);
}

static void test_set(void **state)
{
	struct config config;
	struct why why = WHY_INIT;
	static const char text[] = "PFT_ITERATIONS=bad\nBASE=2 PFT_MIN_CLIENTS=$BASE";

	(void)state;
	config_init(&config, &topology);
	assert_int_equal(config_set(&config, "PFT_ITERATIONS=$((NUMCPUS/2))", &why), 0);
	assert_int_equal(config_set(&config, "BASE=3", &why), 0);
	assert_int_equal(config_set(&config, "PFT_PIN=compact spread", &why), 0);
	assert_int_equal(config_parse(&config, "f", text, strlen(text), &why), 0);
	assert_int_equal(config_number(&config, PFT_ITERATIONS), 28);
	assert_int_equal(config_number(&config, PFT_MIN_CLIENTS), 3);
	assert_string_equal(config_text(&config, PFT_PIN), "compact spread");

	assert_int_equal(config_set(&config, "PFT_ITERATIONS", &why), -EINVAL);
	assert_string_equal(why.text, "not NAME=VALUE, with 'PFT_ITERATIONS'");
	assert_int_equal(config_set(&config, "PFT_NOPE=1", &why), -EINVAL);
	assert_non_null(strstr(why.text, "--set: no such variable, with 'PFT_NOPE'"));
	assert_int_equal(config_set(&config, "PFT_SEED=$(id)", &why), -EINVAL);
	assert_string_equal(why.text, "--set: a config computes but does not execute, with '$('");
	assert_int_equal(config_set(&config, "PFT_SEED=x", &why), -EINVAL);
	assert_string_equal(why.text, "--set: PFT_SEED: not a number, with 'x'");
	assert_int_equal(config_set(&config, "NUMCPUS=1", &why), -EINVAL);
	config_release(&config);
}

/* What mmtests' own files of this kind hold. */
static void test_mmtests(void **state)
{
	static const char text[] =
		"### a comment\n\nexport MMTESTS=\"pft\"\n"
		"export RUN_MONITOR=yes\nexport MONITORS_ALWAYS=\n"
		"export MONITORS_GZIP=\"proc-vmstat mpstat turbostat\"\n"
		"export PFT_ITERATIONS=30\n"
		"export PFT_MAPPING_SIZE=$((MEMTOTAL_BYTES/5))\n"
		"export PFT_MIN_CLIENTS=1\nexport PFT_MAX_CLIENTS=$NUMCPUS\n"
		"HALF=$((NUMCPUS/2))\nexport MMTESTS_THREAD_CUTOFF=$HALF\n"
		"export PFT_USE_PROCESSES=no\nexport PFT_PAGESIZES=\"default base\"";
	struct why why = WHY_INIT;
	struct config *config = parse(text, &why);
	char *ignored;

	(void)state;
	assert_non_null(config);
	assert_int_equal(config_number(config, MMTESTS_THREAD_CUTOFF), 28);
	ignored = config_ignored(config);
	assert_string_equal(ignored, "MMTESTS, RUN_MONITOR, MONITORS_ALWAYS, MONITORS_GZIP");
	free(ignored);
	config_release(config);
}

/* @head and then @nr times @unit, in memory that the caller frees. */
static char *repeat(const char *head, const char *unit, unsigned nr)
{
	char *text = xstrdup(head);

	for (unsigned i = 0; i < nr; i++) {
		char *longer = xasprintf("%s%s", text, unit);

		free(text);
		text = longer;
	}
	return text;
}

/* A few lines that double a value each must not eat the memory, nor deep $(( the stack. */
static void test_limits(void **state)
{
	char *text = repeat("A=xxxxxxxx\n", "A=$A$A\n", 60);

	(void)state;
	refuse(text, "f:12: a value of more than 8192 bytes");
	free(text);
	text = repeat("X=", "$((", 40);
	refuse(text, "f:1: $(( nested more than 16 deep");
	free(text);
}

static void test_files(void **state)
{
	struct config config;
	struct why why = WHY_INIT;
	char path[] = "/tmp/config-XXXXXX", *expected;
	int fd = mkstemp(path);
	static const char text[] = "X=1\nPFT_SEED=2\n", binary[] = "X=1\0Y=2\n";

	(void)state;
	assert_true(fd >= 0);
	assert_int_equal(write(fd, text, strlen(text)), (ssize_t)strlen(text));
	config_init(&config, &topology);
	assert_int_equal(config_read(&config, path, &why), 0);
	assert_string_equal(config.path, path);
	assert_string_equal(config.text, text);
	expected = xasprintf("%s:1", path);
	assert_string_equal(config_find(&config, "X")->where, expected);
	free(expected);
	config_release(&config);

	assert_int_equal(pwrite(fd, binary, sizeof(binary), 0), sizeof(binary));
	config_init(&config, &topology);
	assert_int_equal(config_read(&config, path, &why), -EINVAL);
	assert_non_null(strstr(why.text, "not a text file"));
	config_release(&config);
	close(fd);
	unlink(path);

	config_init(&config, &topology);
	assert_int_equal(config_read(&config, path, &why), -ENOENT);
	assert_non_null(strstr(why.text, "cannot open the config '/tmp/config-"));
	assert_int_equal(config_read(&config, "/", &why), -EISDIR);
	config_release(&config);
}

/* The table is what everything else walks. */
static void test_table(void **state)
{
	(void)state;
	for (size_t i = 0; i < NR_CONFIG_NAMES; i++) {
		const struct config_name *row = &config_names[i];

		assert_non_null(row->name);
		assert_non_null(row->preset);
		assert_non_null(row->summary);
		assert_ptr_equal(config_name_find(row->name), row);
		assert_string_equal(config_name_nearest(row->name), row->name);
		assert_true(strlen(row->name) < 60);
		assert_true(row->type != CONFIG_CHOICE || row->choices);
		assert_true(row->type != CONFIG_NUMBER || row->max > row->min);
	}
	assert_null(config_name_nearest(
		"a_name_that_is_longer_than_any_other_one_in_the_whole_table_x"));
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(test_values),	  cmocka_unit_test(test_expansion),
		cmocka_unit_test(test_execution), cmocka_unit_test(test_errors),
		cmocka_unit_test(test_names),	  cmocka_unit_test(test_getters),
		cmocka_unit_test(test_set),	  cmocka_unit_test(test_mmtests),
		cmocka_unit_test(test_limits),	  cmocka_unit_test(test_files),
		cmocka_unit_test(test_table),
	};

	return cmocka_run_group_tests(tests, set_up, tear_down);
}
