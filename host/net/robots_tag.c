#include "net/robots_tag.h"

#include <stdio.h>
#include <string.h>
#include <strings.h>
#include <time.h>

#include "base/clock.h"

#define NAME "x-robots-tag"

/* Rules that have a colon of their own: what stands before it names no robot. */
static const char *const with_value[] = {"unavailable_after", "max-snippet",
                                         "max-image-preview", "max-video-preview"};

static bool is_named(struct mizan_slice text, const char *name)
{
    return text.size == strlen(name) && strncasecmp(text.data, name, text.size) == 0;
}

static struct mizan_slice trimmed(const char *data, size_t size)
{
    while (size > 0 && (*data == ' ' || *data == '\t')) {
        data++;
        size--;
    }
    while (size > 0 && (data[size - 1] == ' ' || data[size - 1] == '\t')) {
        size--;
    }
    return (struct mizan_slice){data, size};
}

static bool has_value(struct mizan_slice name)
{
    for (size_t i = 0; i < sizeof with_value / sizeof *with_value; i++) {
        if (is_named(name, with_value[i])) {
            return true;
        }
    }
    return false;
}

/* The forms that are met: RFC 822 with and without a weekday, RFC 850, ISO 8601. The
 * zone is not read: half a day does not matter here. */
static bool read_date(struct mizan_slice text, int64_t *out)
{
    static const char *const forms[] = {"%d %b %Y %H:%M:%S", "%d %b %Y", "%d-%b-%y %T",
                                        "%Y-%m-%d"};
    char copy[64];
    if (text.size >= sizeof copy) {
        return false;
    }
    memcpy(copy, text.data, text.size);
    copy[text.size] = '\0';
    if (mz_time_parse(copy, text.size, out)) {
        return true;
    }
    const char *comma = strchr(copy, ',');
    const char *start = comma == NULL ? copy : comma + 1;
    start += strspn(start, " ");
    for (size_t i = 0; i < sizeof forms / sizeof *forms; i++) {
        struct tm parts = {0};
        if (strptime(start, forms[i], &parts) != NULL) {
            *out = (int64_t)timegm(&parts) * 1000;
            return true;
        }
    }
    return false;
}

static bool rule_closes(struct mizan_slice rule, int64_t now)
{
    const char *colon = memchr(rule.data, ':', rule.size);
    int64_t until = 0;
    if (colon == NULL) {
        return is_named(rule, "noindex") || is_named(rule, "none");
    }
    struct mizan_slice name = trimmed(rule.data, (size_t)(colon - rule.data));
    size_t rest = rule.size - (size_t)(colon + 1 - rule.data);
    return is_named(name, "unavailable_after") &&
           read_date(trimmed(colon + 1, rest), &until) && until < now;
}

/* A comma ends a rule, but not the one behind the weekday of unavailable_after. */
static size_t rule_size(const char *data, size_t size)
{
    static const char date[] = "unavailable_after";
    const char *comma = memchr(data, ',', size);
    if (comma == NULL) {
        return size;
    }
    size_t end = (size_t)(comma - data);
    struct mizan_slice rule = trimmed(data, end);
    bool weekday = rule.size > sizeof date && /* and a colon */
                   strncasecmp(rule.data, date, sizeof date - 1) == 0;
    for (size_t i = 0; weekday && i < rule.size; i++) {
        weekday = rule.data[i] < '0' || rule.data[i] > '9';
    }
    if (!weekday) {
        return end;
    }
    const char *next = memchr(comma + 1, ',', size - end - 1);
    return next == NULL ? size : (size_t)(next - data);
}

static bool header_closes(struct mizan_slice value, const char *product, int64_t now,
                          char rule[MZ_ROBOTS_RULE])
{
    bool ours = true; /* until a robot is named: all of them */
    while (value.size > 0) {
        size_t size = rule_size(value.data, value.size);
        struct mizan_slice one = trimmed(value.data, size);
        const char *colon = memchr(one.data, ':', one.size);
        struct mizan_slice name =
            colon == NULL ? one : trimmed(one.data, (size_t)(colon - one.data));
        if (colon != NULL && !has_value(name)) {
            ours = is_named(name, product) || is_named(name, "*");
            one = trimmed(colon + 1, one.size - (size_t)(colon + 1 - one.data));
        }
        if (ours && rule_closes(one, now)) {
            (void)snprintf(rule, MZ_ROBOTS_RULE, "%.*s", (int)one.size, one.data);
            return true;
        }
        size_t step = size < value.size ? size + 1 : size;
        value.data += step;
        value.size -= step;
    }
    return false;
}

bool mz_robots_tag_closes(const struct mizan_header *headers, size_t count,
                          const char *product, int64_t now, char rule[MZ_ROBOTS_RULE])
{
    for (size_t i = 0; i < count; i++) {
        if (is_named(headers[i].name, NAME) &&
            header_closes(headers[i].value, product, now, rule)) {
            return true;
        }
    }
    return false;
}
