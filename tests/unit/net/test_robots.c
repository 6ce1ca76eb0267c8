/* robots.txt: a table of files, targets and verdicts; then what a table cannot hold. */
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "cmocka_all.h"
#include "net/robots.h"

#define LINE_MOST 4096

/* Undoes \n, \r, \t and \xHH in place; returns the length. */
static size_t unescape(char *text)
{
    char *out = text;
    const char *in = text;
    while (*in != '\0') {
        if (in[0] == '\\' && in[1] == 'x') {
            const char hex[] = {in[2], in[3], '\0'};
            *out++ = (char)strtol(hex, NULL, 16);
            in += 4;
        } else if (in[0] == '\\') {
            *out++ = in[1] == 'n' ? '\n' : in[1] == 'r' ? '\r' : '\t';
            in += 2;
        } else {
            *out++ = *in++;
        }
    }
    *out = '\0';
    return (size_t)(out - text);
}

static bool allows(const char *text, size_t size, const char *target)
{
    struct mz_robots *robots = mz_robots_parse(text, size, "mizan");
    assert_non_null(robots);
    bool allowed = mz_robots_allows(robots, target);
    mz_robots_destroy(robots);
    return allowed;
}

static void test_table(void **state)
{
    char line[LINE_MOST];
    char copy[LINE_MOST];
    int count = 0, wrong = 0;
    FILE *file = fopen(MZ_TEST_ROBOTS, "re");
    (void)state;
    assert_non_null(file);
    while (fgets(line, sizeof line, file) != NULL) {
        char *target = strchr(line, '\t');
        char *verdict = target == NULL ? NULL : strchr(target + 1, '\t');
        if (strncmp(line, "# robots.txt", 12) == 0) {
            continue;
        }
        assert_non_null(verdict);
        memcpy(copy, line, sizeof copy);
        *target++ = '\0';
        *verdict++ = '\0';
        size_t size = unescape(line);
        if (allows(line, size, target) != (*verdict == '1')) {
            print_error("wrong: %s", copy);
            wrong++;
        }
        count++;
    }
    fclose(file);
    assert_true(count > 80);
    assert_int_equal(wrong, 0);
}

static void test_crawl_delay(void **state)
{
    static const struct {
        const char *value;
        int64_t delay;
    } rows[] = {{"5", 5000},       {"0.5", 500},
                {".25", 250},      {"1.", 1000},
                {"nan", 0},        {"inf", 0},
                {"-3", 0},         {"", 0},
                {"10 seconds", 0}, {"1e9", INT64_C(1000000000000)},
                {"0", 0}};
    char text[128];
    (void)state;
    for (size_t i = 0; i < sizeof rows / sizeof rows[0]; i++) {
        snprintf(text, sizeof text, "User-agent: *\nCrawl-delay: %s\nDisallow: /x\n",
                 rows[i].value);
        struct mz_robots *robots = mz_robots_parse(text, strlen(text), "mizan");
        assert_non_null(robots);
        if (mz_robots_crawl_delay(robots) != rows[i].delay) {
            fail_msg("Crawl-delay: %s: %lld", rows[i].value,
                     (long long)mz_robots_crawl_delay(robots));
        }
        mz_robots_destroy(robots);
    }
    snprintf(text, sizeof text, "User-agent: *\nCrawl-delay: 99999999999999999999\n");
    struct mz_robots *robots = mz_robots_parse(text, strlen(text), "mizan");
    assert_true(mz_robots_crawl_delay(robots) >= INT64_C(1000000000000));
    mz_robots_destroy(robots);
}

/* A rule before the end of the first 500 KiB counts, one behind it does not; a line
 * longer than any address is cut, the next one is read. */
static void test_sizes(void **state)
{
    static const char rule[] = "\nUser-agent: mizan\nDisallow: /a\n";
    size_t size = (size_t)5 << 20;
    char *text = malloc(size);
    (void)state;
    assert_non_null(text);
    memset(text, '#', size);
    memcpy(text + MZ_ROBOTS_MOST - sizeof rule, rule, sizeof rule - 1);
    assert_false(allows(text, size, "/a"));
    memset(text, '#', size);
    memcpy(text + MZ_ROBOTS_MOST + 1, rule, sizeof rule - 1);
    assert_true(allows(text, size, "/a"));
    memset(text, 'x', size);
    memcpy(text, "User-agent: mizan\nDisallow: /", 29);
    memcpy(text + 100000, "\nDisallow: /b\n", 14);
    assert_false(allows(text, 100014, "/b"));
    assert_true(allows(text, 100014, "/a"));
    free(text);
}

/* A pattern of many wildcards ends all the same. */
static void test_many_wildcards(void **state)
{
    char text[4096] = "User-agent: mizan\nDisallow: /";
    char target[8192] = "/";
    (void)state;
    size_t used = strlen(text);
    for (int i = 0; i < 1000; i++) {
        used += (size_t)snprintf(text + used, sizeof text - used, "*a");
    }
    (void)snprintf(text + used, sizeof text - used, "$\n");
    memset(target + 1, 'a', 4000);
    assert_false(allows(text, strlen(text), target));
    memcpy(target + 4001, "b", 2);
    assert_true(allows(text, strlen(text), target));
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(test_table),
        cmocka_unit_test(test_crawl_delay),
        cmocka_unit_test(test_sizes),
        cmocka_unit_test(test_many_wildcards),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
