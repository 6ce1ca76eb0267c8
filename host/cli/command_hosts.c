/* `mizan hosts`: who runs the scheduler on this database, and who is out of date. */
#include <stdio.h>

#include "cli/command.h"
#include "cli/host_rows.h"
#include "cli/run_rows.h"
#include "value/record.h"
#include "value/table.h"

static void say_homeless(const struct mizan_value *homeless)
{
    for (size_t i = 0; i < homeless->as.list.count; i++) {
        fprintf(stderr,
                "%s is run by nobody: no host that works has all of its labels; start "
                "one with mizan serve --label\n",
                mz_map_text(&homeless->as.list.items[i], "pipeline"));
    }
}

int mz_command_hosts(const struct mz_arguments *arguments)
{
    struct mz_home home;
    struct mz_error error;
    struct mizan_value hosts, homeless;
    enum mz_code code = mz_home_open(&home, arguments, MZ_DB_READ, &error);
    if (code != MZ_OK) {
        return mz_command_fail(&error);
    }
    struct mz_arena *arena = home.environment.arena;
    code = mz_host_rows(home.db, arena, &hosts, &error);
    if (code == MZ_OK) {
        code = mz_homeless_rows(home.db, arena, &hosts, &homeless, &error);
    }
    if (code == MZ_OK) {
        bool json = mz_argument(arguments, "json") != NULL;
        code = mz_table_print(stdout, &hosts, json ? MZ_TABLE_JSON : MZ_TABLE_AUTO, 0,
                              &error);
        say_homeless(&homeless);
    }
    if (code == MZ_OK && hosts.as.list.count == 0) {
        fprintf(stderr, "no scheduler has worked on this database yet\n");
    }
    mz_home_close(&home);
    return code == MZ_OK ? 0 : mz_command_fail(&error);
}
