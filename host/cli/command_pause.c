/* `mizan pause` and `mizan resume`: a pipeline makes no ticks for a while. */
#include <stdio.h>

#include "cli/command.h"
#include "cli/run_rows.h"
#include "db/schedule.h"

static int set_paused(const struct mz_arguments *arguments, bool paused)
{
    struct mz_home home;
    struct mz_error error;
    char who[128];
    enum mz_code code = mz_home_open(&home, arguments, MZ_DB_WRITE, &error);
    if (code != MZ_OK) {
        return mz_command_fail(&error);
    }
    for (size_t i = 0; i < mz_operand_count(arguments) && code == MZ_OK; i++) {
        const char *name = mz_operand(arguments, i);
        bool changed = false;
        code = mz_pipeline_pause(home.db, name, paused, mz_who(who), &changed, &error);
        if (code == MZ_OK) {
            fprintf(stderr, "%s %s%s\n", name, changed ? "" : "was ",
                    paused ? "paused: runs that are asked for are still done"
                           : "scheduled: what was due meanwhile is one skipped range");
        }
    }
    mz_home_close(&home);
    return code == MZ_OK ? 0 : mz_command_fail(&error);
}

int mz_command_pause(const struct mz_arguments *arguments)
{
    return set_paused(arguments, true);
}

int mz_command_resume(const struct mz_arguments *arguments)
{
    return set_paused(arguments, false);
}
