/* Names, files and footers of zones. */
#include "cmocka_all.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <time.h>
#include <unistd.h>

#include "base/clock.h"
#include "base/file.h"
#include "cron/zone.h"

static struct mz_arena *arena;

struct refusal {
    const char *name, *message, *help;
};

static const struct refusal refusals[] = {
    {"Mars/Olympus", "there is no time zone \"Mars/Olympus\"", ""},
    {"Europe/Berln", "there is no time zone", "did you mean Europe/Berlin?"},
    {"europe/berlin", "there is no time zone", "did you mean Europe/Berlin?"},
    {"Berlin", "there is no time zone", "did you mean Europe/Berlin?"},
    {"Europe/Kathmandu", "there is no time zone", "did you mean Asia/Kathmandu?"},
    {"utc", "there is no time zone", "did you mean UTC?"},
    {"Europe", "there is no time zone", ""},
    {"", "the time zone has no name", "Europe/Berlin"},
    {"../../etc/passwd", "'.' is in no zone's name", "Europe/Berlin"},
    {"Europe/../../../../etc/passwd", "'.' is in no zone's name", "Europe/Berlin"},
    {"/etc/passwd", "a path is not a name", "Europe/Berlin"},
    {"/usr/share/zoneinfo/Europe/Berlin", "a path is not a name", "Europe/Berlin"},
    {"Europe//Berlin", "a path is not a name", "Europe/Berlin"},
    {"Europe/", "a path is not a name", "Europe/Berlin"},
    {":Europe/Berlin", "':' is in no zone's name", "Europe/Berlin"},
    {"EST5EDT,M3.2.0,M11.1.0", "',' is in no zone's name", "Europe/Berlin"},
    {"Europe/Zürich", "'ü' is in no zone's name", "Europe/Berlin"},
    {"Europe/Berlin\n", "'\n' is in no zone's name", "Europe/Berlin"},
    {"tzdata.zi", "'.' is in no zone's name", "Europe/Berlin"},
    {"localtime", "is no time zone's name", "Europe/Berlin"},
    {"right/Europe/Berlin", "is no time zone's name", "Europe/Berlin"},
};

static void names_are_checked(void **state)
{
    const struct mz_zone *zone;
    struct mz_error error;
    char name[301];
    (void)state;
    for (size_t i = 0; i < sizeof refusals / sizeof *refusals; i++) {
        const struct refusal *row = &refusals[i];
        assert_int_equal(mz_zone_load(NULL, row->name, arena, &zone, &error),
                         MZ_CONFIGURATION);
        assert_null(zone);
        if (strstr(error.message, row->message) == NULL ||
            strstr(error.help, row->help) == NULL) {
            fail_msg("'%s': %s; %s", row->name, error.message, error.help);
        }
    }
    memset(name, 'A', 300);
    name[300] = '\0';
    assert_int_equal(mz_zone_load(NULL, name, arena, &zone, &error), MZ_CONFIGURATION);
    assert_non_null(strstr(error.message, "at most 63 bytes, this one 300"));
    assert_int_equal(mz_zone_load(NULL, "Nowhere/Land", arena, &zone, NULL),
                     MZ_CONFIGURATION);
}

static void names_are_kept(void **state)
{
    static const char *const names[] = {"UTC",
                                        "Europe/Berlin",
                                        "Etc/GMT-14",
                                        "Etc/GMT+12",
                                        "GMT0",
                                        "EST5EDT",
                                        "America/Argentina/ComodRivadavia"};
    const struct mz_zone *zone;
    (void)state;
    for (size_t i = 0; i < sizeof names / sizeof *names; i++) {
        assert_int_equal(mz_zone_load(NULL, names[i], arena, &zone, NULL), MZ_OK);
        assert_string_equal(mz_zone_name(zone), names[i]);
    }
}

/* Links may lead anywhere: what they lead to must lie in the folder. */
static void links_stay_inside(void **state)
{
    char folder[] = "/tmp/mizan-zone.XXXXXX";
    char path[MZ_PATH];
    char inner[MZ_PATH];
    char *data = NULL;
    size_t size = 0;
    const struct mz_zone *zone;
    struct mz_error error;
    (void)state;
    assert_non_null(mkdtemp(folder));
    assert_int_equal(
        mz_file_read(MZ_ZONE_FOLDER "/Europe/Berlin", 1 << 16, &data, &size, &error),
        MZ_OK);
    assert_true(mz_path_join(inner, folder, "zones"));
    assert_int_equal(mkdir(inner, 0700), 0);
    assert_true(mz_path_join(path, folder, "zonesecret"));
    assert_int_equal(mz_file_write(path, data, size, &error), MZ_OK);
    assert_true(mz_path_join(path, inner, "Real"));
    assert_int_equal(mz_file_write(path, data, size, &error), MZ_OK);
    assert_true(mz_path_join(path, inner, "Alias"));
    assert_int_equal(symlink("Real", path), 0);
    assert_true(mz_path_join(path, inner, "Escape"));
    assert_int_equal(symlink("../zonesecret", path), 0);
    assert_true(mz_path_join(path, inner, "Folder"));
    assert_int_equal(mkdir(path, 0700), 0);
    assert_int_equal(mz_zone_load(inner, "Real", arena, &zone, &error), MZ_OK);
    assert_int_equal(mz_zone_load(inner, "Alias", arena, &zone, &error), MZ_OK);
    assert_int_equal(mz_zone_load(inner, "Escape", arena, &zone, &error),
                     MZ_CONFIGURATION);
    assert_int_equal(mz_zone_load(inner, "Folder", arena, &zone, &error),
                     MZ_CONFIGURATION);
    assert_non_null(strstr(error.help, "install the package tzdata"));
    /* Without any zoneinfo there is UTC. */
    assert_int_equal(mz_zone_load("/nonexistent", "UTC", arena, &zone, &error), MZ_OK);
    assert_int_equal(
        mz_zone_load("/nonexistent", "Europe/Berlin", arena, &zone, &error),
        MZ_CONFIGURATION);
    free(data);
    static const char *const files[] = {"zones/Real",   "zones/Alias", "zones/Escape",
                                        "zones/Folder", "zonesecret",  "zones"};
    for (size_t i = 0; i < sizeof files / sizeof *files; i++) {
        assert_true(mz_path_join(path, folder, files[i]));
        assert_int_equal(remove(path), 0);
    }
    assert_int_equal(rmdir(folder), 0);
}

/* Every instant of every change, one second before it and each half year far into the
 * future: as the C library has it. */
static void offsets_are_the_c_library_s(void **state)
{
    static const char *const names[] = {
        "Europe/Berlin",     "Europe/Dublin",    "Asia/Gaza",
        "Africa/Casablanca", "America/Nuuk",     "Australia/Lord_Howe",
        "Antarctica/Troll",  "Pacific/Apia",     "Asia/Kathmandu",
        "America/St_Johns",  "America/Santiago", "Asia/Tehran",
        "EST5EDT",           "Africa/Monrovia",  "Pacific/Chatham"};
    (void)state;
    for (size_t i = 0; i < sizeof names / sizeof *names; i++) {
        const struct mz_zone *zone;
        struct mz_zone_span span;
        assert_int_equal(mz_zone_load(NULL, names[i], arena, &zone, NULL), MZ_OK);
        assert_int_equal(setenv("TZ", names[i], 1), 0);
        tzset();
        int64_t time = INT64_C(-2000000000);
        int64_t end = mz_days_from_date(3000, 1, 1) * 86400;
        for (size_t count = 0; time < end; count++) {
            struct tm local;
            mz_zone_span_at(zone, time, &span);
            assert_true(span.start <= time && time < span.end);
            for (int64_t at = time - 1; at <= time; at++) {
                time_t seconds = (time_t)at;
                mz_zone_span_at(zone, at, &span);
                localtime_r(&seconds, &local);
                if (local.tm_gmtoff != span.offset) {
                    fail_msg("%s at %lld: %lld, by the C library %ld", names[i],
                             (long long)at, (long long)span.offset, local.tm_gmtoff);
                }
            }
            /* By turns to the next change and a good way beyond it. */
            time = count % 2 == 0 && span.end < end ? span.end : time + 86400 * 97 + 13;
        }
    }
}

/* ---- made files ---- */

static size_t put_32(unsigned char *at, uint32_t value)
{
    for (int i = 0; i < 4; i++) {
        at[i] = (unsigned char)(value >> (24 - 8 * i));
    }
    return 4;
}

struct made {
    char version;
    uint32_t leaps, changes, types;
    int64_t times[2];
    unsigned char indexes[2];
    int32_t offset;
    const char *footer;
};

/* A file with `made`'s second block behind an empty first one. */
static size_t make(const struct made *made, unsigned char *out)
{
    size_t size = 0;
    for (int block = 0; block < 2; block++) {
        memset(out + size, 0, 44);
        memcpy(out + size, "TZif", 4);
        out[size + 4] = (unsigned char)made->version;
        put_32(out + size + 28, block == 0 ? 0 : made->leaps);
        put_32(out + size + 32, block == 0 ? 0 : made->changes);
        put_32(out + size + 36, block == 0 ? 1 : made->types);
        put_32(out + size + 40, 4);
        size += 44;
        for (uint32_t i = 0; block == 1 && i < made->changes; i++) {
            size += put_32(out + size, (uint32_t)((uint64_t)made->times[i] >> 32));
            size += put_32(out + size, (uint32_t)made->times[i]);
        }
        for (uint32_t i = 0; block == 1 && i < made->changes; i++) {
            out[size++] = made->indexes[i];
        }
        for (uint32_t i = 0; i < (block == 0 ? 1 : made->types); i++) {
            size += put_32(out + size, (uint32_t)made->offset + i * 3600);
            out[size++] = 0;
            out[size++] = 0;
        }
        memcpy(out + size, "ABC", 4);
        size += 4;
        if (block == 1) {
            memset(out + size, 0, 12 * made->leaps);
            size += 12 * made->leaps;
        }
    }
    memcpy(out + size, made->footer, strlen(made->footer));
    return size + strlen(made->footer);
}

static enum mz_code read_made(const struct made *made, const struct mz_zone **zone,
                              struct mz_error *error)
{
    static unsigned char bytes[4096];
    return mz_zone_read(bytes, make(made, bytes), "Made/Up", arena, zone, error);
}

static const struct made sound = {'2', 0, 2, 2, {0, 100}, {1, 0}, 3600, "\nABC-1\n"};

static void damage_is_told(void **state)
{
    const struct mz_zone *zone;
    struct mz_error error;
    struct made made = sound;
    (void)state;
    assert_int_equal(read_made(&made, &zone, &error), MZ_OK);
    static const struct {
        struct made made;
        const char *message;
    } bad[] = {
        {{'\0', 0, 2, 2, {0, 100}, {1, 0}, 0, "\n\n"}, "version 1"},
        {{'2', 1, 2, 2, {0, 100}, {1, 0}, 0, "\n\n"}, "leap seconds"},
        {{'2', 0, 2, 2, {100, 100}, {1, 0}, 0, "\n\n"}, "out of order"},
        {{'2', 0, 2, 2, {100, 0}, {1, 0}, 0, "\n\n"}, "out of order"},
        {{'2', 0, 2, 2, {0, 100}, {1, 2}, 0, "\n\n"}, "does not have"},
        {{'2', 0, 0, 0, {0}, {0}, 0, "\n\n"}, "no kinds of time"},
        {{'2', 0, 2, 2, {0, 100}, {1, 0}, 93601, "\n\n"}, "26 hours"},
        {{'2', 0, 2, 2, {0, 100}, {1, 0}, -93601, "\n\n"}, "26 hours"},
        {{'2', 0, 2, 2, {0, 100}, {1, 0}, 0, ""}, "without its footer"},
        {{'2', 0, 2, 2, {0, 100}, {1, 0}, 0, "\n"}, "without its footer"},
        {{'2', 0, 2, 2, {0, 100}, {1, 0}, 0, "\nABC-1"}, "without its footer"},
        {{'2', 0, 2, 2, {0, 100}, {1, 0}, 0, "ABC-1\n"}, "without its footer"},
    };
    for (size_t i = 0; i < sizeof bad / sizeof *bad; i++) {
        assert_int_equal(read_made(&bad[i].made, &zone, &error), MZ_INPUT);
        assert_null(zone);
        if (strstr(error.message, bad[i].message) == NULL) {
            fail_msg("number %zu: %s", i, error.message);
        }
        assert_non_null(strstr(error.message, "Made/Up"));
    }
}

static void cut_files_are_refused(void **state)
{
    char *data = NULL;
    size_t size = 0;
    const struct mz_zone *zone;
    struct mz_error error;
    (void)state;
    assert_int_equal(
        mz_file_read(MZ_ZONE_FOLDER "/Europe/Berlin", 1 << 16, &data, &size, &error),
        MZ_OK);
    for (size_t length = 0; length < size; length++) {
        char *cut =
            malloc(length + 1); /* of this size, so that a read too far is seen */
        assert_non_null(cut);
        memcpy(cut, data, length);
        assert_int_equal(mz_zone_read(cut, length, "Cut", arena, &zone, &error),
                         MZ_INPUT);
        free(cut);
        mz_arena_reset(arena);
    }
    free(data);
}

struct footer {
    const char *text;
    const char *time;
    int64_t offset; /* there; INT64_MIN: the text is refused */
};

#define REFUSED INT64_MIN

static const struct footer footers[] = {
    {"ABC-1", "2025-07-01", 3600},
    {"<+0545>-5:45", "2025-07-01", 20700},
    {"<-03>3", "2025-07-01", -10800},
    {"ABC-0:00:30", "2025-07-01", 30},
    {"CET-1CEST,M3.5.0,M10.5.0/3", "2400-03-26T00:59:59Z", 3600},
    {"CET-1CEST,M3.5.0,M10.5.0/3", "2400-03-26T01:00:00Z", 7200},
    {"CET-1CEST,M3.5.0,M10.5.0/3", "9999-10-31T00:59:59Z", 7200},
    {"CET-1CEST,M3.5.0,M10.5.0/3", "9999-10-31T01:00:00Z", 3600},
    {"IST-1GMT0,M10.5.0,M3.5.0/1", "2400-01-01", 0},
    {"IST-1GMT0,M10.5.0,M3.5.0/1", "2400-07-01", 3600},
    {"<-02>2<-01>,M3.5.0/-1,M10.5.0/0", "2400-03-26T00:59:59Z", -7200},
    {"<-02>2<-01>,M3.5.0/-1,M10.5.0/0", "2400-03-26T01:00:00Z", -3600},
    {"EET-2EEST,M3.4.4/50,M10.4.4/50", "2400-03-24T23:59:59Z", 7200},
    {"EET-2EEST,M3.4.4/50,M10.4.4/50", "2400-03-25T00:00:00Z", 10800},
    {"<+1030>-10:30<+11>-11,M10.1.0,M4.1.0", "2400-01-01", 39600},
    {"<+1030>-10:30<+11>-11,M10.1.0,M4.1.0", "2400-07-01", 37800},
    /* 60 is 1 March for J, and the 29 February of leap years for plain days */
    {"AAA0BBB,J60/0,J300/0", "2024-02-29T23:59:59Z", 0},
    {"AAA0BBB,J60/0,J300/0", "2024-03-01", 3600},
    {"AAA0BBB,J60/0,J300/0", "2023-03-01", 3600},
    {"AAA0BBB,59/0,300/0", "2024-02-29", 3600},
    {"AAA0BBB,59/0,300/0", "2023-02-28T23:59:59Z", 0},
    /* summer time all year */
    {"XXX3EDT4,0/0,J365/23", "2400-01-01", -14400},
    {"XXX3EDT4,0/0,J365/23", "2400-12-31T23:00Z", -14400},
    {"XXX3EDT4,0/0,J365/23", "2401-01-01T03:30Z", -14400},
    /* an end behind the next year's beginning */
    {"XXX3EDT8,0/0,J365/23", "1989-01-01T02:59:59Z", -10800},
    {"XXX3EDT8,0/0,J365/23", "1989-01-01T06:59:59Z", -28800},
    {"AB-1", NULL, REFUSED},
    {"ABC", NULL, REFUSED},
    {"ABC-25", NULL, REFUSED},
    {"ABC-1:60", NULL, REFUSED},
    {"<ABC-1", NULL, REFUSED},
    {"EST5EDT", NULL, REFUSED},
    {"EST5EDT,M3.2.0", NULL, REFUSED},
    {"EST5EDT,M13.2.0,M11.1.0", NULL, REFUSED},
    {"EST5EDT,M3.6.0,M11.1.0", NULL, REFUSED},
    {"EST5EDT,M3.2.7,M11.1.0", NULL, REFUSED},
    {"EST5EDT,J0,M11.1.0", NULL, REFUSED},
    {"EST5EDT,366,M11.1.0", NULL, REFUSED},
    {"EST5EDT,M3.2.0/168,M11.1.0", NULL, REFUSED},
    {"EST5EDT,M3.2.0,M11.1.0 ", NULL, REFUSED},
};

static void footers_reach_far(void **state)
{
    (void)state;
    for (size_t i = 0; i < sizeof footers / sizeof *footers; i++) {
        const struct mz_zone *zone;
        struct mz_zone_span span;
        struct mz_error error;
        char line[80];
        int64_t time = 0;
        snprintf(line, sizeof line, "\n%s\n", footers[i].text);
        struct made made = {'3', 0, 0, 1, {0}, {0}, 0, line};
        enum mz_code code = read_made(&made, &zone, &error);
        if (code != (footers[i].offset == REFUSED ? MZ_INPUT : MZ_OK)) {
            fail_msg("%s: code %d", footers[i].text, (int)code);
        }
        if (code != MZ_OK) {
            continue;
        }
        assert_true(mz_time_parse(footers[i].time, strlen(footers[i].time), &time));
        mz_zone_span_at(zone, time / 1000, &span);
        if (span.offset != footers[i].offset || span.start > time / 1000 ||
            span.end <= time / 1000) {
            fail_msg("%s at %s: %lld", footers[i].text, footers[i].time,
                     (long long)span.offset);
        }
    }
}

static void the_release_is_read(void **state)
{
    char release[16];
    (void)state;
    mz_zone_release(NULL, release);
    assert_int_equal(strspn(release, "0123456789"), 4);
    mz_zone_release("/nonexistent", release);
    assert_string_equal(release, "");
}

static int make_arena(void **state)
{
    (void)state;
    arena = mz_arena_create((size_t)16 << 20);
    return arena == NULL;
}

static int destroy_arena(void **state)
{
    (void)state;
    mz_arena_destroy(arena);
    return 0;
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(names_are_checked),
        cmocka_unit_test(names_are_kept),
        cmocka_unit_test(links_stay_inside),
        cmocka_unit_test(offsets_are_the_c_library_s),
        cmocka_unit_test(damage_is_told),
        cmocka_unit_test(cut_files_are_refused),
        cmocka_unit_test(footers_reach_far),
        cmocka_unit_test(the_release_is_read),
    };
    return cmocka_run_group_tests(tests, make_arena, destroy_arena);
}
