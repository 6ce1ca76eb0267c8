/* Messages to programs: one of the user's that gets the payload, and sendmail. */
#include <stdio.h>
#include <string.h>

#include "base/clock.h"
#include "base/program.h"
#include "deliver/message.h"
#include "value/base64.h"
#include "value/json.h"
#include "value/record.h"

#define TIMEOUT       30000
#define MOST_OUTPUT   ((size_t)64 * 1024)
#define MOST_MAIL     ((size_t)4 * 1024 * 1024)
#define SENDMAIL      "/usr/sbin/sendmail"
#define BASE64_LINE   76
#define SUBJECT_CHUNK 45 /* bytes that are 60 characters of base64 */

static enum mz_code run(struct mz_sender *sender, struct mz_program *program,
                        struct mz_error *error)
{
    struct mz_program_end end = {0};
    program->folder = sender->settings->folder;
    program->timeout = TIMEOUT;
    program->output_most = MOST_OUTPUT;
    program->cancel = sender->settings->cancel;
    enum mz_code code = mz_program_run(program, &end, error);
    if (code == MZ_OK && end.status != 0) {
        code = mz_fail(error, MZ_UNREACHABLE, "%s ended with %s %d%s%s", program->path,
                       end.status > 0 ? "status" : "signal",
                       end.status > 0 ? end.status : -end.status,
                       end.note[0] == '\0' ? "" : ": ", end.note);
    }
    mz_buffer_finish(&end.output);
    return code;
}

/* ---- a program of the user's ---- */

static bool is_allowed(const struct mz_deliver_settings *settings, const char *program)
{
    for (size_t i = 0; i < settings->program_count; i++) {
        if (strcmp(settings->programs[i], program) == 0) {
            return true;
        }
    }
    return false;
}

enum mz_code mz_send_command(struct mz_sender *sender,
                             const struct mz_outgoing *message, struct mz_error *error)
{
    const struct mizan_value *list = mz_map_member(&message->settings, "arguments");
    size_t count = list != NULL && list->type == MIZAN_LIST ? list->as.list.count : 0;
    const char **arguments =
        mz_arena_zero(message->arena, (count + 2) * sizeof *arguments);
    if (arguments == NULL) {
        return mz_fail(error, MZ_MEMORY, "no memory for the arguments of a program");
    }
    if (!is_allowed(sender->settings, message->target)) {
        mz_fail(error, MZ_NOT_PERMITTED, "the project does not allow the program %s",
                message->target);
        mz_error_help(error, "list it in mizan.lua: programs = { \"%s\" }",
                      message->target);
        return MZ_NOT_PERMITTED;
    }
    arguments[0] = message->target;
    for (size_t i = 0; i < count; i++) {
        const struct mizan_value *item = &list->as.list.items[i];
        if (item->type != MIZAN_TEXT) {
            return mz_fail(error, MZ_INPUT, "argument %zu of %s is no text", i + 1,
                           message->target);
        }
        arguments[i + 1] = item->as.text.data;
    }
    struct mz_program program = {.path = message->target,
                                 .arguments = arguments,
                                 .input = message->payload.data,
                                 .input_size = message->payload.size};
    return run(sender, &program, error);
}

/* ---- mail ---- */

/* Nothing that begins another header or option. */
static bool is_mailbox(const char *text)
{
    return text[0] != '\0' && text[0] != '-' && strchr(text, '@') != NULL &&
           text[strcspn(text, " \t\r\n<>,;\"\\()")] == '\0';
}

static void add_base64(struct mz_buffer *out, const char *data, size_t size)
{
    char line[MZ_BASE64_SIZE(BASE64_LINE / 4 * 3)];
    for (size_t i = 0; i < size; i += BASE64_LINE / 4 * 3) {
        size_t count = size - i < BASE64_LINE / 4 * 3 ? size - i : BASE64_LINE / 4 * 3;
        mz_base64_encode(data + i, count, line);
        mz_buffer_add(out, line, MZ_BASE64_SIZE(count));
        mz_buffer_byte(out, '\n');
    }
}

/* Encoded words (RFC 2047), each of whole characters. */
static void add_subject(struct mz_buffer *out, const char *text)
{
    size_t size = strlen(text), at = 0;
    mz_buffer_text(out, "Subject:");
    while (at < size) {
        char encoded[MZ_BASE64_SIZE(SUBJECT_CHUNK)];
        size_t count = size - at < SUBJECT_CHUNK ? size - at : SUBJECT_CHUNK;
        while (at + count < size && count > 1 &&
               ((unsigned char)text[at + count] & 0xC0U) == 0x80U) {
            count--;
        }
        mz_base64_encode(text + at, count, encoded);
        mz_buffer_text(out, at == 0 ? " =?UTF-8?B?" : "\n =?UTF-8?B?");
        mz_buffer_add(out, encoded, MZ_BASE64_SIZE(count));
        mz_buffer_text(out, "?=");
        at += count;
    }
    mz_buffer_byte(out, '\n');
}

static void add_date(struct mz_buffer *out, int64_t now)
{
    static const char *const days[] = {"Thu", "Fri", "Sat", "Sun", "Mon", "Tue", "Wed"};
    static const char *const months[] = {"Jan", "Feb", "Mar", "Apr", "May", "Jun",
                                         "Jul", "Aug", "Sep", "Oct", "Nov", "Dec"};
    int64_t second = now / 1000, day_number = second / 86400;
    int year, month, day;
    mz_date_from_days(day_number, &year, &month, &day);
    second %= 86400;
    mz_buffer_printf(out, "Date: %s, %02d %s %04d %02d:%02d:%02d +0000\n",
                     days[day_number % 7], day, months[month - 1], year,
                     (int)(second / 3600), (int)(second / 60 % 60), (int)(second % 60));
}

static void compose(struct mz_buffer *out, const struct mz_outgoing *message,
                    const struct mizan_value *payload)
{
    const char *from = mz_map_text(&message->settings, "from");
    const char *subject = mz_map_text(payload, "subject");
    const char *text = mz_map_text(payload, "text");
    if (from != NULL) {
        mz_buffer_printf(out, "From: %s\n", from);
    }
    mz_buffer_printf(out, "To: %s\n", message->target);
    add_subject(out, subject == NULL ? "mizan" : subject);
    add_date(out, mz_clock_now());
    mz_buffer_printf(out,
                     "Message-ID: <%s@mizan.invalid>\nX-Mizan-Id: %s\n"
                     "Auto-Submitted: auto-generated\nMIME-Version: 1.0\n"
                     "Content-Type: text/plain; charset=utf-8\n"
                     "Content-Transfer-Encoding: base64\n\n",
                     message->id, message->id);
    add_base64(out, text == NULL ? "" : text, text == NULL ? 0 : strlen(text));
}

enum mz_code mz_send_mail(struct mz_sender *sender, const struct mz_outgoing *message,
                          struct mz_error *error)
{
    const char *path = sender->settings->sendmail;
    const char *from = mz_map_text(&message->settings, "from");
    const char *const arguments[] = {"sendmail", "-i", "--", message->target, NULL};
    struct mizan_value payload;
    struct mz_buffer mail;
    if (!is_mailbox(message->target) || (from != NULL && !is_mailbox(from))) {
        return mz_fail(error, MZ_INPUT, "'%.80s' is no mail address",
                       is_mailbox(message->target) ? from : message->target);
    }
    enum mz_code code = mz_json_parse(message->arena, message->payload.data,
                                      message->payload.size, &payload, error);
    if (code != MZ_OK) {
        return code;
    }
    mz_buffer_init(&mail, MOST_MAIL);
    compose(&mail, message, &payload);
    if (!mz_buffer_ok(&mail)) {
        code = mz_fail(error, MZ_LIMIT, "a mail of more than %zu MiB", MOST_MAIL >> 20);
    } else {
        struct mz_program program = {.path = path == NULL ? SENDMAIL : path,
                                     .arguments = arguments,
                                     .input = mail.data,
                                     .input_size = mail.size};
        code = run(sender, &program, error);
    }
    mz_buffer_finish(&mail);
    return code;
}
