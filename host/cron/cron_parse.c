/* The whole of an expression: macros, fields, and what they mean together. */
#include "cron/cron_internal.h"

#include <stdarg.h>
#include <stdio.h>
#include <string.h>

#include "base/text.h"

#define MOST_EVERY (INT64_C(366) * 86400)

enum mz_code mz_cron_refuse(const struct mz_cron_reader *reader,
                            struct mz_cron_part part, const char *format, ...)
{
    char message[512];
    va_list arguments;
    va_start(arguments, format);
    vsnprintf(message, sizeof message, format, arguments);
    va_end(arguments);
    mz_fail(reader->error, MZ_CONFIGURATION, "%s", message);
    reader->error->column = (int)(part.text - reader->text) + 1;
    reader->error->width = part.size == 0 ? 1 : (int)part.size;
    return MZ_CONFIGURATION;
}

static bool is_blank(char byte)
{
    return byte == ' ' || byte == '\t';
}

/* Splits at blanks; the number of parts, which may be more than there is room for. */
static size_t split(const char *text, struct mz_cron_part *parts, size_t room)
{
    size_t count = 0;
    for (const char *at = text;;) {
        while (is_blank(*at)) {
            at++;
        }
        if (*at == '\0') {
            return count;
        }
        const char *start = at;
        while (*at != '\0' && !is_blank(*at)) {
            at++;
        }
        if (count < room) {
            parts[count] = (struct mz_cron_part){start, (size_t)(at - start)};
        }
        count++;
    }
}

static bool is_word(struct mz_cron_part part, const char *word)
{
    return part.size == strlen(word) && memcmp(part.text, word, part.size) == 0;
}

/* From the start of one part to the end of another. */
static struct mz_cron_part together(struct mz_cron_part first, struct mz_cron_part last)
{
    return (struct mz_cron_part){first.text,
                                 (size_t)(last.text + last.size - first.text)};
}

/* ---- macros ---- */

static const struct {
    const char *name, *fields;
} macros[] = {{"@hourly", "0 * * * *"},   {"@daily", "0 0 * * *"},
              {"@midnight", "0 0 * * *"}, {"@weekly", "0 0 * * 0"},
              {"@monthly", "0 0 1 * *"},  {"@yearly", "0 0 1 1 *"},
              {"@annually", "0 0 1 1 *"}};

#define COUNT(list) (sizeof(list) / sizeof *(list))

/* 90s, 15m, 1h30m, 2d: each unit once, the larger first. */
static bool read_every(struct mz_cron_part part, int64_t *out)
{
    static const struct {
        char name;
        int64_t seconds;
    } units[] = {{'d', 86400}, {'h', 3600}, {'m', 60}, {'s', 1}};
    const char *at = part.text;
    const char *end = at + part.size;
    size_t unit = 0;
    int64_t whole = 0;
    while (at < end) {
        int64_t number = 0;
        const char *digits = at;
        for (; at < end && *at >= '0' && *at <= '9' && number < MOST_EVERY; at++) {
            number = number * 10 + (*at - '0');
        }
        while (unit < COUNT(units) && at < end && units[unit].name != *at) {
            unit++;
        }
        if (at == digits || at == end || unit == COUNT(units)) {
            return false;
        }
        whole += number * units[unit++].seconds;
        at++;
    }
    *out = whole;
    return part.size > 0;
}

static enum mz_code take_every(const struct mz_cron_reader *reader,
                               const struct mz_cron_part *parts, size_t count)
{
    static const char help[] = "write @every 90m, @every 1h30m or @every 2d";
    struct mz_cron_part amount = parts[count > 1 ? 1 : 0];
    int64_t every = 0;
    enum mz_code code = MZ_OK;
    if (count != 2) {
        code = mz_cron_refuse(reader, parts[count > 2 ? 2 : 0],
                              "@every takes one duration");
    } else if (!read_every(amount, &every)) {
        code = mz_cron_refuse(reader, amount,
                              "'%.*s' is no duration: numbers with d, h, m or s",
                              (int)amount.size, amount.text);
    } else if (every < 1 || every > MOST_EVERY) {
        code =
            mz_cron_refuse(reader, amount, "@every goes from one second to 366 days");
    }
    if (code != MZ_OK) {
        mz_error_help(reader->error, "%s", help);
        return code;
    }
    reader->cron->every = every;
    return MZ_OK;
}

static enum mz_code unknown_macro(const struct mz_cron_reader *reader,
                                  struct mz_cron_part part)
{
    const char *names[COUNT(macros) + 1];
    char word[32];
    if (is_word(part, "@reboot")) {
        enum mz_code code =
            mz_cron_refuse(reader, part, "@reboot names no time: nothing is scheduled");
        mz_error_help(reader->error,
                      "give a time, or let a systemd unit call mizan run at boot");
        return code;
    }
    for (size_t i = 0; i < COUNT(macros); i++) {
        names[i] = macros[i].name;
    }
    names[COUNT(macros)] = "@every";
    snprintf(word, sizeof word, "%.*s", (int)part.size, part.text);
    const char *nearest = mz_nearest(word, names, COUNT(macros) + 1);
    enum mz_code code = mz_cron_refuse(reader, part, "there is no macro %.*s",
                                       (int)part.size, part.text);
    if (nearest != NULL) {
        mz_error_help(reader->error, "did you mean %s?", nearest);
    } else {
        mz_error_help(reader->error,
                      "they are @hourly @daily @midnight @weekly @monthly "
                      "@yearly @annually and @every 90m");
    }
    return code;
}

/* ---- fields ---- */

static enum mz_code wrong_count(const struct mz_cron_reader *reader,
                                const struct mz_cron_part *parts, size_t count)
{
    static const char form[] = "minute hour day month weekday, as in 30 6 * * 1-5; a "
                               "sixth in front is the second";
    enum mz_code code;
    if (count == 0) {
        code = mz_cron_refuse(reader, (struct mz_cron_part){reader->text, 1},
                              "the expression is empty");
    } else if (count > 6) {
        code = mz_cron_refuse(reader, parts[6],
                              "%zu fields, where there are five or six", count);
    } else {
        code = mz_cron_refuse(reader, together(parts[0], parts[count - 1]),
                              "%zu field%s, where there are five or six", count,
                              count == 1 ? "" : "s");
    }
    mz_error_help(reader->error,
                  count == 7 ? "%s; there is no field for the year" : "%s", form);
    return code;
}

/* A `*` with a step among the items. */
static bool has_star_step(struct mz_cron_part part)
{
    return memmem(part.text, part.size, "*/", 2) != NULL;
}

/* The members of a set: "1,11,21,31". */
static void write_out(uint32_t set, char list[3 * 31 + 1])
{
    size_t size = 0;
    list[0] = '\0';
    for (int value = 0; value < 32; value++) {
        if ((set >> value & 1) != 0) {
            size += (size_t)snprintf(list + size, 3 * 31 + 1 - size, "%s%d",
                                     size == 0 ? "" : ",", value);
        }
    }
}

/* Every implementation reads a step beside a restricted field in its own way. */
static enum mz_code check_ambiguous(const struct mz_cron_reader *reader,
                                    struct mz_cron_part day,
                                    struct mz_cron_part weekday)
{
    const struct mz_cron *cron = reader->cron;
    bool step = has_star_step(day) || has_star_step(weekday);
    if (cron->both || cron->any_day || cron->any_weekday || !step) {
        return MZ_OK;
    }
    enum mz_code code = mz_cron_refuse(
        reader, has_star_step(day) ? day : weekday,
        "ambiguous: day %.*s and weekday %.*s are for some the days that "
        "are both, for others all that are either",
        (int)day.size, day.text, (int)weekday.size, weekday.text);
    char list[3 * 31 + 1];
    bool by_day = has_star_step(day);
    write_out(by_day ? cron->days : cron->weekdays, list);
    mz_error_help(reader->error,
                  "for both write the weekday as +%.*s; for either write "
                  "the %s as %s",
                  (int)weekday.size, weekday.text, by_day ? "day" : "weekday", list);
    return code;
}

static enum mz_code check_ever(const struct mz_cron_reader *reader,
                               const struct mz_cron_part *day)
{
    if (mz_cron_ever(reader->cron)) {
        return MZ_OK;
    }
    enum mz_code code;
    if (reader->cron->any_weekday) {
        code = mz_cron_refuse(
            reader, day[0], "never matches: no month of '%.*s' has a day '%.*s'",
            (int)day[1].size, day[1].text, (int)day[0].size, day[0].text);
    } else {
        code = mz_cron_refuse(reader, together(day[0], day[2]),
                              "never matches: no date is day '%.*s', month '%.*s' and "
                              "weekday '%.*s'",
                              (int)day[0].size, day[0].text, (int)day[1].size,
                              day[1].text, (int)day[2].size, day[2].text);
    }
    mz_error_help(reader->error, "the last day of each month is L");
    return code;
}

static enum mz_code read_fields(const struct mz_cron_reader *reader,
                                struct mz_cron_part parts[6], size_t count)
{
    struct mz_cron *cron = reader->cron;
    struct mz_cron_part *day = &parts[count - 3];
    struct mz_cron_part *weekday = &parts[count - 1];
    struct mz_cron_part plain = *weekday;
    if (weekday->size > 1 && weekday->text[0] == '+') {
        cron->both = true;
        plain.text++;
        plain.size--;
    }
    cron->seconds = count == 5 ? 1 : 0;
    enum mz_code code = MZ_OK;
    for (size_t i = 0; code == MZ_OK && i < count; i++) {
        enum mz_cron_field field = (enum mz_cron_field)(i + 6 - count);
        code = mz_cron_read_field(reader, field, i + 1 == count ? plain : parts[i]);
    }
    cron->wall = parts[count - 5].text[0] == '*' || parts[count - 4].text[0] == '*';
    if (code == MZ_OK) {
        code = check_ambiguous(reader, *day, plain);
    }
    return code == MZ_OK ? check_ever(reader, day) : code;
}

static enum mz_code take_macro(const struct mz_cron_reader *reader,
                               const struct mz_cron_part *parts, size_t count)
{
    for (size_t i = 0; i < COUNT(macros); i++) {
        if (!is_word(parts[0], macros[i].name)) {
            continue;
        }
        if (count == 1) {
            return mz_cron_parse(macros[i].fields, reader->id, reader->cron,
                                 reader->error);
        }
        enum mz_code code =
            mz_cron_refuse(reader, parts[1], "%s stands alone", macros[i].name);
        mz_error_help(reader->error, "write it as fields: %s", macros[i].fields);
        return code;
    }
    return unknown_macro(reader, parts[0]);
}

enum mz_code mz_cron_parse(const char *text, const char *id, struct mz_cron *out,
                           struct mz_error *error)
{
    struct mz_error own;
    struct mz_cron_part parts[8];
    struct mz_cron_reader reader = {text, id, out, error == NULL ? &own : error};
    memset(out, 0, sizeof *out);
    if (strlen(text) >= MZ_CRON_TEXT) {
        return mz_cron_refuse(&reader, (struct mz_cron_part){text, 1},
                              "the expression has %zu bytes, %d are the most",
                              strlen(text), MZ_CRON_TEXT - 1);
    }
    size_t count = split(text, parts, COUNT(parts));
    if (count > 0 && memchr(parts[0].text, '=', parts[0].size) != NULL) {
        enum mz_code code = mz_cron_refuse(
            &reader, parts[0], "a time zone does not stand in the expression");
        mz_error_help(reader.error,
                      "give it beside: --tz Europe/Berlin, or tz = in the "
                      "schedule");
        return code;
    }
    if (count > 0 && is_word(parts[0], "@every")) {
        return take_every(&reader, parts, count);
    }
    if (count > 0 && parts[0].text[0] == '@') {
        return take_macro(&reader, parts, count);
    }
    if (count < 5 || count > 6) {
        return wrong_count(&reader, parts, count);
    }
    return read_fields(&reader, parts, count);
}
