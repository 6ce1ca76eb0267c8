#include "cli/run_rows.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "base/program.h"
#include "value/record.h"

enum mz_code mz_home_open(struct mz_home *home, const struct mz_arguments *arguments,
                          enum mz_db_mode mode, struct mz_error *error)
{
    enum mz_code code = mz_environment_init(&home->environment, NULL,
                                            mz_argument(arguments, "db"), error);
    home->db = NULL;
    if (code == MZ_OK) {
        code = mz_db_open(home->environment.database, mode, &home->db, error);
        if (code != MZ_OK) {
            mz_environment_finish(&home->environment);
        }
    }
    return code;
}

void mz_home_close(struct mz_home *home)
{
    mz_db_close(home->db);
    mz_environment_finish(&home->environment);
}

enum mz_code mz_find_run(struct mz_home *home, const char *key,
                         const struct mizan_value **out, struct mz_error *error)
{
    const struct mizan_value argument = mz_text(key);
    struct mizan_value rows;
    enum mz_code code = mz_db_rows(
        home->db,
        "SELECT id, pipeline, tick_at, shard, kind, status, log, host, error FROM run"
        " WHERE CAST($1 AS TEXT) = 'last'"
        " OR substr(id, 1, length(CAST($1 AS TEXT))) = $1"
        " ORDER BY started_at DESC, id LIMIT 2",
        &argument, 1, home->environment.arena, &rows, error);
    if (code != MZ_OK) {
        return code;
    }
    bool last = strcmp(key, "last") == 0;
    if (rows.as.list.count == 0 || key[0] == '\0') {
        code = mz_fail(error, MZ_NOT_FOUND, "there is no run '%s'", key);
        mz_error_help(error, "mizan runs lists them");
    } else if (rows.as.list.count > 1 && !last) {
        code = mz_fail(error, MZ_USAGE, "more than one run begins with '%s'", key);
        mz_error_help(error, "write more of it");
    } else {
        *out = &rows.as.list.items[0];
    }
    return code;
}

const char *mz_who(char out[128])
{
    char host[64] = "localhost";
    const char *user = getenv("USER");
    mz_host_name(host, sizeof host);
    if (user != NULL && user[0] != '\0') {
        snprintf(out, 128, "%.60s@%s", user, host);
    } else {
        snprintf(out, 128, "uid %d@%s", (int)getuid(), host);
    }
    return out;
}
