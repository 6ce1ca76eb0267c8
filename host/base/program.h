/* Another program, run to its end: a list of arguments, no shell; a document on its
 * standard input, its output kept up to a cap. It gets a process group of its own, in
 * which it and what it started are killed when its time is over, a small environment
 * (PATH, HOME, LANG) and none of the open files of this process. */
#ifndef MIZAN_BASE_PROGRAM_H
#define MIZAN_BASE_PROGRAM_H

#include <stdatomic.h>
#include <stdint.h>

#include "base/buffer.h"

struct mz_program {
    const char *path;             /* absolute, or a name to look for in PATH */
    const char *const *arguments; /* argv, the name first, NULL-terminated */
    const char *folder;           /* to work in; NULL: this process's */
    const char *input;
    size_t input_size;
    int64_t timeout;          /* milliseconds */
    size_t output_most;       /* bytes */
    const atomic_int *cancel; /* non-zero: kill it; may be NULL */
};

struct mz_program_end {
    struct mz_buffer output; /* the caller's, to finish */
    char note[256];          /* the last line of its standard error */
    int status;              /* exit status, or minus the signal that ended it */
};

/* MZ_OK when it ran to its end, whatever its status. Else: MZ_NO_FILE (there is no such
 * program), MZ_NOT_PERMITTED, MZ_DEADLINE, MZ_LIMIT (output), MZ_CANCELLED, MZ_MEMORY,
 * MZ_IO. The end is initialised either way. */
MZ_NODISCARD enum mz_code mz_program_run(const struct mz_program *program,
                                         struct mz_program_end *end,
                                         struct mz_error *error);

/* What this machine is called where several work together: MIZAN_HOST of the
 * environment, else the host's name. */
void mz_host_name(char *out, size_t size);

#endif
