/* SPDX-License-Identifier: GPL-2.0-or-later */
#include "analysis/run_args.h"

#include <errno.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "analysis/load.h"
#include "common/xalloc.h"

static int add_run(struct run_list *list, const char *name, const char *path, bool absent_is_empty,
		   struct notes *notes, struct why *why)
{
	struct run *run = xcalloc(1, sizeof(*run));
	int err = run_load(run, name, path, absent_is_empty, notes, why);

	if (err) {
		free(run);
		return err;
	}
	XGROW(list->runs, list->nr, list->cap);
	list->runs[list->nr++] = run;
	return 0;
}

static int load_names(struct run_list *list, const struct run_args *args, const char *directory,
		      struct notes *notes, struct why *why)
{
	char *copy = xstrdup(args->names), *rest = copy, *name;
	int err = 0;

	if (access(directory, R_OK | X_OK))
		err = why_not(why, errno, "cannot read directory '%s': %s", directory,
			      strerror(errno));
	while (!err && (name = strsep(&rest, ","))) {
		char *path = xasprintf("%s/%s", directory, name);

		if (*name)
			err = add_run(list, name, path, true, notes, why);
		else
			err = why_not(why, EINVAL, "empty name in '%s'", args->names);
		free(path);
	}
	free(copy);
	return err;
}

const char *run_args_directory(const struct run_args *args)
{
	return args->directory ? args->directory : "results";
}

/* @path without the slashes at its end. */
static char *trim_slashes(char *path)
{
	for (size_t len = strlen(path); len > 1 && path[len - 1] == '/'; len--)
		path[len - 1] = '\0';
	return path;
}

char *run_args_find(const struct run_args *args, const char *word, struct why *why)
{
	char *path = xasprintf("%s/%s", run_args_directory(args), word);

	if (*word != '/' && !access(path, F_OK))
		return trim_slashes(path);
	if (!access(word, F_OK)) {
		free(path);
		return trim_slashes(xstrdup(word));
	}
	why_not(why, ENOENT, "no run '%s': neither '%s' nor '%s' exists", word, path, word);
	free(path);
	return NULL;
}

static int load_word(struct run_list *list, const struct run_args *args, const char *word,
		     struct notes *notes, struct why *why)
{
	char *path = run_args_find(args, word, why), *name, *slash;
	int err;

	if (!path)
		return -ENOENT;
	name = trim_slashes(xstrdup(word));
	slash = strrchr(name, '/');
	err = add_run(list, slash && slash[1] ? slash + 1 : name, path, false, notes, why);
	free(path);
	free(name);
	return err;
}

int run_list_load_word(struct run_list *list, const struct run_args *args, size_t i,
		       struct notes *notes, struct why *why)
{
	int err;

	*list = (struct run_list){0};
	err = load_word(list, args, args->words[i], notes, why);
	if (err)
		run_list_release(list);
	return err;
}

int run_list_load(struct run_list *list, const struct run_args *args, struct notes *notes,
		  struct why *why)
{
	int err = 0;

	*list = (struct run_list){0};
	if (args->names && args->nr_words)
		return why_not(why, EINVAL,
			       "runs both as '%s' and with --names: use one of the two",
			       args->words[0]);
	if (!args->names && !args->nr_words)
		return why_not(why, EINVAL, "name the runs to read; '%s --help' says how",
			       say_name());
	if (args->names)
		err = load_names(list, args, run_args_directory(args), notes, why);
	for (size_t i = 0; !err && i < args->nr_words; i++)
		err = load_word(list, args, args->words[i], notes, why);
	if (err)
		run_list_release(list);
	return err;
}

void run_list_release(struct run_list *list)
{
	for (size_t i = 0; i < list->nr; i++) {
		run_release(list->runs[i]);
		free(list->runs[i]);
	}
	free(list->runs);
	*list = (struct run_list){0};
}
