/* The one error table: code, exit status (ARCHITECTURE section 6, after sysexits) and
 * the text of each. The layer that fails writes the sentence once; callers may add
 * where it happened, and never log and return the same failure. */
#ifndef MIZAN_BASE_ERROR_H
#define MIZAN_BASE_ERROR_H

#include <stdio.h>

#define MZ_NODISCARD           __attribute__((warn_unused_result))
#define MZ_PRINTF(text, first) __attribute__((format(printf, text, first)))

/* XX(NAME, exit status, "text") */
#define MZ_ERRORS(XX)                                                                  \
    XX(OK, 0, "success")                                                               \
    XX(ITEMS_FAILED, 1, "finished, but some items failed")                             \
    XX(USAGE, 64, "the command was used wrongly")                                      \
    XX(INPUT, 65, "the input data is not as expected")                                 \
    XX(NO_FILE, 66, "no such file")                                                    \
    XX(UNREACHABLE, 69, "a source or the database cannot be reached")                  \
    XX(INTERNAL, 70, "an error inside the program")                                    \
    XX(MEMORY, 70, "not enough memory")                                                \
    XX(PLUGIN_CRASHED, 70, "a plugin crashed")                                         \
    XX(DEADLINE, 70, "a deadline passed")                                              \
    XX(CANNOT_CREATE, 73, "a file cannot be created")                                  \
    XX(IO, 74, "reading or writing failed")                                            \
    XX(TRY_AGAIN, 75, "not now, try again")                                            \
    XX(NOT_PERMITTED, 77, "not permitted")                                             \
    XX(CONFIGURATION, 78, "the configuration is wrong")                                \
    XX(SCRIPT, 78, "the script is wrong")                                              \
    XX(PLUGIN_REFUSED, 78, "the plugin cannot be used")                                \
    XX(LIMIT, 70, "a limit was reached")                                               \
    XX(CANCELLED, 130, "stopped by a signal")                                          \
    XX(NOT_FOUND, 66, "not found")

enum mz_code {
#define XX(name, status, text) MZ_##name,
    MZ_ERRORS(XX)
#undef XX
};

/* A failure: what, which object, why. `file` is empty or the script, data file or
 * record it is about; line and column count from 1, 0 is unknown; width is in bytes. */
struct mz_error {
    enum mz_code code;
    int line, column, width;
    char file[512];
    char message[1024];
    char help[512]; /* what to do next, or empty */
};

/* Fills `error` (which may be NULL), clearing place and help; returns `code`. */
enum mz_code mz_fail(struct mz_error *error, enum mz_code code, const char *format, ...)
    MZ_PRINTF(3, 4);
/* Same, with the text of errno at the end. */
enum mz_code mz_fail_errno(struct mz_error *error, enum mz_code code,
                           const char *format, ...) MZ_PRINTF(3, 4);
void mz_error_place(struct mz_error *error, const char *file, int line, int column,
                    int width);
void mz_error_help(struct mz_error *error, const char *format, ...) MZ_PRINTF(2, 3);
/* Puts "text: " before the message. */
void mz_error_prefix(struct mz_error *error, const char *format, ...) MZ_PRINTF(2, 3);

const char *mz_code_name(enum mz_code code); /* "SCRIPT" */
const char *mz_code_text(enum mz_code code);
int mz_exit_status(enum mz_code code);

/* Prints the failure as people read it: `error[SCRIPT]: message`, then, when the place
 * is known and the file readable, the line itself with a caret, then the help. */
void mz_error_print(const struct mz_error *error, FILE *out);
/* The same for a failure about a text that stands in no file, an argument: the text is
 * shown with carets under the error's column. */
void mz_error_print_text(const struct mz_error *error, const char *text, FILE *out);

#endif
