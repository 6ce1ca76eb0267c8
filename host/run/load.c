#include <stdlib.h>
#include <string.h>

#include "run/alert_rules.h"
#include "run/run.h"
#include "run/stages.h"

enum mz_code mz_loaded_init(struct mz_loaded *loaded, const char *file,
                            const char *database, const char *const *parameters,
                            size_t parameter_count, struct mz_error *error)
{
    memset(loaded, 0, sizeof *loaded);
    enum mz_code code =
        mz_environment_init(&loaded->environment, file, database, error);
    if (code != MZ_OK) {
        return code;
    }
    struct mz_lua_settings settings = {.folder = loaded->environment.project.folder,
                                       .registry = loaded->environment.registry,
                                       .parameters = parameters,
                                       .parameter_count = parameter_count};
    code = mz_lua_create(&settings, &loaded->lua, error);
    if (code == MZ_OK) {
        code = mz_lua_load_pipeline(loaded->lua, file, loaded->environment.arena,
                                    &loaded->pipeline, error);
    }
    if (code == MZ_OK) {
        code = mz_stages_check_programs(loaded->pipeline, &loaded->environment.project,
                                        error);
    }
    if (code == MZ_OK) {
        code = mz_alert_rules_check(loaded, error);
    }
    if (code != MZ_OK) {
        mz_loaded_finish(loaded);
    }
    return code;
}

void mz_loaded_finish(struct mz_loaded *loaded)
{
    mz_lua_destroy(loaded->lua);
    if (loaded->environment.arena != NULL) {
        mz_environment_finish(&loaded->environment);
    }
    memset(loaded, 0, sizeof *loaded);
}

enum mz_code mz_find_stage(const struct mz_pipeline *pipeline, const char *name,
                           size_t *out, struct mz_error *error)
{
    for (size_t i = 1; i < pipeline->stage_count; i++) {
        if (strcmp(pipeline->stages[i].name, name) == 0) {
            *out = i;
            return MZ_OK;
        }
    }
    mz_fail(error, MZ_USAGE, "the pipeline %s has no stage named '%s' behind its fetch",
            pipeline->name, name);
    mz_error_help(error, "mizan describe %s lists them", pipeline->file);
    return MZ_USAGE;
}
