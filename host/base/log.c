#include "base/log.h"

#include <errno.h>
#include <pthread.h>
#include <stdarg.h>
#include <stdatomic.h>
#include <stdbool.h>
#include <string.h>
#include <unistd.h>

#include "base/clock.h"
#include "base/text.h"

#define MZ_LOG_LINE    8192
#define MZ_LOG_MESSAGE 2048
#define MZ_LOG_CONTEXT 512

static _Atomic int lowest_level = MZ_LOG_INFO;
static _Atomic int line_form = MZ_LOG_LOGFMT;
static pthread_mutex_t context_lock = PTHREAD_MUTEX_INITIALIZER;
static char context[MZ_LOG_CONTEXT];

void mz_log_setup(enum mz_log_level lowest, enum mz_log_form form)
{
    atomic_store(&lowest_level, (int)lowest);
    atomic_store(&line_form, (int)form);
}

void mz_log_context(const char *fields)
{
    pthread_mutex_lock(&context_lock);
    snprintf(context, sizeof context, "%s", fields == NULL ? "" : fields);
    pthread_mutex_unlock(&context_lock);
}

static bool is_plain(const char *value)
{
    if (value[0] == '\0') {
        return false;
    }
    for (const char *at = value; *at != '\0'; at++) {
        unsigned char byte = (unsigned char)*at;
        if (byte <= ' ' || byte == '"' || byte == '=' || byte == '\\' || byte == 0x7F) {
            return false;
        }
    }
    return mz_utf8_valid(value, strlen(value));
}

/* The escaped form of the character at `text` in `piece`; returns the bytes read. */
static size_t escape(const char *text, size_t left, char piece[8])
{
    uint32_t point = 0;
    size_t length = mz_utf8_decode(text, left, &point);
    if (length == 0) {
        snprintf(piece, 8, "\xEF\xBF\xBD");
        return 1;
    }
    if (point == '"' || point == '\\') {
        snprintf(piece, 8, "\\%c", (int)point);
    } else if (point == '\n') {
        snprintf(piece, 8, "\\n");
    } else if (point == '\t') {
        snprintf(piece, 8, "\\t");
    } else if (point < 0x20 || (point >= 0x7F && point < 0xA0)) {
        snprintf(piece, 8, "\\x%02x", (unsigned int)point);
    } else {
        memcpy(piece, text, length);
        piece[length] = '\0';
    }
    return length;
}

static size_t write_quoted(char *out, size_t size, const char *value)
{
    size_t used = 0;
    size_t left = strlen(value);
    char piece[8];
    out[used++] = '"';
    while (left > 0) {
        size_t taken = escape(value, left, piece);
        size_t length = strlen(piece);
        if (used + length + 2 > size) {
            break;
        }
        memcpy(out + used, piece, length);
        used += length;
        value += taken;
        left -= taken;
    }
    out[used++] = '"';
    out[used] = '\0';
    return used;
}

const char *mz_log_quote(char *out, size_t size, const char *value)
{
    size_t length = strlen(value);
    if (size == 0) {
        return out;
    }
    if (is_plain(value) && length < size) {
        memcpy(out, value, length + 1);
    } else if (size < 3) {
        out[0] = '\0';
    } else {
        write_quoted(out, size, value);
    }
    return out;
}

struct line {
    char text[MZ_LOG_LINE];
    size_t used;
};

/* One byte is always left for the line end. */
static void add(struct line *line, const char *text)
{
    size_t length = strlen(text);
    size_t room = sizeof line->text - 1 - line->used;
    if (length > room) {
        length = room;
    }
    memcpy(line->text + line->used, text, length);
    line->used += length;
}

/* The message as one line of plain text: what is not printable shows escaped. */
static void add_escaped(struct line *line, const char *text)
{
    size_t left = strlen(text);
    char piece[8];
    while (left > 0) {
        size_t taken = escape(text, left, piece);
        add(line, *text == '"' || *text == '\\' ? piece + 1 : piece);
        text += taken;
        left -= taken;
    }
}

static void add_fields(struct line *line, const char *fields)
{
    if (fields == NULL || fields[0] == '\0') {
        return;
    }
    add(line, " ");
    for (const char *at = fields; *at != '\0'; at++) {
        char byte[2] = {*at, '\0'};
        add(line, *at == '\n' || *at == '\r' ? " " : byte);
    }
}

static void send_line(struct line *line)
{
    size_t done = 0;
    line->text[line->used++] = '\n';
    while (done < line->used) {
        ssize_t wrote = write(STDERR_FILENO, line->text + done, line->used - done);
        if (wrote < 0 && errno == EINTR) {
            continue;
        }
        if (wrote <= 0) {
            return;
        }
        done += (size_t)wrote;
    }
}

static const char *level_name(enum mz_log_level level)
{
    static const char *const names[] = {"debug", "info", "warning", "error"};
    size_t index = (size_t)level;
    return index < sizeof names / sizeof names[0] ? names[index] : "error";
}

static void compose(struct line *line, enum mz_log_level level, const char *message,
                    const char *fields)
{
    char time[MZ_TIME_TEXT];
    mz_time_format(mz_clock_now(), time);
    if (atomic_load(&line_form) == MZ_LOG_HUMAN) {
        add(line, time);
        add(line, " ");
        add(line, level_name(level));
        add(line, ": ");
        add_escaped(line, message);
    } else {
        add(line, "time=");
        add(line, time);
        add(line, " level=");
        add(line, level_name(level));
        add(line, " msg=");
        mz_log_quote(line->text + line->used, sizeof line->text - line->used, message);
        line->used += strlen(line->text + line->used);
    }
    add_fields(line, fields);
    pthread_mutex_lock(&context_lock);
    add_fields(line, context);
    pthread_mutex_unlock(&context_lock);
}

void mz_log(enum mz_log_level level, const char *fields, const char *format, ...)
{
    if ((int)level < atomic_load(&lowest_level)) {
        return;
    }
    int saved = errno;
    char message[MZ_LOG_MESSAGE];
    va_list arguments;
    va_start(arguments, format);
    int length = vsnprintf(message, sizeof message, format, arguments);
    va_end(arguments);
    struct line line;
    line.used = 0;
    compose(&line, level, length < 0 ? format : message, fields);
    send_line(&line);
    errno = saved;
}
