/* `mizan cancel`: a run that goes on is told to stop. */
#include <stdio.h>
#include <string.h>

#include "cli/command.h"
#include "cli/run_rows.h"
#include "db/schedule.h"
#include "value/record.h"

static enum mz_code cancel(struct mz_home *home, const struct mizan_value *run,
                           struct mz_error *error)
{
    const char *id = mz_map_text(run, "id");
    char who[128];
    bool alive = false, told = false;
    if (strcmp(mz_map_text(run, "status"), "running") != 0) {
        fprintf(stderr, "run %s has ended (%s): nothing to do\n", id,
                mz_map_text(run, "status"));
        return MZ_OK;
    }
    enum mz_code code = mz_run_tell(home->db, id, mz_who(who), &told, error);
    if (code == MZ_OK && told) {
        fprintf(stderr, "run %s is told to stop; it ends after the unit in work\n", id);
        return MZ_OK;
    }
    if (code == MZ_OK) {
        code = mz_request_add(home->db, "cancel", mz_map_text(run, "pipeline"), id, who,
                              error);
    }
    if (code == MZ_OK) {
        code = mz_host_alive(home->db, &alive, error);
    }
    if (code == MZ_OK) {
        fprintf(stderr, "run %s is on another host (%s): %s\n", id,
                mz_map_text(run, "host") == NULL ? "unknown" : mz_map_text(run, "host"),
                alive ? "its scheduler is asked to stop it"
                      : "a scheduler there stops it when one works");
    }
    return code;
}

int mz_command_cancel(const struct mz_arguments *arguments)
{
    struct mz_home home;
    struct mz_error error;
    const struct mizan_value *run;
    enum mz_code code = mz_home_open(&home, arguments, MZ_DB_WRITE, &error);
    if (code != MZ_OK) {
        return mz_command_fail(&error);
    }
    code = mz_find_run(&home, mz_operand(arguments, 0), &run, &error);
    if (code == MZ_OK) {
        code = cancel(&home, run, &error);
    }
    mz_home_close(&home);
    return code == MZ_OK ? 0 : mz_command_fail(&error);
}
