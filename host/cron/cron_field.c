/* One field of an expression: a list of items. */
#include "cron/cron_internal.h"

#include <string.h>
#include <strings.h>

#include "base/text.h"

struct field {
    const char *name;
    int least, most; /* what may be written */
    int last;        /* the last value of '*' */
    const char *const *names;
    int name_count, first_name; /* names[0] is the value first_name */
    const char *example;
};

static const char *const months[] = {"JAN", "FEB", "MAR", "APR", "MAY", "JUN",
                                     "JUL", "AUG", "SEP", "OCT", "NOV", "DEC"};
static const char *const weekdays[] = {"SUN", "MON", "TUE", "WED", "THU", "FRI", "SAT"};

static const struct field fields[MZ_CRON_FIELDS] = {
    [MZ_CRON_SECOND] = {"second", 0, 59, 59, NULL, 0, 0, "0, 0,30 or */10"},
    [MZ_CRON_MINUTE] = {"minute", 0, 59, 59, NULL, 0, 0, "0, 0,30 or */15"},
    [MZ_CRON_HOUR] = {"hour", 0, 23, 23, NULL, 0, 0, "6, 6,18, 8-17 or */2"},
    [MZ_CRON_DAY] = {"day of the month", 1, 31, 31, NULL, 0, 0, "1, 1,15, 15W or L"},
    [MZ_CRON_MONTH] = {"month", 1, 12, 12, months, 12, 1, "1, JAN, 4-6 or */3"},
    [MZ_CRON_WEEKDAY] = {"weekday", 0, 7, 6, weekdays, 7, 0, "1, MON, 1-5, 1#2 or 5L"},
};

#define HASH_LAST_DAY 28 /* H as a day of the month: one that every month has */

/* Where an item is read. */
struct item {
    const struct mz_cron_reader *reader;
    enum mz_cron_field index;
    const struct field *field;
    struct mz_cron_part whole; /* the item, for carets */
    const char *at, *end;
};

static struct mz_cron_part rest_from(const struct item *item, const char *start)
{
    return (struct mz_cron_part){start, (size_t)(item->at - start)};
}

static bool is_digit(char byte)
{
    return byte >= '0' && byte <= '9';
}

static bool is_letter(char byte)
{
    return (byte | 0x20) >= 'a' && (byte | 0x20) <= 'z';
}

/* Letters in any case; nothing else has one. */
static bool is_at(const struct item *item, char wanted)
{
    return item->at < item->end &&
           (*item->at == wanted ||
            (is_letter(wanted) && (*item->at | 0x20) == (wanted | 0x20)));
}

static bool take(struct item *item, char wanted)
{
    if (!is_at(item, wanted)) {
        return false;
    }
    item->at++;
    return true;
}

/* ---- refusals ---- */

/* What to write in place of a character that does not belong. */
static void help_with(const struct item *item, char start)
{
    struct mz_error *error = item->reader->error;
    bool mark = start == '#' || (start | 0x20) == 'w' || (start | 0x20) == 'l';
    if (start == '?') {
        mz_error_help(error, "write *");
    } else if (start == '+') {
        mz_error_help(error,
                      "+ stands before the weekday: 0 0 13 * +FRI is Friday the 13th");
    } else if (mark && item->index == MZ_CRON_WEEKDAY) {
        mz_error_help(error, "the second Monday is 1#2, the last Friday 5L or FRI#L");
    } else if (mark && item->index == MZ_CRON_DAY) {
        mz_error_help(error, "the last day is L, its last working day LW, the working "
                             "day nearest to the 15th 15W");
    } else {
        mz_error_help(error, "write %s", item->field->example);
    }
}

/* What cannot be read here: one whole character, or a whole word. */
static enum mz_code unexpected(struct item *item)
{
    const struct field *field = item->field;
    const char *start = item->at;
    if (item->at == item->end) {
        enum mz_code code =
            mz_cron_refuse(item->reader, item->whole, "%s: '%.*s' is not finished",
                           field->name, (int)item->whole.size, item->whole.text);
        mz_error_help(item->reader->error, "write %s", field->example);
        return code;
    }
    size_t length = mz_utf8_decode(start, (size_t)(item->end - start), NULL);
    item->at += length == 0 ? 1 : length;
    while (item->at < item->end && is_letter(*start) && is_letter(*item->at)) {
        item->at++;
    }
    struct mz_cron_part part = rest_from(item, start);
    enum mz_code code =
        mz_cron_refuse(item->reader, part, "%s: '%.*s' has no meaning here",
                       field->name, (int)part.size, part.text);
    help_with(item, *start);
    return code;
}

static enum mz_code out_of_range(const struct item *item, struct mz_cron_part part,
                                 int least, int most)
{
    enum mz_code code =
        mz_cron_refuse(item->reader, part, "%s: %.*s%s is not from %d to %d",
                       item->field->name, part.size > 12 ? 12 : (int)part.size,
                       part.text, part.size > 12 ? "…" : "", least, most);
    const char *example = item->field->example;
    if (item->index == MZ_CRON_HOUR && part.size == 2 &&
        memcmp(part.text, "24", 2) == 0) {
        mz_error_help(item->reader->error, "midnight is hour 0");
    } else if (item->index == MZ_CRON_MINUTE && part.size == 2 &&
               memcmp(part.text, "60", 2) == 0) {
        mz_error_help(item->reader->error, "the full hour is minute 0");
    } else if (item->index == MZ_CRON_WEEKDAY) {
        mz_error_help(item->reader->error, "Monday is 1 or MON, Sunday 0, 7 or SUN");
    } else {
        mz_error_help(item->reader->error, "write %s", example);
    }
    return code;
}

static enum mz_code bad_name(struct item *item)
{
    const struct field *field = item->field;
    const char *start = item->at;
    char word[16];
    while (item->at < item->end && is_letter(*item->at)) {
        item->at++;
    }
    struct mz_cron_part part = rest_from(item, start);
    size_t size = part.size < sizeof word ? part.size : sizeof word - 1;
    for (size_t i = 0; i < size; i++) {
        word[i] = (char)(start[i] & ~0x20);
    }
    word[size] = '\0';
    enum mz_code code = mz_cron_refuse(item->reader, part, "%s: there is no '%.*s'",
                                       field->name, (int)part.size, part.text);
    const char *nearest = mz_nearest(word, field->names, (size_t)field->name_count);
    for (int i = 0; nearest == NULL && size > 3 && i < field->name_count; i++) {
        if (strncmp(word, field->names[i], 3) == 0) {
            nearest = field->names[i];
        }
    }
    if (nearest != NULL) {
        mz_error_help(item->reader->error, "names have three letters: write %s",
                      nearest);
    } else {
        mz_error_help(item->reader->error, "names are %s to %s", field->names[0],
                      field->names[field->name_count - 1]);
    }
    return code;
}

/* ---- values ---- */

/* Digits as a number; one too large to matter stays too large. */
static int take_number(struct item *item)
{
    int value = 0;
    while (item->at < item->end && is_digit(*item->at)) {
        value = value > 100000 ? value : value * 10 + (*item->at - '0');
        item->at++;
    }
    return value;
}

static bool take_name(struct item *item, int *out)
{
    const struct field *field = item->field;
    for (int i = 0; item->end - item->at >= 3 && i < field->name_count; i++) {
        if (strncasecmp(item->at, field->names[i], 3) != 0) {
            continue;
        }
        const char *after = item->at + 3;
        bool last = item->index == MZ_CRON_WEEKDAY && after < item->end &&
                    (*after | 0x20) == 'l' &&
                    (after + 1 == item->end || !is_letter(after[1]));
        if (after < item->end && is_letter(*after) && !last) {
            return false;
        }
        item->at = after;
        *out = field->first_name + i;
        return true;
    }
    return false;
}

static enum mz_code take_value(struct item *item, int least, int most, int *out)
{
    const char *start = item->at;
    if (item->at < item->end && is_digit(*item->at)) {
        *out = take_number(item);
        return *out >= least && *out <= most
                   ? MZ_OK
                   : out_of_range(item, rest_from(item, start), least, most);
    }
    if (item->field->names != NULL && item->at < item->end && is_letter(*item->at)) {
        bool alone = item->at + 1 == item->end || !is_letter(item->at[1]);
        return take_name(item, out) ? MZ_OK : alone ? unexpected(item) : bad_name(item);
    }
    return unexpected(item);
}

/* Behind a '/'. */
static enum mz_code take_step(struct item *item, int *out)
{
    const struct field *field = item->field;
    const char *start = item->at;
    if (item->at == item->end || !is_digit(*item->at)) {
        return unexpected(item);
    }
    *out = take_number(item);
    struct mz_cron_part part = rest_from(item, start);
    int span = field->last - field->least;
    if (*out == 0) {
        enum mz_code code = mz_cron_refuse(item->reader, part,
                                           "%s: a step of 0 never moves", field->name);
        mz_error_help(item->reader->error, "steps are from 1 to %d: */1 is *", span);
        return code;
    }
    if (*out > span) {
        enum mz_code code = mz_cron_refuse(
            item->reader, part, "%s: the step %.*s is longer than %d-%d", field->name,
            part.size > 12 ? 12 : (int)part.size, part.text, field->least, field->last);
        mz_error_help(
            item->reader->error,
            "steps are from 1 to %d; longer times go by the next field, or by "
            "@every 90m",
            span);
        return code;
    }
    return MZ_OK;
}

/* ---- what an item adds ---- */

static void add(const struct item *item, int first, int last, int step)
{
    struct mz_cron *cron = item->reader->cron;
    for (int value = first; value <= last; value += step) {
        uint64_t bit = UINT64_C(1) << value;
        switch (item->index) {
        case MZ_CRON_SECOND:
            cron->seconds |= bit;
            break;
        case MZ_CRON_MINUTE:
            cron->minutes |= bit;
            break;
        case MZ_CRON_HOUR:
            cron->hours |= (uint32_t)bit;
            break;
        case MZ_CRON_DAY:
            cron->days |= (uint32_t)bit;
            break;
        case MZ_CRON_MONTH:
            cron->months |= (uint32_t)bit;
            break;
        case MZ_CRON_WEEKDAY:
            cron->weekdays |= UINT32_C(1) << value % 7;
            break;
        case MZ_CRON_FIELDS:
            break;
        }
    }
}

/* The same on every machine, and different by field: FNV-1a, its bits mixed. */
static uint64_t hash_of(const struct item *item)
{
    uint64_t hash = UINT64_C(14695981039346656037) + (uint64_t)item->index;
    for (const char *at = item->reader->id; at != NULL && *at != '\0'; at++) {
        hash = (hash ^ (unsigned char)*at) * UINT64_C(1099511628211);
    }
    hash = (hash ^ (hash >> 33)) * UINT64_C(0xff51afd7ed558ccd);
    hash = (hash ^ (hash >> 33)) * UINT64_C(0xc4ceb9fe1a85ec53);
    return hash ^ (hash >> 33);
}

/* H, H(a-b), H/n, H(a-b)/n, behind the H. */
static enum mz_code read_hash(struct item *item)
{
    int first = item->field->least;
    int last = item->index == MZ_CRON_DAY ? HASH_LAST_DAY : item->field->last;
    int step = 0;
    enum mz_code code = MZ_OK;
    item->reader->cron->hashed = true;
    if (take(item, '(')) {
        const char *start = item->at;
        code = take_value(item, item->field->least, item->field->last, &first);
        if (code == MZ_OK) {
            code = take(item, '-')
                       ? take_value(item, item->field->least, item->field->last, &last)
                       : unexpected(item);
        }
        if (code == MZ_OK && first > last) {
            code = mz_cron_refuse(item->reader, rest_from(item, start),
                                  "%s: the range runs backwards", item->field->name);
            mz_error_help(item->reader->error, "write H(%d-%d)", last, first);
        }
        if (code == MZ_OK && !take(item, ')')) {
            code = unexpected(item);
        }
    }
    if (code == MZ_OK && take(item, '/')) {
        code = take_step(item, &step);
    }
    if (code != MZ_OK) {
        return code;
    }
    int choices = step > 0 && step <= last - first ? step : last - first + 1;
    int start = first + (int)(hash_of(item) % (uint64_t)choices);
    add(item, start, step > 0 ? last : start, step > 0 ? step : 1);
    return MZ_OK;
}

static enum mz_code read_star(struct item *item, bool alone)
{
    struct mz_cron *cron = item->reader->cron;
    int step = 1;
    if (take(item, '/')) {
        enum mz_code code = take_step(item, &step);
        if (code != MZ_OK) {
            return code;
        }
    } else if (!alone) {
        enum mz_code code = mz_cron_refuse(
            item->reader, item->whole,
            "%s: with * in the list the other items change nothing", item->field->name);
        mz_error_help(item->reader->error, "write * alone, or the list without it");
        return code;
    } else if (item->index == MZ_CRON_DAY) {
        cron->any_day = true;
    } else if (item->index == MZ_CRON_WEEKDAY) {
        cron->any_weekday = true;
    }
    add(item, item->field->least, item->field->last, step);
    return MZ_OK;
}

/* L and LW of the days. */
static enum mz_code read_last_day(struct item *item)
{
    if (take(item, 'w')) {
        item->reader->cron->last_working_day = true;
    } else {
        item->reader->cron->last_day = true;
    }
    return MZ_OK;
}

/* d#n and d#L, behind the '#'. */
static enum mz_code read_nth(struct item *item, int weekday)
{
    uint32_t bit = UINT32_C(1) << weekday % 7;
    if (take(item, 'l')) {
        item->reader->cron->last |= bit;
        return MZ_OK;
    }
    const char *start = item->at;
    if (item->at == item->end || !is_digit(*item->at)) {
        return unexpected(item);
    }
    int nth = take_number(item);
    if (nth < 1 || nth > 5) {
        enum mz_code code = mz_cron_refuse(
            item->reader, rest_from(item, start),
            "weekday: a month has no more than five of each, counted from 1");
        mz_error_help(item->reader->error, "write 1#1 to 1#5, or 1#L for the last");
        return code;
    }
    item->reader->cron->nth[nth - 1] |= bit;
    return MZ_OK;
}

static enum mz_code backwards(const struct item *item, struct mz_cron_part part,
                              int first, int last)
{
    const struct field *field = item->field;
    enum mz_code code =
        mz_cron_refuse(item->reader, part, "%s: the range %.*s runs backwards",
                       field->name, (int)part.size, part.text);
    if (item->index == MZ_CRON_WEEKDAY && last == 0) {
        mz_error_help(item->reader->error,
                      "Sunday at the end of a range is 7: write %d-7", first);
    } else {
        mz_error_help(item->reader->error, "write %d-%d, or over the end %d-%d,%d-%d",
                      last, first, first, field->last, field->least, last);
    }
    return code;
}

/* a-b and a-b/n, behind the '-'. */
static enum mz_code read_range(struct item *item, int first)
{
    int last = 0;
    int step = 1;
    enum mz_code code = take_value(item, item->field->least, item->field->most, &last);
    if (code != MZ_OK) {
        return code;
    }
    if (first > last) {
        return backwards(item, rest_from(item, item->whole.text), first, last);
    }
    if (take(item, '/')) {
        code = take_step(item, &step);
    }
    if (code == MZ_OK) {
        add(item, first, last, step);
    }
    return code;
}

/* a, a-b, a-b/n, and behind the value W, # and L. */
static enum mz_code read_value(struct item *item)
{
    int value = 0;
    enum mz_code code = take_value(item, item->field->least, item->field->most, &value);
    if (code != MZ_OK) {
        return code;
    }
    if (take(item, '-')) {
        return read_range(item, value);
    }
    if (is_at(item, '/')) {
        item->at = item->end;
        code = mz_cron_refuse(item->reader, item->whole,
                              "%s: the step stands on one value, not on a range",
                              item->field->name);
        mz_error_help(item->reader->error, "write %d-%d%.*s, or */n for all", value,
                      item->field->last,
                      (int)strcspn(strchr(item->whole.text, '/'), ", \t"),
                      strchr(item->whole.text, '/'));
        return code;
    }
    if (item->index == MZ_CRON_DAY && take(item, 'w')) {
        item->reader->cron->near_days |= UINT32_C(1) << value;
    } else if (item->index == MZ_CRON_WEEKDAY && take(item, '#')) {
        return read_nth(item, value);
    } else if (item->index == MZ_CRON_WEEKDAY && take(item, 'l')) {
        item->reader->cron->last |= UINT32_C(1) << value % 7;
    } else {
        add(item, value, value, 1);
    }
    return MZ_OK;
}

static enum mz_code read_item(struct item *item, bool alone)
{
    enum mz_code code;
    if (take(item, '*')) {
        code = read_star(item, alone);
    } else if (take(item, 'h')) {
        code = read_hash(item);
    } else if (item->index == MZ_CRON_DAY && take(item, 'l')) {
        code = read_last_day(item);
    } else {
        code = read_value(item);
    }
    return code == MZ_OK && item->at < item->end ? unexpected(item) : code;
}

static enum mz_code empty_item(const struct mz_cron_reader *reader,
                               const struct field *field, struct mz_cron_part part,
                               const char *at)
{
    bool end = at == part.text + part.size; /* the comma is what can be marked */
    struct mz_cron_part mark = {end ? at - 1 : at, 1};
    enum mz_code code = mz_cron_refuse(reader, mark, "%s: %s", field->name,
                                       end ? "nothing follows the comma"
                                           : "nothing stands before the comma");
    mz_error_help(reader->error, "take the comma away, or write a value beside it");
    return code;
}

enum mz_code mz_cron_read_field(const struct mz_cron_reader *reader,
                                enum mz_cron_field field, struct mz_cron_part part)
{
    const char *at = part.text;
    const char *end = part.text + part.size;
    bool alone = memchr(part.text, ',', part.size) == NULL;
    for (;;) {
        const char *comma = memchr(at, ',', (size_t)(end - at));
        const char *stop = comma == NULL ? end : comma;
        if (stop == at) {
            return empty_item(reader, &fields[field], part, at);
        }
        struct item item = {reader, field, &fields[field], {at, (size_t)(stop - at)},
                            at,     stop};
        enum mz_code code = read_item(&item, alone);
        if (code != MZ_OK || comma == NULL) {
            return code;
        }
        at = comma + 1;
    }
}
