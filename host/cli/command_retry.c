/* `mizan retry`: the tick of a run is run again; a run by hand is asked for again. */
#include <stdio.h>
#include <string.h>

#include "cli/command.h"
#include "cli/run_rows.h"
#include "db/schedule.h"
#include "value/record.h"

static void say_who_runs_it(struct mz_home *home, const char *what)
{
    struct mz_error error;
    bool alive = false;
    if (mz_host_alive(home->db, &alive, &error) == MZ_OK && alive) {
        fprintf(stderr, "%s: the scheduler starts it\n", what);
    } else {
        fprintf(stderr,
                "%s: no scheduler works on this database now; mizan serve, or "
                "mizan run --tick, does it\n",
                what);
    }
}

static enum mz_code retry(struct mz_home *home, const struct mizan_value *run,
                          struct mz_error *error)
{
    const char *pipeline = mz_map_text(run, "pipeline");
    const char *tick = mz_map_text(run, "tick_at");
    const struct mizan_value *of = mz_map_member(run, "shard");
    int64_t shard = of != NULL && of->type == MIZAN_INTEGER ? of->as.integer : 0;
    char what[300], who[128];
    enum mz_code code;
    if (tick != NULL) {
        code = mz_tick_again(home->db, pipeline, shard, tick, error);
        snprintf(what, sizeof what, "tick %s of '%.100s' is to be run again", tick,
                 pipeline);
    } else {
        code = mz_request_add(home->db, "run", pipeline, NULL, mz_who(who), error);
        snprintf(what, sizeof what, "a run of '%.100s' is asked for", pipeline);
    }
    if (code == MZ_OK) {
        say_who_runs_it(home, what);
    }
    return code;
}

int mz_command_retry(const struct mz_arguments *arguments)
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
        code = retry(&home, run, &error);
    }
    mz_home_close(&home);
    return code == MZ_OK ? 0 : mz_command_fail(&error);
}
