/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * db: the file history.db beside the runs, an index of them in SQLite. The runs are the truth: all that
 * is in it can be made again from their meta.tsv, plan.tsv and samples.tsv. Every change is one
 * transaction, so that a kill leaves the index before it or behind it; values are bound, never pasted
 * into a statement.
 */
#ifndef ANALYSIS_HISTORY_DB_H
#define ANALYSIS_HISTORY_DB_H

#include <sqlite3.h>
#include <stdbool.h>
#include <stdint.h>

#include "common/say.h"

struct db {
	sqlite3 *handle;
	char *path;
};

/* What may be done about a file that is not there, or is none of ours. */
enum db_open {
	DB_READ, /* nothing: there has to be one */
	DB_WRITE, /* begin one */
	DB_REBUILD, /* begin one, over a damaged one too */
};

/* Whether there is a directory @results: 0, or -ENOENT with the reason in @why. */
int db_check_directory(const char *results, struct why *why);

/*
 * Open the history of @results. Returns 0; -ENOENT if there is none; -EBADMSG if it is damaged, of another
 * version or no history; -EBUSY, -EROFS, another -errno; each with what to do in @why. The caller releases
 * @db after 0 alone.
 */
int db_open(struct db *db, const char *results, enum db_open mode, struct why *why);

/* Close it; what was begun and not committed is undone. */
void db_release(struct db *db);

/* Prepare one statement. Returns 0 or -errno with the reason in @why; the caller finalizes it. */
int db_prepare(struct db *db, const char *sql, sqlite3_stmt **statement, struct why *why);

/* Bind a text (NULL: none) or a number to place @at, from 1 on. The text has to stay as it is until the
 * statement is reset. */
void db_bind_text(sqlite3_stmt *statement, int at, const char *text);
void db_bind_number(sqlite3_stmt *statement, int at, int64_t number);
void db_bind_real(sqlite3_stmt *statement, int at, double number);

/* Step: 1 for a row, 0 at the end, or -errno with the reason in @why. */
int db_step(struct db *db, sqlite3_stmt *statement, struct why *why);

/* Column @at, from 0 on, in memory that the caller frees; "" for none. */
char *db_text(sqlite3_stmt *statement, int at);

/* Run statements without values: "BEGIN IMMEDIATE", "COMMIT". Returns 0 or -errno with the reason. */
int db_run(struct db *db, const char *sql, struct why *why);

#endif
