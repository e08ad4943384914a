/* SPDX-License-Identifier: GPL-2.0-or-later */
#include "analysis/perf_script.h"

#include <ctype.h>
#include <errno.h>
#include <stdbool.h>
#include <stdlib.h>
#include <string.h>

#include "common/xalloc.h"

#define MEASURED "pft-measured" /* the name of a thread in the measured region */

/* A sample while its lines are read: "COMM PID [CPU] TIME: PERIOD EVENT: ADDR... IP SYM+OFF (DSO)"; with
 * call chains the last three are a line of their own, the innermost first; with srcline another one. */
struct script_sample {
	bool open; /* its head was read */
	bool placed; /* and its instruction */
	bool measured;
	char symbol[256], offset[64], line[256], file[256];
	bool kernel;
	struct miss_counts counts;
};

struct parser {
	struct perf_script *script;
	const char *name;
	unsigned line;
	struct script_sample sample;
	struct miss_table all, measured; /* of all threads, of the measured ones */
	uint64_t nr_all, nr_measured;
};

/* "16917.071387:" */
static bool is_time(const char *word, size_t len)
{
	size_t digits = strspn(word, "0123456789");

	if (!digits || digits >= len || word[digits] != '.')
		return false;
	digits += 1 + strspn(word + digits + 1, "0123456789");
	return digits + 1 == len && word[digits] == ':';
}

/* The next word behind *@p, *@len bytes; NULL at the end. */
static const char *next_word(const char **p, size_t *len)
{
	const char *word = *p + strspn(*p, " \t");

	*len = strcspn(word, " \t");
	*p = word + *len;
	return *len ? word : NULL;
}

static bool is_digits(const char *word, size_t len)
{
	return len && strspn(word, "0123456789") >= len;
}

/* Before @end: the start of the last word, with *@len; NULL if there is none. */
static const char *last_word(const char *start, const char *end, size_t *len)
{
	const char *word;

	while (end > start && isblank((unsigned char)end[-1]))
		end--;
	for (word = end; word > start && !isblank((unsigned char)word[-1]); word--)
		;
	*len = (size_t)(end - word);
	return *len ? word : NULL;
}

static void put_text(char *to, size_t size, const char *text, size_t len)
{
	snprintf(to, size, "%.*s", (int)(len < size ? len : size - 1), text);
}

/* [kernel.kallsyms], [virtio_net], but not [vdso]; or the path of a program. */
static void take_dso(struct script_sample *s, const char *dso, size_t len)
{
	const char *slash = memrchr(dso, '/', len);

	if (len > 7 && !strncmp(dso, "[kernel", 7))
		put_text(s->file, sizeof(s->file), "vmlinux", 7);
	else if (slash)
		put_text(s->file, sizeof(s->file), slash + 1, len - (size_t)(slash + 1 - dso));
	else if (len > 2 && *dso == '[')
		put_text(s->file, sizeof(s->file), dso + 1, len - 2);
	else
		put_text(s->file, sizeof(s->file), dso, len);
}

/*
 * "IP SYMBOL[+OFFSET] [(DSO)]" at the end of @text. Names of C++ and Rust have blanks in them: the address is
 * the last word of hexadecimal digits alone that something follows. Returns where it starts, or NULL.
 */
static const char *take_place(struct script_sample *s, const char *text)
{
	const char *end = text + strlen(text), *dso = NULL, *ip = NULL, *p = text, *word, *plus;
	size_t len, ip_len = 0;

	while (end > text && isspace((unsigned char)end[-1]))
		end--;
	if (end > text && end[-1] == ')') {
		dso = memrchr(text, '(', (size_t)(end - text));
		if (!dso)
			return NULL;
		take_dso(s, dso + 1, (size_t)(end - dso - 2));
		end = dso;
	}
	while ((word = next_word(&p, &len)) && word < end)
		if (strspn(word, "0123456789abcdef") == len && word + len + 1 < end) {
			ip = word;
			ip_len = len;
		}
	if (!ip)
		return NULL;
	s->kernel = ip_len == 16 && strchr("89abcdef", *ip);
	word = ip + ip_len + strspn(ip + ip_len, " \t");
	while (end > word && isblank((unsigned char)end[-1]))
		end--;
	if (end <= word)
		return NULL;
	plus = memrchr(word, '+', (size_t)(end - word));
	if (plus && plus > word && !strncmp(plus, "+0x", 3)) {
		put_text(s->offset, sizeof(s->offset), plus, (size_t)(end - plus));
		end = plus;
	}
	put_text(s->symbol, sizeof(s->symbol), word, (size_t)(end - word));
	s->placed = true;
	return ip;
}

/* "|OP LOAD|LVL Remote Cache (1 hop) hit|SNP HitM|TLB...|BLK N/A  WEIGHT" before the address. */
static void take_source(struct script_sample *s, const char *text, const char *ip)
{
	const char *op = strstr(text, "|OP "), *word;
	size_t len;
	bool changed, remote;

	if (!op || op >= ip)
		return;
	changed = strstr(op, "|SNP HitM") || strstr(op, "Peer");
	remote = strstr(op, "|LVL Remote") || strstr(op, "or Remote");
	s->counts.loads = !strncmp(op + 4, "LOAD", 4);
	s->counts.stores = !strncmp(op + 4, "STORE", 5);
	s->counts.hitm_local = changed && !remote;
	s->counts.hitm_remote = changed && remote;
	word = last_word(op, ip, &len);
	if (word && is_digits(word, len))
		s->counts.weight = strtoull(word, NULL, 10);
}

/* A sample's last line was read: keep it. */
static void close_sample(struct parser *p)
{
	struct script_sample *s = &p->sample;
	const struct miss_where where = {
		s->kernel ? "kernel" : "user", s->symbol, s->offset, s->line, "-", s->file};
	const char *status = strcmp(s->symbol, "[unknown]") ? "ok" : "unavailable: no symbol there";

	if (s->open && !s->placed)
		p->script->passed_over++;
	if (s->open && s->placed) {
		miss_table_add(&p->all, &where, &s->counts, status);
		p->nr_all++;
		if (s->measured) {
			miss_table_add(&p->measured, &where, &s->counts, status);
			p->nr_measured++;
		}
	}
	s->open = false;
}

/* "cpu-clock:pppH:" is cpu-clock; "cpu/mem-loads,ldlat=30/P:" stays. */
static int take_event(struct parser *p, const char *word, size_t len, struct why *why)
{
	const char *colon = memchr(word, ':', len);
	char *event = xstrndup(word, memchr(word, '/', len) ? len - 1 : (size_t)(colon - word));

	if (p->script->event && strcmp(p->script->event, event)) {
		why_not(why, EINVAL,
			"%s:%u: a sample of '%s' among those of '%s'; import one event at a time "
			"(perf script -i FILE | grep)",
			p->name, p->line, event, p->script->event);
		free(event);
		return -EINVAL;
	}
	free(p->script->event);
	p->script->event = event;
	return 0;
}

/* Where the time of a head stands, *@len bytes; NULL: it is no head. */
static const char *find_time(const char *text, size_t *len)
{
	const char *p = text, *word;

	while ((word = next_word(&p, len)))
		if (word > text && is_time(word, *len))
			return word;
	return NULL;
}

static int take_head(struct parser *p, const char *text, const char *time, size_t len,
		     struct why *why)
{
	struct script_sample *s = &p->sample;
	const char *rest = time + len, *word, *ip;
	int err;

	close_sample(p);
	*s = (struct script_sample){.open = true,
				    .symbol = "[unknown]",
				    .offset = "-",
				    .line = "-",
				    .file = "-",
				    .counts = {.count = 1}};
	s->measured = !strncmp(text + strspn(text, " \t"), MEASURED, strlen(MEASURED));
	word = next_word(&rest, &len);
	if (word && is_digits(word, len)) {
		p->script->periods += strtod(word, NULL);
		word = next_word(&rest, &len);
	}
	if (!word || len < 2 || word[len - 1] != ':') {
		s->open = false;
		p->script->passed_over++;
		return 0;
	}
	err = take_event(p, word, len, why);
	ip = err ? NULL : take_place(s, rest);
	if (ip)
		take_source(s, rest, ip);
	return err;
}

/* A line below a head: a frame of a call chain, or the source line of what is above it. */
static void take_more(struct parser *p, const char *text)
{
	struct script_sample *s = &p->sample;
	const char *word = text + strspn(text, " \t"), *colon = strrchr(word, ':');

	if (!s->open)
		return;
	if (!s->placed)
		take_place(s, text);
	else if (!strcmp(s->line, "-") && colon && colon > word &&
		 is_digits(colon + 1, strlen(colon + 1)) && !strchr(word, ' '))
		put_text(s->line, sizeof(s->line), word, strlen(word));
}

static int take_line(struct parser *p, char *text, struct why *why)
{
	const char *time;
	size_t len;

	p->line++;
	text[strcspn(text, "\r\n")] = '\0';
	if (!text[strspn(text, " \t")]) {
		close_sample(p);
		return 0;
	}
	if (*text == '#')
		return 0;
	time = find_time(text, &len);
	if (time)
		return take_head(p, text, time, len, why);
	take_more(p, text);
	return 0;
}

/* Where some threads are said to be measured, they alone count. */
static void finish(struct parser *p)
{
	struct perf_script *s = p->script;
	bool told = p->nr_measured;

	s->samples = told ? p->nr_measured : p->nr_all;
	s->table = told ? p->measured : p->all;
	miss_table_release(told ? &p->all : &p->measured);
	/* No event comes that rarely. */
	if (p->nr_all && s->periods / (double)p->nr_all < 1e18)
		s->period = (uint64_t)(s->periods / (double)(p->nr_all + s->passed_over) + 0.5);
	miss_table_add_total(&s->table, MISSES_OUTSIDE, p->nr_all - s->samples);
	miss_table_add_total(&s->table, MISSES_PERIOD, s->period);
}

int perf_script_read(struct perf_script *script, FILE *in, const char *name, struct why *why)
{
	struct parser p = {.script = script, .name = name};
	char *text = NULL;
	size_t size = 0;
	int err = 0;

	*script = (struct perf_script){0};
	while (!err && getline(&text, &size, in) >= 0)
		err = take_line(&p, text, why);
	free(text);
	fclose(in);
	close_sample(&p);
	finish(&p);
	if (!err && !script->samples)
		err = why_not(
			why, ENODATA,
			"no sample in '%s'; it must be what 'perf script' prints, with ip and sym",
			name);
	return err;
}

void perf_script_release(struct perf_script *s)
{
	miss_table_release(&s->table);
	free(s->event);
	*s = (struct perf_script){0};
}
