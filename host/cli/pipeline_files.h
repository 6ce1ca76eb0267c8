/* The pipeline files of a project: those in its folder and in its folder `pipelines`.
 */
#ifndef MIZAN_CLI_PIPELINE_FILES_H
#define MIZAN_CLI_PIPELINE_FILES_H

#include "base/error.h"

/* Calls `visit` for each file that makes a pipeline, in the order of their names, until
 * one call fails; scripts are looked at as text, none is run. */
MZ_NODISCARD enum mz_code mz_pipeline_files(
    const char *folder,
    enum mz_code (*visit)(void *context, const char *path, struct mz_error *error),
    void *context, struct mz_error *error);
/* The one file that has the pipeline's name in quotes, into `path` of MZ_PATH bytes.
 * MZ_NOT_FOUND for none, MZ_USAGE for several. */
MZ_NODISCARD enum mz_code mz_find_pipeline(const char *folder, const char *name,
                                           char *path, struct mz_error *error);

#endif
