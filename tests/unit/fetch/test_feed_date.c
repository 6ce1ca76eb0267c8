/* Dates as feeds write them: text, and what it means or that it means nothing. */
#include <inttypes.h>
#include <string.h>

#include "cmocka_all.h"
#include "feed_date.h"

struct example {
    const char *text;
    int64_t seconds; /* -1: no date */
};

#define MORNING  INT64_C(1756893600) /* 2025-09-03T10:00:00Z, a Wednesday */
#define MIDNIGHT (MORNING - 36000)

static const struct example examples[] = {
    {"Wed, 03 Sep 2025 10:00:00 GMT", MORNING},
    {"Wed, 3 Sep 2025 10:00:00 +0000", MORNING},
    {"Wed, 03 Sep 2025 13:00:00 +0300", MORNING},
    {"Wed, 03 Sep 2025 05:30:00 -0430", MORNING},
    {"Wed, 03 Sep 2025 06:00:00 EDT", MORNING},
    {"Wed, 03 Sep 2025 12:00:00 CEST", MORNING},
    {"Wed, 03 Sep 2025 13:00:00 MSK", MORNING},
    {"Wed, 03 Sep 2025 13:00:00 GMT+3", MORNING},
    {"Wed, 03 Sep 2025 13:00 UTC+03:00", MORNING},
    {"03 Sep 2025 10:00:00 Z", MORNING},
    {"03 Sep 2025 10:00", MORNING},
    {"Fri, 03 Sep 2025 10:00:00 GMT", MORNING}, /* no Friday, but the date is clear */
    {"Wednesday, 03-Sep-25 10:00:00 GMT", MORNING},
    {"Wed Sep  3 10:00:00 2025", MORNING},
    {"Wed Sep  3 10:00:00 GMT 2025", MORNING},
    {"Wed Sep  3 12:00:00 CEST 2025", MORNING},
    {"September 3, 2025 10:00", MORNING},
    {"Sept. 3, 2025, 10:00 am", MORNING},
    {"Sep 3, 2025 10:00 PM", MORNING + 43200},
    {"03 Sep 2025", MIDNIGHT},
    {"2025-09-03T10:00:00Z", MORNING},
    {"2025-09-03t10:00:00z", MORNING},
    {"2025-09-03T10:00:00.000Z", MORNING},
    {"2025-09-03T13:00:00+03:00", MORNING},
    {"2025-09-03T13:00:00+0300", MORNING},
    {"2025-09-03T13:00:00+03", MORNING},
    {"2025-09-03T10:00Z", MORNING},
    {"2025-09-03 10:00:00", MORNING},
    {"2025-09-03 13:00:00 +0300", MORNING},
    {"2025/09/03 10:00:00", MORNING},
    {"20250903T100000Z", MORNING},
    {"2025-09-03", MIDNIGHT},
    {"2025-09", MIDNIGHT - 2 * 86400},
    {"\n  2025-09-03T10:00:00Z  ", MORNING},
    {"Wed, 03 Sep 2025 10:00:00 NOWHERE", MORNING},
    {"Tue, 02 Sep 2025 24:00:00 GMT", MIDNIGHT},
    {"Sat, 29 Feb 2020 00:00:00 GMT", 1582934400},
    {"Fri, 31 Dec 2999 23:59:59 GMT", INT64_C(32503679999)},
    /* other languages */
    {"الأربعاء، ٣ سبتمبر ٢٠٢٥ 10:00", MORNING},
    {"3 أيلول 2025 10:00", MORNING},
    {"الأربعاء 03 سبتمبر 2025 - 10:00", MORNING},
    {"3 كانون الأول 2025", MIDNIGHT + INT64_C(91) * 86400},
    {"3 تشرين الثاني 2025", MIDNIGHT + INT64_C(61) * 86400},
    {"۳ سپتامبر ۲۰۲۵ ۱۰:۰۰", MORNING},
    {"mardi 2 septembre 2025 10:00", MORNING - 86400},
    {"Mittwoch, 3. September 2025 10:00", MORNING},
    {"3. März 2025", MIDNIGHT - INT64_C(184) * 86400},
    {"miércoles, 3 de septiembre de 2025 10:00", MORNING},
    {"mercoledì 3 settembre 2025", MIDNIGHT},
    {"Среда, 3 сентября 2025 года, 10:00", MORNING},
    {"3 вересня 2025 10:00", MORNING},
    {"3 Eylül 2025 10:00", MORNING},
    {"3 września 2025", MIDNIGHT},
    {"3. září 2025", MIDNIGHT},
    {"2025年9月3日 10:00", MORNING},
    {"2025년 9월 3일 10:00", MORNING},
    {"3 בספטמבר 2025 10:00", MORNING},
    {"3 Σεπτεμβρίου 2025 10:00", MORNING},
    {"३ Sep २०२५", MIDNIGHT},
    {"30 فبراير 2025", -1},
    {"3 Nirgendwo 2025", -1},
    {"", -1},
    {"yesterday", -1},
    {"\xd9\x85\xd9\x86\xd8\xb0 \xd8\xb3\xd8\xa7\xd8\xb9\xd8\xa9", -1},
    {"2025-02-30T10:00:00Z", -1},
    {"Sun, 30 Feb 2025 10:00:00 GMT", -1},
    {"Fri, 29 Feb 2019 00:00:00 GMT", -1},
    {"2025-13-01", -1},
    {"2025-00-01", -1},
    {"2025-09-00", -1},
    {"2025-09-03T25:00:00Z", -1},
    {"2025-09-03T10:61:00Z", -1},
    {"2025-09-03T24:00:01Z", -1},
    {"Mon, 01 Jan 1900 00:00:00 GMT", -1},
    {"1970-01-01T00:00:00Z", -1},
    {"0000-00-00 00:00:00", -1},
    {"03/09/2025", -1}, /* March or September: nobody knows */
    {"2025", -1},
    {"Wed, 03 Sep", -1},
    {"Wed, 03 Sep 10:00:00 GMT", -1},
    {"99999999999999999999", -1},
};

static void test_examples(void **state)
{
    (void)state;
    for (size_t i = 0; i < sizeof examples / sizeof *examples; i++) {
        int64_t time = -1;
        bool good = feed_date_parse(examples[i].text, &time);
        int64_t expected = examples[i].seconds;
        if (good != (expected >= 0) || (good && time != expected * 1000)) {
            fail_msg("%s: %d %" PRId64 ", expected %" PRId64, examples[i].text, good,
                     time, expected * 1000);
        }
    }
}

static void test_milliseconds(void **state)
{
    int64_t time = 0;
    (void)state;
    assert_true(feed_date_parse("2025-09-03T10:00:00.1239Z", &time));
    assert_int_equal(time, MORNING * 1000 + 123);
}

/* Every start of a date is read to its end and no further. */
static void test_cut_short(void **state)
{
    char text[64];
    (void)state;
    for (size_t i = 0; i < sizeof examples / sizeof *examples; i++) {
        size_t size = strlen(examples[i].text);
        for (size_t cut = 0; cut < size && cut < sizeof text; cut++) {
            int64_t time = 0;
            memset(text, 'x', sizeof text);
            memcpy(text, examples[i].text, cut);
            text[cut] = '\0';
            (void)feed_date_parse(text, &time);
        }
    }
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(test_examples),
        cmocka_unit_test(test_milliseconds),
        cmocka_unit_test(test_cut_short),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
