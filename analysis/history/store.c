/* SPDX-License-Identifier: GPL-2.0-or-later */
#include "analysis/history/store.h"

#include <dirent.h>
#include <errno.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "analysis/history/query.h"
#include "analysis/unlike.h"
#include "common/xalloc.h"

static bool is_alike(const struct meta *facts, const struct meta *others)
{
	char *text = unlike_machine(facts, others, "");

	free(text);
	return !text;
}

/* Machines come fact by fact; the last one ends with the records. */
int store_machine(struct db *db, const struct meta *facts, struct why *why)
{
	struct meta others = {0};
	int machine = 0, found = 0, got;
	sqlite3_stmt *statement;
	int err = db_prepare(db, "SELECT id, key, value FROM machines ORDER BY id, key", &statement,
			     why);

	if (err)
		return err;
	do {
		int next = 0;

		got = db_step(db, statement, why);
		if (got > 0)
			next = sqlite3_column_int(statement, 0);
		if (machine && next != machine) {
			found = is_alike(facts, &others) ? machine : 0;
			meta_release(&others);
		}
		machine = next;
		if (got > 0)
			meta_add(&others, (const char *)sqlite3_column_text(statement, 1), "%s",
				 (const char *)sqlite3_column_text(statement, 2));
	} while (got > 0 && !found);
	meta_release(&others);
	sqlite3_finalize(statement);
	return got < 0 ? got : found;
}

/* Run @statement to its end and be done with it. */
static int finish(struct db *db, sqlite3_stmt *statement, struct why *why)
{
	int err = db_step(db, statement, why);

	sqlite3_finalize(statement);
	return err < 0 ? err : 0;
}

/* A machine that is like none so far; one fact more says that it is there at all. */
static int add_machine(struct db *db, const struct meta *facts, struct why *why)
{
	sqlite3_stmt *statement;
	int err = db_prepare(db, "SELECT coalesce(max(id), 0) + 1 FROM machines", &statement, why);
	int machine = 0;

	if (err)
		return err;
	err = db_step(db, statement, why);
	if (err > 0)
		machine = sqlite3_column_int(statement, 0);
	sqlite3_finalize(statement);
	for (size_t i = 0; err >= 0 && i <= facts->nr; i++) {
		err = db_prepare(db, "INSERT OR IGNORE INTO machines VALUES (?, ?, ?)", &statement,
				 why);
		if (err)
			break;
		db_bind_number(statement, 1, machine);
		db_bind_text(statement, 2, i < facts->nr ? facts->facts[i].key : "");
		db_bind_text(statement, 3, i < facts->nr ? facts->facts[i].value : "");
		err = finish(db, statement, why);
	}
	return err < 0 ? err : machine;
}

static int add_mean(struct db *db, int64_t run, const struct record_mean *mean, struct why *why)
{
	sqlite3_stmt *statement;
	int err = db_prepare(db, "INSERT INTO means VALUES (?, ?, ?, ?, ?, ?, ?)", &statement, why);

	if (err)
		return err;
	db_bind_number(statement, 1, run);
	db_bind_text(statement, 2, mean->variant);
	db_bind_text(statement, 3, mean->clients);
	db_bind_text(statement, 4, mean->metric);
	db_bind_number(statement, 5, (int64_t)mean->n);
	db_bind_real(statement, 6, mean->log_mean);
	db_bind_real(statement, 7, mean->log_sd);
	return finish(db, statement, why);
}

static int add_run(struct db *db, const struct record *record, int machine, struct why *why)
{
	sqlite3_stmt *statement;
	int err = db_prepare(db,
			     "INSERT INTO runs (name, commit_id, branch, committed, started,"
			     " machine, kernel, config, config_name)"
			     " VALUES (?, ?, ?, ?, ?, ?, ?, ?, ?)",
			     &statement, why);
	int64_t run;

	if (err)
		return err;
	db_bind_text(statement, 1, record->name);
	db_bind_text(statement, 2, record->commit);
	db_bind_text(statement, 3, record->branch);
	db_bind_number(statement, 4, record->committed);
	db_bind_text(statement, 5, record->started);
	db_bind_number(statement, 6, machine);
	db_bind_text(statement, 7, record->kernel);
	db_bind_text(statement, 8, record->config);
	db_bind_text(statement, 9, record->config_name);
	err = finish(db, statement, why);
	run = sqlite3_last_insert_rowid(db->handle);
	for (size_t i = 0; !err && i < record->nr; i++)
		err = add_mean(db, run, &record->means[i], why);
	return err;
}

/* Inside of a transaction: @name's row, whose means go with it. */
static int drop(struct db *db, const char *name, struct why *why)
{
	sqlite3_stmt *statement;
	int err = db_prepare(db, "DELETE FROM runs WHERE name = ?", &statement, why);

	if (err)
		return err;
	db_bind_text(statement, 1, name);
	return finish(db, statement, why);
}

/* Inside of a transaction. */
static int put(struct db *db, const struct record *record, struct why *why)
{
	int err = drop(db, record->name, why), machine;

	if (err)
		return err;
	machine = store_machine(db, &record->machine, why);
	if (!machine)
		machine = add_machine(db, &record->machine, why);
	return machine < 0 ? machine : add_run(db, record, machine, why);
}

/* Commit if all went well, else leave nothing behind. */
static int end(struct db *db, int err, struct why *why)
{
	if (!err)
		err = db_run(db, "COMMIT", why);
	if (err)
		db_run(db, "ROLLBACK", NULL);
	return err;
}

int store_add(struct db *db, const struct record *record, struct why *why)
{
	int err = db_run(db, "BEGIN IMMEDIATE", why);

	return err ? err : end(db, put(db, record, why), why);
}

/* A run without a commit is passed over, one that cannot be read gets a note. */
static int put_one(struct db *db, const char *results, const char *name, size_t *nr_runs,
		   struct notes *notes, struct why *why)
{
	struct why reason = WHY_INIT;
	struct record record;
	int err = 0;

	if (record_read(&record, results, name, &reason)) {
		notes_add(notes, "left out: %s", reason.text);
		return 0;
	}
	if (record.committed >= 0) {
		err = put(db, &record, why);
		*nr_runs += !err;
	}
	record_release(&record);
	return err;
}

/* In the order of their names, so that the machines get the same numbers each time. */
static int put_all(struct db *db, const char *results, size_t *nr_runs, struct notes *notes,
		   struct why *why)
{
	struct dirent **entries;
	int nr = scandir(results, &entries, NULL, alphasort), err = 0;

	if (nr < 0)
		return why_not(why, errno, "cannot read directory '%s': %s", results,
			       strerror(errno));
	for (int i = 0; i < nr; i++) {
		char *meta = xasprintf("%s/%s/meta.tsv", results, entries[i]->d_name);

		if (!err && *entries[i]->d_name != '.' && !access(meta, F_OK))
			err = put_one(db, results, entries[i]->d_name, nr_runs, notes, why);
		free(meta);
		free(entries[i]);
	}
	free(entries);
	return err;
}

int store_rebuild(struct db *db, const char *results, size_t *nr_runs, struct notes *notes,
		  struct why *why)
{
	int err = db_run(db, "BEGIN IMMEDIATE", why);

	*nr_runs = 0;
	if (err)
		return err;
	err = db_run(db, "DELETE FROM runs; DELETE FROM machines", why);
	if (!err)
		err = put_all(db, results, nr_runs, notes, why);
	return end(db, err, why);
}

/* The facts that stand for its machine, without the one that says that it is there. */
static int read_machine(struct db *db, int machine, struct meta *facts, struct why *why)
{
	sqlite3_stmt *statement;
	int err = db_prepare(db,
			     "SELECT key, value FROM machines WHERE id = ? AND key != ''"
			     " ORDER BY key",
			     &statement, why);

	if (err)
		return err;
	db_bind_number(statement, 1, machine);
	while ((err = db_step(db, statement, why)) > 0)
		meta_add(facts, (const char *)sqlite3_column_text(statement, 0), "%s",
			 (const char *)sqlite3_column_text(statement, 1));
	sqlite3_finalize(statement);
	return err;
}

static int read_means(struct db *db, struct record *record, struct why *why)
{
	sqlite3_stmt *statement;
	int err = db_prepare(db,
			     "SELECT variant, clients, metric, n, log_mean, log_sd FROM means"
			     " WHERE run = (SELECT id FROM runs WHERE name = ?)"
			     " ORDER BY metric, variant, CAST(clients AS INTEGER), clients",
			     &statement, why);

	if (err)
		return err;
	db_bind_text(statement, 1, record->name);
	while ((err = db_step(db, statement, why)) > 0) {
		XGROW(record->means, record->nr, record->cap);
		record->means[record->nr++] = (struct record_mean){
			.variant = db_text(statement, 0),
			.clients = db_text(statement, 1),
			.metric = db_text(statement, 2),
			.n = (size_t)sqlite3_column_int64(statement, 3),
			.log_mean = sqlite3_column_double(statement, 4),
			.log_sd = sqlite3_column_double(statement, 5),
		};
	}
	sqlite3_finalize(statement);
	return err;
}

int store_read(struct db *db, const char *name, struct record *record, struct why *why)
{
	const struct query query = {.name = name};
	struct query_runs runs;
	int err = query_runs(db, &query, &runs, why), machine;

	*record = (struct record){0};
	if (!err && !runs.nr)
		err = why_not(why, ENOENT,
			      "no run '%s' in history '%s': 'faultscale history list' lists them",
			      name, db->path);
	if (err) {
		query_runs_release(&runs);
		return err;
	}
	machine = runs.all[0].machine;
	*record = (struct record){
		.name = xstrdup(name),
		.commit = xstrdup(runs.all[0].commit),
		.branch = xstrdup(runs.all[0].branch),
		.committed = runs.all[0].committed,
		.started = xstrdup(runs.all[0].started),
		.kernel = xstrdup(runs.all[0].kernel),
		.config = xstrdup(runs.all[0].config),
		.config_name = xstrdup(runs.all[0].config_name),
	};
	query_runs_release(&runs);
	err = read_machine(db, machine, &record->machine, why);
	if (!err)
		err = read_means(db, record, why);
	if (err)
		record_release(record);
	return err ? err : machine;
}
