/* `mizan describe --md`: the page that somebody gets who has to look after a pipeline.
 */
#ifndef MIZAN_CLI_HANDOVER_H
#define MIZAN_CLI_HANDOVER_H

#include "run/run.h"

/* Prints Markdown; the database is read when there is one. */
MZ_NODISCARD enum mz_code mz_handover_print(struct mz_loaded *loaded,
                                            struct mz_error *error);
/* handover_scripts.c: the names of the secrets that the pipeline names, in its stages,
 * its alerts and the text of its scripts; in `arena`, each once. */
#define MZ_MOST_SECRETS 64
size_t mz_named_secrets(const struct mz_loaded *loaded, struct mz_arena *arena,
                        const char *names[MZ_MOST_SECRETS]);
/* Prints the test files beside the pipeline that speak of it, with their cases. */
void mz_print_tests(const struct mz_pipeline *pipeline);

#endif
