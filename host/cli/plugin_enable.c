/* mizan plugin enable: a plugin that crashed run after run may be used again. */
#include <stdio.h>

#include "cli/plugin.h"
#include "run/environment.h"
#include "run/quarantine.h"

int mz_plugin_command_enable(const struct mz_arguments *arguments)
{
    struct mz_environment environment;
    struct mz_db *db = NULL;
    struct mz_error error;
    bool was = false;
    const char *label = mz_operand(arguments, 1);
    enum mz_code code =
        mz_environment_init(&environment, NULL, mz_argument(arguments, "db"), &error);
    if (code != MZ_OK) {
        return mz_command_fail(&error);
    }
    code = mz_db_open(environment.database, MZ_DB_WRITE, &db, &error);
    if (code == MZ_OK) {
        code = mz_quarantine_lift(db, label, &was, &error);
    }
    mz_db_close(db);
    mz_environment_finish(&environment);
    if (code != MZ_OK) {
        return mz_command_fail(&error);
    }
    if (!was) {
        mz_fail(&error, MZ_NOT_FOUND, "no crash of a plugin named '%s' is noted",
                label);
        mz_error_help(&error, "names are as in mizan plugin list: extract.figures");
        return mz_command_fail(&error);
    }
    printf("%s may be used again\n", label);
    return 0;
}
