/* SPDX-License-Identifier: GPL-2.0-or-later */
#include "harness/probes/kallsyms.h"

#include <ctype.h>
#include <errno.h>
#include <stdbool.h>
#include <stdlib.h>
#include <string.h>

#include "common/xalloc.h"

/* Nothing is larger; what is further away from its symbol lies in a hole, as behind a module. */
#define SYMBOL_MAX ((uint64_t)1 << 20)

/* The next blank-separated word of *@rest, ended by a '\0', or NULL. */
static char *take_word(char **rest)
{
	char *word = *rest + strspn(*rest, " \t");

	*rest = word + strcspn(word, " \t");
	if (**rest)
		*(*rest)++ = '\0';
	return *word ? word : NULL;
}

/* "ADDRESS TYPE NAME [MODULE]" */
static bool parse_line(char *line, struct kallsyms_symbol *s)
{
	char *address = take_word(&line), *type = take_word(&line), *name = take_word(&line);
	char *module = take_word(&line), *end;

	if (!name || type[1] || !isalpha((unsigned char)*type) ||
	    !isxdigit((unsigned char)*address))
		return false;
	errno = 0;
	*s = (struct kallsyms_symbol){
		.address = strtoull(address, &end, 16), .name = name, .type = *type};
	if (*end || errno)
		return false;
	if (module) {
		end = module + strlen(module) - 1;
		if (*module != '[' || *end != ']')
			return false;
		*end = '\0';
		s->module = module + 1;
	}
	return true;
}

static bool is_code(const struct kallsyms_symbol *s)
{
	return strchr("tTwW", s->type);
}

/* The one to be shown comes first of those at one address: code, a global name, one with fewer
 * underscores in front. */
static int compare(const void *x, const void *y)
{
	const struct kallsyms_symbol *a = x, *b = y;
	size_t under_a, under_b;

	if (a->address != b->address)
		return a->address < b->address ? -1 : 1;
	if (is_code(a) != is_code(b))
		return is_code(a) ? -1 : 1;
	if (!isupper((unsigned char)a->type) != !isupper((unsigned char)b->type))
		return isupper((unsigned char)a->type) ? -1 : 1;
	under_a = strspn(a->name, "_");
	under_b = strspn(b->name, "_");
	if (under_a != under_b)
		return under_a < under_b ? -1 : 1;
	return strcmp(a->name, b->name);
}

static void sort(struct kallsyms *k)
{
	size_t kept = 0;

	if (!k->nr)
		return;
	qsort(k->symbols, k->nr, sizeof(*k->symbols), compare);
	for (size_t i = 1; i < k->nr; i++)
		if (k->symbols[i].address != k->symbols[kept].address)
			k->symbols[++kept] = k->symbols[i];
	k->nr = kept + 1;
}

/* Where code ends, and where the kernel's own variables are (include/asm-generic/sections.h). */
static void note_section(struct kallsyms *k, const struct kallsyms_symbol *s)
{
	if (s->module)
		return;
	if (!strcmp(s->name, "_etext"))
		k->etext = s->address;
	else if (!strcmp(s->name, "_sdata"))
		k->data_start = s->address;
	else if (!strcmp(s->name, "__bss_stop"))
		k->data_end = s->address;
}

/* Per-CPU symbols are listed as offsets in their section, from 0 on; they are nobody's address. */
static void parse(struct kallsyms *k)
{
	char *rest = k->text, *line;
	struct kallsyms_symbol s;

	while ((line = strsep(&rest, "\n"))) {
		if (!parse_line(line, &s))
			continue;
		note_section(k, &s);
		XGROW(k->symbols, k->nr, k->cap);
		k->symbols[k->nr++] = s;
	}
	sort(k);
}

int kallsyms_read(struct kallsyms *k, FILE *in, struct why *why)
{
	char buf[65536];
	size_t len, n;
	FILE *out;

	*k = (struct kallsyms){0};
	out = xmemstream(&k->text, &len);
	while ((n = fread(buf, 1, sizeof(buf), in)))
		fwrite(buf, 1, n, out);
	fclose(in);
	fclose(out);
	parse(k);
	if (!k->nr)
		return why_not(why, EINVAL, "no symbol in the kernel's list of them");
	if (!k->symbols[k->nr - 1].address)
		return why_not(why, EPERM,
			       "the kernel hides its addresses: CAP_SYSLOG, or "
			       "'sysctl kernel.kptr_restrict=0', shows them");
	return 0;
}

int kallsyms_open(struct kallsyms *k, const char *path, struct why *why)
{
	FILE *in = fopen(path, "re");

	*k = (struct kallsyms){0};
	if (!in)
		return why_not(why, errno, "cannot read '%s': %s", path, strerror(errno));
	return kallsyms_read(k, in, why);
}

/* The last symbol at or before @address, unless it is the end of all code. */
static const struct kallsyms_symbol *find(const struct kallsyms *k, uint64_t address)
{
	size_t low = 0, high = k->nr;

	while (low < high) {
		size_t middle = low + (high - low) / 2;

		if (k->symbols[middle].address <= address)
			low = middle + 1;
		else
			high = middle;
	}
	if (!low || (k->etext && k->symbols[low - 1].address == k->etext))
		return NULL;
	return &k->symbols[low - 1];
}

const char *kallsyms_find(const struct kallsyms *k, uint64_t address, uint64_t *offset)
{
	const struct kallsyms_symbol *s = find(k, address);

	if (!s || address - s->address >= SYMBOL_MAX)
		return NULL;
	if (offset)
		*offset = address - s->address;
	return s->name;
}

const struct kallsyms_symbol *kallsyms_function(const struct kallsyms *k, uint64_t address,
						uint64_t *size)
{
	const struct kallsyms_symbol *s = find(k, address), *next;

	*size = 0;
	if (!s || !is_code(s) || address - s->address >= SYMBOL_MAX)
		return NULL;
	next = s + 1 < k->symbols + k->nr ? s + 1 : NULL;
	if (next && next->address - s->address < SYMBOL_MAX)
		*size = next->address - s->address;
	return s;
}

const struct kallsyms_symbol *kallsyms_variable(const struct kallsyms *k, uint64_t address)
{
	const struct kallsyms_symbol *s = find(k, address);

	if (!s || is_code(s) || address - s->address >= SYMBOL_MAX)
		return NULL;
	return s->module || (address >= k->data_start && address < k->data_end) ? s : NULL;
}

void kallsyms_release(struct kallsyms *k)
{
	free(k->text);
	free(k->symbols);
	*k = (struct kallsyms){0};
}
