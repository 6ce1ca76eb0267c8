/* `mizan deploy`: the files here are the version that hosts may run. */
#include <stdio.h>
#include <string.h>

#include "base/file.h"
#include "base/text.h"
#include "cli/command.h"
#include "cli/pipeline_files.h"
#include "cli/run_rows.h"
#include "db/schedule.h"
#include "run/run.h"
#include "run/supervise.h"

struct deploying {
    const struct mz_arguments *arguments;
    struct mz_home *home;
    const char *who;
    bool any;
    size_t count;
};

static enum mz_code deploy_one(struct deploying *deploying,
                               const struct mz_pipeline *pipeline,
                               struct mz_error *error)
{
    const struct mz_deployment deployment = {.name = pipeline->name,
                                             .file = pipeline->file,
                                             .hash = pipeline->script_hash,
                                             .who = deploying->who};
    bool changed = false;
    enum mz_code code =
        deploying->any
            ? mz_pipeline_undeploy(deploying->home->db, pipeline->name, &changed, error)
            : mz_pipeline_deploy(deploying->home->db, &deployment, &changed, error);
    if (code == MZ_OK) {
        printf("%s\t%s\t%s\n", pipeline->name,
               deploying->any ? "any" : pipeline->script_hash,
               changed ? "changed" : "as before");
        deploying->count++;
    }
    return code;
}

static enum mz_code deploy_file(void *context, const char *path, struct mz_error *error)
{
    struct deploying *deploying = context;
    struct mz_loaded loaded;
    /* One that cannot be loaded is none that could be run. */
    enum mz_code code = mz_loaded_init(&loaded, path, NULL, NULL, 0, error);
    if (code == MZ_OK) {
        code = deploy_one(deploying, loaded.pipeline, error);
        mz_loaded_finish(&loaded);
    }
    return code;
}

static enum mz_code deploy_all(struct deploying *deploying, struct mz_error *error)
{
    size_t count = mz_operand_count(deploying->arguments);
    enum mz_code code = MZ_OK;
    if (count == 0) {
        code = mz_pipeline_files(deploying->home->environment.project.folder,
                                 deploy_file, deploying, error);
    }
    for (size_t i = 0; i < count && code == MZ_OK; i++) {
        const char *path = mz_operand(deploying->arguments, i);
        if (!mz_file_exists(path)) {
            code = mz_fail(error, MZ_NO_FILE, "there is no folder or file %s", path);
        } else {
            code = mz_ends_with(path, ".lua")
                       ? deploy_file(deploying, path, error)
                       : mz_pipeline_files(path, deploy_file, deploying, error);
        }
    }
    return code;
}

static int deploy_child(void *argument, struct mz_activity *activity)
{
    struct deploying deploying = {.arguments = argument};
    struct mz_home home;
    struct mz_error error;
    char who[128];
    (void)activity;
    deploying.home = &home;
    deploying.who = mz_who(who);
    deploying.any = mz_argument(deploying.arguments, "any") != NULL;
    enum mz_code code = mz_home_open(&home, deploying.arguments, MZ_DB_CREATE, &error);
    if (code != MZ_OK) {
        return mz_command_fail(&error);
    }
    code = mz_db_begin(home.db, &error);
    if (code == MZ_OK) {
        code = deploy_all(&deploying, &error);
    }
    if (code == MZ_OK) {
        code = mz_db_commit(home.db, &error);
    }
    if (code == MZ_OK && deploying.count == 0) {
        fprintf(stderr, "no pipelines in %s\n", home.environment.project.folder);
    } else if (code == MZ_OK && !deploying.any) {
        fprintf(stderr,
                "hosts with other files run no tick of these; mizan hosts shows "
                "them\n");
    }
    mz_db_rollback(home.db);
    mz_home_close(&home);
    return code == MZ_OK ? 0 : mz_command_fail(&error);
}

int mz_command_deploy(const struct mz_arguments *arguments)
{
    struct mz_supervision supervision = {.wall_limit = 60000};
    union {
        const struct mz_arguments *in;
        void *out;
    } argument = {arguments};
    return mz_supervise(deploy_child, argument.out, &supervision);
}
