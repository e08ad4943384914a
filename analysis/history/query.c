/* SPDX-License-Identifier: GPL-2.0-or-later */
#include "analysis/history/query.h"

#include <stdlib.h>

#include "common/xalloc.h"

static void take_run(struct query_runs *runs, sqlite3_stmt *row)
{
	XGROW(runs->all, runs->nr, runs->cap);
	runs->all[runs->nr++] = (struct query_run){
		.name = db_text(row, 0),
		.commit = db_text(row, 1),
		.branch = db_text(row, 2),
		.committed = sqlite3_column_int64(row, 3),
		.started = db_text(row, 4),
		.machine = sqlite3_column_int(row, 5),
		.kernel = db_text(row, 6),
		.config = db_text(row, 7),
		.config_name = db_text(row, 8),
	};
}

int query_runs(struct db *db, const struct query *query, struct query_runs *runs, struct why *why)
{
	sqlite3_stmt *statement;
	int err = db_prepare(db,
			     "SELECT name, commit_id, branch, committed, started, machine, kernel,"
			     " config, config_name FROM runs"
			     " WHERE (?1 IS NULL OR name = ?1) AND (?2 IS NULL OR branch = ?2)"
			     " AND (?3 IS NULL OR substr(config, 1, length(?3)) = ?3)"
			     " AND (?4 = 0 OR machine = ?4)"
			     " ORDER BY committed, commit_id, started, name",
			     &statement, why);

	*runs = (struct query_runs){0};
	if (err)
		return err;
	db_bind_text(statement, 1, query->name);
	db_bind_text(statement, 2, query->branch);
	db_bind_text(statement, 3, query->config);
	db_bind_number(statement, 4, query->machine);
	while ((err = db_step(db, statement, why)) > 0)
		take_run(runs, statement);
	sqlite3_finalize(statement);
	if (err)
		query_runs_release(runs);
	return err;
}

void query_runs_release(struct query_runs *runs)
{
	for (size_t i = 0; i < runs->nr; i++) {
		struct query_run *run = &runs->all[i];

		free(run->name);
		free(run->commit);
		free(run->branch);
		free(run->started);
		free(run->kernel);
		free(run->config);
		free(run->config_name);
	}
	free(runs->all);
	*runs = (struct query_runs){0};
}
