/* SPDX-License-Identifier: GPL-2.0-or-later */
/* machine_names: which models there are, and a model's shape in words. */
#include <dirent.h>
#include <stdlib.h>
#include <string.h>

#include "common/machine_model.h"
#include "common/shipped.h"
#include "common/xalloc.h"

/* A model; what people published about them (published.tsv) lies beside. */
static int is_model(const struct dirent *entry)
{
	return *entry->d_name != '.' && !strchr(entry->d_name, '.');
}

char **machine_names(size_t *nr)
{
	char *folder = shipped_path("configs/machines"), **names = NULL;
	struct dirent **entries = NULL;
	int found = folder ? scandir(folder, &entries, is_model, alphasort) : -1;

	*nr = 0;
	if (found >= 0)
		names = xcalloc((size_t)found + 1, sizeof(*names));
	for (int i = 0; i < found; i++) {
		names[(*nr)++] = xstrdup(entries[i]->d_name);
		free(entries[i]);
	}
	free(entries);
	free(folder);
	return names;
}

void machine_names_free(char **names, size_t nr)
{
	for (size_t i = 0; i < nr; i++)
		free(names[i]);
	free(names);
}

char *machine_synthetic(const struct machine *m)
{
	uint64_t per_socket = m->nodes / m->sockets;
	char *groups = per_socket > 1 ? xasprintf("group:%llu ", (unsigned long long)per_socket)
				      : xstrdup("");
	char *text = xasprintf(
		"pack:%llu %s[numa] core:%llu pu:%llu", (unsigned long long)m->sockets, groups,
		(unsigned long long)(m->cores / per_socket), (unsigned long long)m->threads);

	free(groups);
	return text;
}
