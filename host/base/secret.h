/* Secrets: read where they are needed and wiped afterwards, never printed or stored.
 *
 * Sought in $CREDENTIALS_DIRECTORY/NAME (systemd), in FOLDER/secrets/NAME, a file of
 * the user's own with mode 0600 or 0400, and in the variable MIZAN_SECRET_NAME, in
 * capitals.
 */
#ifndef MIZAN_BASE_SECRET_H
#define MIZAN_BASE_SECRET_H

#include <stdbool.h>
#include <stddef.h>

#include "base/error.h"

#define MZ_SECRET_MOST 4096 /* bytes, without the line end of the file */
#define MZ_SECRET_NAME 64

/* True for letters, digits, '-' and '_', a letter first. */
bool mz_secret_name_ok(const char *name);
/* Reads into `out`, which has MZ_SECRET_MOST + 1 bytes and is wiped on failure. The
 * error names the places that were looked in. */
MZ_NODISCARD enum mz_code mz_secret_read(const char *name, const char *folder,
                                         char *out, size_t *size,
                                         struct mz_error *error);
/* Overwrites memory that held a secret. */
void mz_secret_wipe(void *memory, size_t size);

#endif
