/* X-Robots-Tag: for whom a rule is, and which of them closes a page. */
#include <stdio.h>
#include <string.h>

#include "cmocka_all.h"
#include "net/robots_tag.h"

#define NOW INT64_C(1767225600000) /* 2026-01-01T00:00:00Z */

struct tag_case {
    const char *value;
    bool closes;
    const char *rule;
};

static const struct tag_case cases[] = {
    {"noindex", true, "noindex"},
    {"NOINDEX, nofollow", true, "NOINDEX"},
    {"nofollow, none", true, "none"},
    {"all", false, ""},
    {"index, follow, noarchive", false, ""},
    {"noindexing", false, ""},
    {"", false, ""},
    {",,:,", false, ""},
    {"mizan: noindex", true, "noindex"},
    {"otherbot: noindex", false, ""},
    {"otherbot: noindex, nofollow", false, ""},
    {"otherbot: noindex, Mizan: none", true, "none"},
    {"mizan: nofollow, otherbot: noindex", false, ""},
    {"*: noindex", true, "noindex"},
    {"max-snippet: 20, noindex", true, "noindex"},
    {"max-image-preview:large, max-video-preview:-1", false, ""},
    {"unavailable_after: 25 Jun 2010 15:00:00 PST", true,
     "unavailable_after: 25 Jun 2010 15:00:00 PST"},
    {"unavailable_after: Sun, 06 Nov 1994 08:49:37 GMT", true,
     "unavailable_after: Sun, 06 Nov 1994 08:49:37 GMT"},
    {"unavailable_after: Sunday, 06-Nov-94 08:49:37 GMT", true,
     "unavailable_after: Sunday, 06-Nov-94 08:49:37 GMT"},
    {"unavailable_after: 2025-12-31", true, "unavailable_after: 2025-12-31"},
    {"unavailable_after: 2026-12-31", false, ""},
    {"unavailable_after: 25 Jun 2040 15:00:00 PST, noindex", true, "noindex"},
    {"unavailable_after: some day", false, ""},
    {"otherbot: unavailable_after: 25 Jun 2010 15:00:00 PST", false, ""},
};

static void test_values(void **state)
{
    (void)state;
    for (size_t i = 0; i < sizeof cases / sizeof *cases; i++) {
        const struct mizan_header headers[] = {
            {{"Content-Type", 12}, {"noindex", 7}},
            {{"X-ROBOTS-tag", 12}, {cases[i].value, strlen(cases[i].value)}}};
        char rule[MZ_ROBOTS_RULE] = "";
        bool closes = mz_robots_tag_closes(headers, 2, "mizan", NOW, rule);
        if (closes != cases[i].closes || strcmp(rule, cases[i].rule) != 0) {
            fail_msg("'%s': %d, '%s'", cases[i].value, closes, rule);
        }
    }
}

static void test_several_headers(void **state)
{
    const struct mizan_header headers[] = {
        {{"x-robots-tag", 12}, {"otherbot: noindex", 17}},
        {{"x-robots-tag", 12}, {"noindex", 7}}};
    char rule[MZ_ROBOTS_RULE] = "";
    (void)state;
    /* The robot that one header names does not hold for the next. */
    assert_true(mz_robots_tag_closes(headers, 2, "mizan", NOW, rule));
    assert_false(mz_robots_tag_closes(headers, 1, "mizan", NOW, rule));
}

int main(void)
{
    const struct CMUnitTest tests[] = {cmocka_unit_test(test_values),
                                       cmocka_unit_test(test_several_headers)};
    return cmocka_run_group_tests(tests, NULL, NULL);
}
