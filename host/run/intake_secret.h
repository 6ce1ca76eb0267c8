/* Secrets for fetch plugins, and what may be asked once one was handed out. */
#ifndef MIZAN_RUN_INTAKE_SECRET_H
#define MIZAN_RUN_INTAKE_SECRET_H

#include "base/arena.h"
#include "base/error.h"
#include "mizan/plugin.h"

/* The secret of that name, sought in the project's folder and where base/secret.h says;
 * in a test with recorded answers it is a word in its place. */
MZ_NODISCARD enum mz_code mz_intake_secret(struct mz_arena *arena, const char *folder,
                                           const char *name, struct mizan_slice *out,
                                           struct mz_error *error);
/* MZ_NOT_PERMITTED for an address to which nothing secret is sent: one without
 * encryption that is not of this machine. */
MZ_NODISCARD enum mz_code mz_intake_may_hold_secret(const char *url,
                                                    struct mz_error *error);

#endif
