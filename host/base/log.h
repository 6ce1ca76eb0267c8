/* The one logging way: an event per line on standard error, in a form for people on a
 * terminal and as logfmt elsewhere. Thread-safe: a line is one write. */
#ifndef MIZAN_BASE_LOG_H
#define MIZAN_BASE_LOG_H

#include "base/error.h"

enum mz_log_level {
    MZ_LOG_DEBUG,
    MZ_LOG_INFO,
    MZ_LOG_WARNING,
    MZ_LOG_ERROR,
    MZ_LOG_NONE /* as the lowest level: nothing is written */
};
enum mz_log_form { MZ_LOG_HUMAN, MZ_LOG_LOGFMT };

/* Process-wide settings, made once before threads start. */
void mz_log_setup(enum mz_log_level lowest, enum mz_log_form form);
/* Fields that every later line of this process carries, as `key=value key=value`. */
void mz_log_context(const char *fields);
/* `fields` is NULL or ready logfmt pairs (see mz_log_quote). */
void mz_log(enum mz_log_level level, const char *fields, const char *format, ...)
    MZ_PRINTF(3, 4);
/* Writes `value` as a logfmt value, quoted where needed; returns `out`. */
const char *mz_log_quote(char *out, size_t size, const char *value);

#endif
