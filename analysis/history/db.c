/* SPDX-License-Identifier: GPL-2.0-or-later */
#include "analysis/history/db.h"

#include <errno.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

#include "common/xalloc.h"

/* "fltS", so that file(1) and we know our own. */
#define APPLICATION_ID 0x666c7453
#define VERSION	       1

/* Adds take milliseconds: who waits longer waits for something else. */
#define BUSY_MS 10000

static const char schema[] =
	"CREATE TABLE machines (id INTEGER NOT NULL, key TEXT NOT NULL, value TEXT NOT NULL,"
	" PRIMARY KEY (id, key)) STRICT;"
	"CREATE TABLE runs (id INTEGER PRIMARY KEY, name TEXT NOT NULL UNIQUE,"
	" commit_id TEXT NOT NULL, branch TEXT NOT NULL, committed INTEGER NOT NULL,"
	" started TEXT NOT NULL, machine INTEGER NOT NULL, kernel TEXT NOT NULL,"
	" config TEXT NOT NULL, config_name TEXT NOT NULL) STRICT;"
	"CREATE INDEX runs_of_branch ON runs (branch, committed);"
	"CREATE TABLE means (run INTEGER NOT NULL REFERENCES runs (id) ON DELETE CASCADE,"
	" variant TEXT NOT NULL, clients TEXT NOT NULL, metric TEXT NOT NULL,"
	" n INTEGER NOT NULL, log_mean REAL NOT NULL, log_sd REAL NOT NULL,"
	" PRIMARY KEY (run, variant, clients, metric)) STRICT;";

/* What SQLite says, for a person. */
static int failed(const struct db *db, int code, struct why *why)
{
	const char *text = db->handle ? sqlite3_errmsg(db->handle) : sqlite3_errstr(code);

	switch (code & 0xff) {
	case SQLITE_BUSY:
	case SQLITE_LOCKED:
		return why_not(why, EBUSY,
			       "history '%s' is in use for more than %d s: wait until the other "
			       "program is done",
			       db->path, BUSY_MS / 1000);
	case SQLITE_READONLY:
	case SQLITE_PERM:
	case SQLITE_AUTH:
		return why_not(why, EROFS, "cannot write history '%s': it is read-only", db->path);
	case SQLITE_CANTOPEN:
		return why_not(why, EACCES, "cannot open history '%s': %s", db->path, text);
	case SQLITE_CORRUPT:
	case SQLITE_NOTADB:
		return why_not(
			why, EBADMSG,
			"history '%s' is damaged (%s): 'faultscale history rebuild' makes it "
			"anew from the runs",
			db->path, text);
	case SQLITE_FULL:
		return why_not(why, ENOSPC, "cannot write history '%s': the disk is full",
			       db->path);
	case SQLITE_NOMEM:
		return why_not(why, ENOMEM, "out of memory");
	default:
		return why_not(why, EIO, "history '%s': %s", db->path, text);
	}
}

int db_run(struct db *db, const char *sql, struct why *why)
{
	int code = sqlite3_exec(db->handle, sql, NULL, NULL, NULL);

	return code ? failed(db, code, why) : 0;
}

int db_prepare(struct db *db, const char *sql, sqlite3_stmt **statement, struct why *why)
{
	int code = sqlite3_prepare_v2(db->handle, sql, -1, statement, NULL);

	return code ? failed(db, code, why) : 0;
}

/* Places and types are in our hands. */
static void bound(int code)
{
	if (code == SQLITE_NOMEM)
		die(EXIT_FAILED, "out of memory");
	if (code)
		BUG("cannot bind a value: %s", sqlite3_errstr(code));
}

void db_bind_text(sqlite3_stmt *statement, int at, const char *text)
{
	bound(sqlite3_bind_text(statement, at, text, -1, SQLITE_STATIC));
}

void db_bind_number(sqlite3_stmt *statement, int at, int64_t number)
{
	bound(sqlite3_bind_int64(statement, at, number));
}

void db_bind_real(sqlite3_stmt *statement, int at, double number)
{
	bound(sqlite3_bind_double(statement, at, number));
}

int db_step(struct db *db, sqlite3_stmt *statement, struct why *why)
{
	int code = sqlite3_step(statement);

	if (code == SQLITE_ROW)
		return 1;
	return code == SQLITE_DONE ? 0 : failed(db, code, why);
}

char *db_text(sqlite3_stmt *statement, int at)
{
	const char *text = (const char *)sqlite3_column_text(statement, at);

	return xstrdup(text ? text : "");
}

/* The value of a pragma that is a number. */
static int pragma(struct db *db, const char *sql, int64_t *value, struct why *why)
{
	sqlite3_stmt *statement;
	int err = db_prepare(db, sql, &statement, why);

	if (err)
		return err;
	err = db_step(db, statement, why);
	*value = err > 0 ? sqlite3_column_int64(statement, 0) : 0;
	sqlite3_finalize(statement);
	return err < 0 ? err : 0;
}

/* Make the tables. Another program may do so at the same time: the first one does. */
static int begin(struct db *db, struct why *why)
{
	char *sql = xasprintf("%s PRAGMA application_id = %d; PRAGMA user_version = %d; COMMIT",
			      schema, APPLICATION_ID, VERSION);
	int64_t version = 0;
	int err = db_run(db, "BEGIN IMMEDIATE", why);

	if (!err)
		err = pragma(db, "PRAGMA user_version", &version, why);
	if (!err)
		err = db_run(db, version ? "COMMIT" : sql, why);
	free(sql);
	return err;
}

/* Whether the file is a history that we understand, and whole. */
static int check(struct db *db, bool thoroughly, struct why *why)
{
	int64_t id = 0, version = 0;
	sqlite3_stmt *statement;
	int err = pragma(db, "PRAGMA application_id", &id, why);

	if (!err)
		err = pragma(db, "PRAGMA user_version", &version, why);
	if (err)
		return err;
	if (id != APPLICATION_ID || version != VERSION)
		return why_not(why, EBADMSG,
			       id == APPLICATION_ID
				       ? "history '%s' is of another version of faultscale: "
					 "'faultscale history rebuild' makes it anew"
				       : "'%s' is no history of faultscale: 'faultscale history "
					 "rebuild' makes one in its place",
			       db->path);
	if (!thoroughly)
		return 0;
	err = db_prepare(db, "PRAGMA quick_check(1)", &statement, why);
	if (err)
		return err;
	err = db_step(db, statement, why);
	if (err > 0 && !strcmp((const char *)sqlite3_column_text(statement, 0), "ok"))
		err = 0;
	else if (err >= 0)
		err = why_not(why, EBADMSG, "history '%s' is damaged", db->path);
	sqlite3_finalize(statement);
	return err;
}

/* A journal belongs to its file: with another one it would do harm. */
static void remove_file(const char *path)
{
	char *journal = xasprintf("%s-journal", path);

	unlink(path);
	unlink(journal);
	free(journal);
}

static int open_file(struct db *db, enum db_open mode, struct why *why)
{
	int flags = SQLITE_OPEN_READWRITE | SQLITE_OPEN_EXRESCODE, code, err = 0;
	int64_t tables = 0;

	if (mode != DB_READ)
		flags |= SQLITE_OPEN_CREATE;
	code = sqlite3_open_v2(db->path, &db->handle, flags, NULL);
	if (code)
		return failed(db, code, why);
	sqlite3_busy_timeout(db->handle, BUSY_MS);
	err = db_run(db, "PRAGMA foreign_keys = ON", why);
	if (!err)
		err = pragma(db, "SELECT count(*) FROM sqlite_schema", &tables, why);
	if (!err && !tables && mode != DB_READ)
		err = begin(db, why);
	return err ? err : check(db, mode == DB_REBUILD, why);
}

int db_check_directory(const char *results, struct why *why)
{
	struct stat st;

	if (!stat(results, &st) && S_ISDIR(st.st_mode))
		return 0;
	return why_not(why, ENOENT, "no directory '%s' of runs: -d says where they are", results);
}

int db_open(struct db *db, const char *results, enum db_open mode, struct why *why)
{
	int err = db_check_directory(results, why);

	*db = (struct db){.path = xasprintf("%s/history.db", results)};
	if (!err && mode == DB_READ && access(db->path, F_OK))
		err = why_not(why, errno,
			      "no history in '%s': 'faultscale history add RUN' begins one",
			      results);
	else if (!err)
		err = open_file(db, mode, why);
	if (err == -EBADMSG && mode == DB_REBUILD) {
		sqlite3_close(db->handle);
		db->handle = NULL;
		remove_file(db->path);
		err = open_file(db, mode, why);
	}
	if (err)
		db_release(db);
	return err;
}

void db_release(struct db *db)
{
	sqlite3_close(db->handle);
	free(db->path);
	*db = (struct db){0};
}
