#include "net/retry.h"

#include <ctype.h>
#include <string.h>
#include <strings.h>

#include "base/clock.h"

enum mz_answer_class mz_classify(enum mz_code code, int status)
{
    if (status == 429 || status == 503) {
        return MZ_ANSWER_THROTTLED;
    }
    if (status == 408 || status == 425 ||
        (status >= 500 && status < 600 && status != 501 && status != 505)) {
        return MZ_ANSWER_TRANSIENT;
    }
    bool failed = code == MZ_UNREACHABLE || code == MZ_DEADLINE;
    return failed && status == 0 ? MZ_ANSWER_TRANSIENT : MZ_ANSWER_GOOD;
}

bool mz_method_is_idempotent(const char *method)
{
    static const char *const methods[] = {"GET",   "HEAD",   "OPTIONS",
                                          "TRACE", "DELETE", "PUT"};
    for (size_t i = 0; i < sizeof methods / sizeof methods[0]; i++) {
        if (strcmp(method, methods[i]) == 0) {
            return true;
        }
    }
    return false;
}

/* ---- Retry-After ---- */

static bool read_number(const char *text, size_t size, int64_t most, int64_t *number)
{
    *number = 0;
    for (size_t i = 0; i < size; i++) {
        if (!isdigit((unsigned char)text[i])) {
            return false;
        }
        *number = *number > most ? *number : *number * 10 + (text[i] - '0');
    }
    return size > 0;
}

static int month_of(const char *text)
{
    static const char names[] = "janfebmaraprmayjunjulaugsepoctnovdec";
    for (int i = 0; i < 12; i++) {
        if (strncasecmp(text, names + (size_t)i * 3, 3) == 0) {
            return i + 1;
        }
    }
    return 0;
}

/* IMF-fixdate: "Wed, 21 Oct 2026 07:28:00 GMT", which is 29 bytes. */
static bool read_date(const char *text, size_t size, int64_t *time)
{
    int64_t day, year, hour, minute, second;
    if (size != 29 || text[3] != ',' || memcmp(text + 25, " GMT", 4) != 0 ||
        !read_number(text + 5, 2, 99, &day) ||
        !read_number(text + 12, 4, 9999, &year) ||
        !read_number(text + 17, 2, 99, &hour) ||
        !read_number(text + 20, 2, 99, &minute) ||
        !read_number(text + 23, 2, 99, &second)) {
        return false;
    }
    int month = month_of(text + 8);
    if (month == 0 || day < 1 || day > 31 || hour > 23 || minute > 59 || second > 60) {
        return false;
    }
    *time = mz_days_from_date((int)year, month, (int)day) * INT64_C(86400000) +
            ((hour * 60 + minute) * 60 + second) * INT64_C(1000);
    return true;
}

int64_t mz_retry_after(const char *value, size_t size, int64_t now)
{
    int64_t wait = 0;
    if (read_number(value, size, MZ_RETRY_AFTER_MOST, &wait)) {
        wait = wait > MZ_RETRY_AFTER_MOST / 1000 ? MZ_RETRY_AFTER_MOST : wait * 1000;
    } else if (read_date(value, size, &wait)) {
        wait -= now;
    } else {
        return 0;
    }
    if (wait < 0) {
        return 0;
    }
    return wait < MZ_RETRY_AFTER_MOST ? wait : MZ_RETRY_AFTER_MOST;
}

/* ---- waits ---- */

static int64_t doubled(int64_t base, int64_t times, int64_t most)
{
    while (times-- > 0 && base < most) {
        base *= 2;
    }
    return base < most ? base : most;
}

int64_t mz_backoff(int64_t failures, bool throttled, double chance)
{
    if (failures <= 0) {
        return 0;
    }
    double whole = (double)doubled(MZ_BACKOFF_BASE, failures - 1, MZ_BACKOFF_MOST);
    return (int64_t)(throttled ? whole / 2 + whole / 2 * chance : whole * chance);
}

int64_t mz_circuit_open(int64_t failures, double chance)
{
    if (failures < MZ_CIRCUIT_FAILURES) {
        return 0;
    }
    double whole = (double)doubled(MZ_CIRCUIT_BASE, failures - MZ_CIRCUIT_FAILURES,
                                   MZ_CIRCUIT_MOST);
    return (int64_t)(whole / 2 + whole / 2 * chance);
}

static int64_t greater(int64_t a, int64_t b)
{
    return a > b ? a : b;
}

int64_t mz_gap(int64_t asked, int64_t crawl_delay, int64_t delay, int64_t duration)
{
    int64_t crawl =
        crawl_delay < MZ_CRAWL_DELAY_MOST ? crawl_delay : MZ_CRAWL_DELAY_MOST;
    int64_t own = asked > 0 ? asked : MZ_GAP_LEAST;
    int64_t slow = 2 * duration < MZ_DELAY_MOST ? 2 * duration : MZ_DELAY_MOST;
    return greater(greater(own, crawl), greater(slow, delay));
}

int64_t mz_delay_after(int64_t delay, enum mz_answer_class answer, int status,
                       int64_t duration)
{
    if (answer == MZ_ANSWER_THROTTLED || status >= 500) {
        int64_t more = greater(2 * delay, MZ_GAP_LEAST);
        return more < MZ_DELAY_MOST ? more : MZ_DELAY_MOST;
    }
    int64_t mean = (delay + 2 * duration) / 2;
    if (mean < delay && status != 200) {
        return delay;
    }
    return mean < MZ_DELAY_MOST ? mean : MZ_DELAY_MOST;
}
