/* What is an expression and what is not: every refusal with its caret, its sentence and
 * what to write instead. */
#include "cmocka_all.h"

#include <stdio.h>
#include <string.h>

#include "cron/cron.h"

struct refusal {
    const char *text;
    int column, width;
    const char *message, *help; /* parts of them */
};

static const struct refusal refusals[] = {
    /* values */
    {"60 * * * *", 1, 2, "minute: 60 is not from 0 to 59", "full hour is minute 0"},
    {"0 24 * * *", 3, 2, "hour: 24 is not from 0 to 23", "midnight is hour 0"},
    {"0 0 0 * *", 5, 1, "day of the month: 0 is not from 1 to 31", "write 1"},
    {"0 0 32 * *", 5, 2, "day of the month: 32 is not", "L"},
    {"0 0 32W * *", 5, 2, "day of the month: 32 is not", "15W"},
    {"0 0 * 0 *", 7, 1, "month: 0 is not from 1 to 12", "JAN"},
    {"0 0 * 13 *", 7, 2, "month: 13 is not", "JAN"},
    {"* * * * 8", 9, 1, "weekday: 8 is not from 0 to 7", "Sunday 0, 7 or SUN"},
    {"60 0 0 * * *", 1, 2, "second: 60 is not", "*/10"},
    {"0-60 * * * *", 3, 2, "minute: 60 is not", "0"},
    {"99999999999999999999 * * * *", 1, 20, "minute: 999999999999… is not", "write 0"},
    {"4294967296 * * * *", 1, 10, "minute: 4294967296 is not", "write 0"},
    {"1,70,3 * * * *", 3, 2, "minute: 70 is not", "write 0"},
    /* steps */
    {"*/0 * * * *", 3, 1, "minute: a step of 0 never moves", "steps are from 1 to 59"},
    {"0-30/0 * * * *", 6, 1, "minute: a step of 0", "*/1 is *"},
    {"*/61 * * * *", 3, 2, "minute: the step 61 is longer than 0-59", "@every"},
    {"0 */24 * * *", 5, 2, "hour: the step 24 is longer than 0-23", "1 to 23"},
    {"0 0 */31 * *", 7, 2, "day of the month: the step 31 is longer", "1 to 30"},
    {"0 0 * */12 *", 9, 2, "month: the step 12 is longer", "1 to 11"},
    {"0 0 * * */7", 11, 1, "weekday: the step 7 is longer", "1 to 6"},
    {"5/15 * * * *", 1, 4, "minute: the step stands on one value", "5-59/15, or */n"},
    {"0 0,8/4 * * *", 5, 3, "hour: the step stands on one value", "8-23/4"},
    {"*/ * * * *", 1, 2, "minute: '*/' is not finished", "*/15"},
    {"*/x * * * *", 3, 1, "minute: 'x' has no meaning here", "*/15"},
    {"*/-5 * * * *", 3, 1, "minute: '-' has no meaning here", "*/15"},
    {"*/5/5 * * * *", 4, 1, "minute: '/' has no meaning here", "*/15"},
    /* ranges and lists */
    {"5-1 * * * *", 1, 3, "minute: the range 5-1 runs backwards",
     "1-5, or over the end 5-59,0-1"},
    {"0 22-2 * * *", 3, 4, "hour: the range 22-2 runs", "22-23,0-2"},
    {"0 0 * * sat-sun", 9, 7, "weekday: the range sat-sun runs", "write 6-7"},
    {"0 0 * nov-feb *", 7, 7, "month: the range nov-feb runs", "11-12,1-2"},
    {"1,,2 * * * *", 3, 1, "minute: nothing stands before the comma", "take the comma"},
    {"1, * * * *", 2, 1, "minute: nothing follows the comma", "take the comma"},
    {",1 * * * *", 1, 1, "minute: nothing stands before the comma", "take the comma"},
    {", * * * *", 1, 1, "minute: nothing stands before", "take the comma"},
    {"* * * * 1,2,", 12, 1, "weekday: nothing follows the comma", "take the comma"},
    {"*,5 * * * *", 1, 1, "minute: with * in the list", "* alone"},
    {"1- * * * *", 1, 2, "minute: '1-' is not finished", "0,30"},
    {"-5 * * * *", 1, 1, "minute: '-' has no meaning here", "0,30"},
    {"1-2-3 * * * *", 4, 1, "minute: '-' has no meaning here", "0,30"},
    {"1.5 * * * *", 2, 1, "minute: '.' has no meaning here", "0,30"},
    {"٥ * * * *", 1, 2, "minute: '٥' has no meaning here", "0,30"},
    {"a * * * *", 1, 1, "minute: 'a' has no meaning here", "0,30"},
    {"0 0 ? * *", 5, 1, "day of the month: '?' has no meaning here", "write *"},
    {"5\0172 * * * *", 2, 1, "minute: '\017' has no meaning", "0,30"},
    {"\012 * * * *", 1, 1, "minute: '\012' has no meaning", "0,30"},
    {"1\0155 * * * *", 2, 1, "minute: '\015' has no meaning", "0,30"},
    {"\1 * * * *", 1, 1, "minute: ", "0,30"},
    /* names */
    {"0 0 * * monday", 9, 6, "weekday: there is no 'monday'", "write MON"},
    {"0 0 * JANUARY *", 7, 7, "month: there is no 'JANUARY'", "write JAN"},
    {"0 0 * * MNO", 9, 3, "weekday: there is no 'MNO'", "write MON"},
    {"0 0 * xyzzyxyzzyxyzzyxyzzy *", 7, 20, "month: there is no 'xyzzy", "JAN to DEC"},
    {"0 0 * * mon-fry", 13, 3, "weekday: there is no 'fry'", "write FRI"},
    {"jan * * * *", 1, 3, "minute: 'jan' has no meaning here", "0,30"},
    /* L, W and # */
    {"0 0 * * L", 9, 1, "weekday: 'L' has no meaning here", "5L or FRI#L"},
    {"0 0 L-3 * *", 6, 1, "day of the month: '-' has no meaning", "L"},
    {"0 0 1-5W * *", 8, 1, "day of the month: 'W' has no meaning", "15W"},
    {"0 0 W * *", 5, 1, "day of the month: 'W' has no meaning", "15W"},
    {"0 0 LL * *", 6, 1, "day of the month: 'L' has no meaning", "LW"},
    {"0 0 5#2 * *", 6, 1, "day of the month: '#' has no meaning", "15W"},
    {"0 0 * * 1-5#2", 12, 1, "weekday: '#' has no meaning", "1#2"},
    {"0 0 * * 1#6", 11, 1, "weekday: a month has no more than five", "1#1 to 1#5"},
    {"0 0 * * 1#0", 11, 1, "weekday: a month has no more than five", "1#L"},
    {"0 0 * * 1#", 9, 2, "weekday: '1#' is not finished", "1#2"},
    {"0 0 * * *#2", 10, 1, "weekday: '#' has no meaning", "1#2"},
    {"L * * * *", 1, 1, "minute: 'L' has no meaning here", "0,30"},
    {"5W * * * *", 2, 1, "minute: 'W' has no meaning here", "0,30"},
    /* + */
    {"0 0 +13 * 5", 5, 1, "day of the month: '+' has no meaning", "0 0 13 * +FRI"},
    {"0 0 13 * +", 10, 1, "weekday: '+' has no meaning", "0 0 13 * +FRI"},
    {"0 0 13 * ++5", 11, 1, "weekday: '+' has no meaning", "0 0 13 * +FRI"},
    /* H */
    {"H(30-10) * * * *", 3, 5, "minute: the range runs backwards", "H(10-30)"},
    {"H(0-60) * * * *", 5, 2, "minute: 60 is not from 0 to 59", "full hour"},
    {"H(0) * * * *", 4, 1, "minute: ')' has no meaning", "0,30"},
    {"H(0-9 * * * *", 1, 5, "minute: 'H(0-9' is not finished", "0,30"},
    {"H/0 * * * *", 3, 1, "minute: a step of 0", "1 to 59"},
    {"H-5 * * * *", 2, 1, "minute: '-' has no meaning", "0,30"},
    /* fields */
    {"", 1, 1, "the expression is empty", "minute hour day month weekday"},
    {"   ", 1, 1, "the expression is empty", "minute hour day month weekday"},
    {"*", 1, 1, "1 field, where there are five or six", "30 6 * * 1-5"},
    {"* * * *", 1, 7, "4 fields, where there are five or six", "30 6 * * 1-5"},
    {"  * * * *", 3, 7, "4 fields", "30 6 * * 1-5"},
    {"* * * * * * 2025", 13, 4, "7 fields", "no field for the year"},
    {"1 2 3 4 5 6 7 8", 13, 1, "8 fields", "30 6 * * 1-5"},
    {"CRON_TZ=UTC 0 0 * * *", 1, 11, "a time zone does not stand", "--tz"},
    {"TZ=UTC 0 0 * * *", 1, 6, "a time zone does not stand", "tz ="},
    /* what the fields mean together */
    {"0 0 */10 * 5", 5, 4, "ambiguous: day */10 and weekday 5",
     "weekday as +5; for either write the day as 1,11,21,31"},
    {"0 0 1 * */2", 9, 3, "ambiguous: day 1 and weekday */2",
     "+*/2; for either write the weekday as 0,2,4,6"},
    {"0 0 5,*/10 * mon", 5, 6, "ambiguous", "day as 1,5,11,21,31"},
    {"0 0 */1 * 1", 5, 3, "ambiguous", "+1"},
    {"0 0 L * */2", 9, 3, "ambiguous", "+*/2"},
    {"0 0 */2 * */2", 5, 3, "ambiguous", "+*/2"},
    {"0 0 30 2 *", 5, 2, "never matches: no month of '2' has a day '30'", "L"},
    {"0 0 31 4,6,9,11 *", 5, 2, "never matches", "L"},
    {"0 0 30,31 FEB *", 5, 5, "never matches: no month of 'FEB'", "L"},
    {"0 0 31W jun *", 5, 3, "never matches", "L"},
    {"0 0 1-7 * +1#5", 5, 10, "never matches: no date is day '1-7'", "L"},
    {"0 0 30 2 +1", 5, 7, "never matches", "L"},
    {"0 0 0 30 2 *", 7, 2, "never matches", "L"},
    /* macros */
    {"@reboot", 1, 7, "@reboot names no time", "systemd"},
    {"@dayly", 1, 6, "there is no macro @dayly", "did you mean @daily?"},
    {"@fortnightly", 1, 12, "there is no macro @fortnightly", "@hourly @daily"},
    {"@", 1, 1, "there is no macro @", "@hourly"},
    {"@daily 5", 8, 1, "@daily stands alone", "0 0 * * *"},
    {"@Daily", 1, 6, "there is no macro @Daily", "did you mean @daily?"},
    {"@every", 1, 6, "@every takes one duration", "@every 90m"},
    {"@every 90", 8, 2, "'90' is no duration", "@every 1h30m"},
    {"@every 30m1h", 8, 5, "'30m1h' is no duration", "@every 1h30m"},
    {"@every 1h1h", 8, 4, "'1h1h' is no duration", "@every 1h30m"},
    {"@every 500ms", 8, 5, "'500ms' is no duration", "@every 1h30m"},
    {"@every -5m", 8, 3, "'-5m' is no duration", "@every 1h30m"},
    {"@every 0s", 8, 2, "from one second to 366 days", "@every 90m"},
    {"@every 367d", 8, 4, "from one second to 366 days", "@every 90m"},
    {"@every 99999999999999999999d", 8, 21, "duration", "@every 90m"},
    {"@every 1d 2h", 11, 2, "@every takes one duration", "@every 1h30m"},
};

static void refusals_point_and_advise(void **state)
{
    (void)state;
    for (size_t i = 0; i < sizeof refusals / sizeof *refusals; i++) {
        const struct refusal *row = &refusals[i];
        struct mz_cron cron;
        struct mz_error error;
        enum mz_code code = mz_cron_parse(row->text, "id", &cron, &error);
        if (code != MZ_CONFIGURATION || error.code != code) {
            fail_msg("'%s' was not refused", row->text);
        }
        if (error.column != row->column || error.width != row->width) {
            fail_msg("'%s': caret at %d, %d wide; expected %d, %d (%s)", row->text,
                     error.column, error.width, row->column, row->width, error.message);
        }
        if (strstr(error.message, row->message) == NULL) {
            fail_msg("'%s': %s", row->text, error.message);
        }
        if (strstr(error.help, row->help) == NULL) {
            fail_msg("'%s': help %s", row->text, error.help);
        }
        assert_int_equal(mz_cron_parse(row->text, NULL, &cron, NULL), MZ_CONFIGURATION);
    }
}

static void long_texts_are_refused(void **state)
{
    char text[MZ_CRON_TEXT + 16];
    struct mz_cron cron;
    struct mz_error error;
    (void)state;
    memset(text, ' ', sizeof text);
    memcpy(text, "* * * * *", 9);
    text[MZ_CRON_TEXT - 1] = '\0';
    assert_int_equal(mz_cron_parse(text, NULL, &cron, &error), MZ_OK);
    text[MZ_CRON_TEXT - 1] = ' ';
    text[MZ_CRON_TEXT] = '\0';
    assert_int_equal(mz_cron_parse(text, NULL, &cron, &error), MZ_CONFIGURATION);
    assert_non_null(strstr(error.message, "511 are the most"));
}

/* Two texts that are one expression. */
static const char *const same[][2] = {
    {"0 0 * * 7", "0 0 * * SUN"},
    {"0 0 * * 5-7", "0 0 * * fri,Sat,sUN"},
    {"0 0 * * 0-7/2", "0 0 * * 0,2,4,6"},
    {"0 0 * * */2", "0 0 * * 0,2,4,6"},
    {"0 0 * JAN-MAR/2 *", "0 0 * 1,3 *"},
    {"0 0 * * MON#2,5#L", "0 0 * * 1#2,FRIL"},
    {"0 0 * * 7#1", "0 0 * * sun#1"},
    {"0 0 * * 7L", "0 0 * * sun#l"},
    {"  15\t3  *   * *  ", "15 3 * * *"},
    {"0 30 2 * * *", "30 2 * * *"},
    {"54-55/2 0 * * *", "54 0 * * *"},
    {"5-5 0 * * *", "5 0 * * *"},
    {"007 0 * * *", "7 0 * * *"},
    {"0 0 l * *", "0 0 L * *"},
    {"0 0 lw,3w * *", "0 0 LW,3W * *"},
    {"@daily", "0 0 * * *"},
    {"@midnight", "0 0 * * *"},
    {"@weekly", "0 0 * * 0"},
    {"@monthly", "0 0 1 * *"},
    {"@yearly", "@annually"},
    {"@hourly", "0 * * * *"},
    {"@every 1h30m", "@every 90m"},
    {"@every 1d2h3m4s", "@every 93784s"},
};

static void spellings_are_equal(void **state)
{
    (void)state;
    for (size_t i = 0; i < sizeof same / sizeof *same; i++) {
        struct mz_cron first;
        struct mz_cron second;
        struct mz_error error = {0};
        if (mz_cron_parse(same[i][0], NULL, &first, &error) != MZ_OK ||
            mz_cron_parse(same[i][1], NULL, &second, &error) != MZ_OK) {
            fail_msg("'%s' or '%s' was refused: %s", same[i][0], same[i][1],
                     error.message);
        }
        if (memcmp(&first, &second, sizeof first) != 0) {
            fail_msg("'%s' is not '%s'", same[i][0], same[i][1]);
        }
    }
}

static bool follows_wall(const char *text)
{
    struct mz_cron cron;
    assert_int_equal(mz_cron_parse(text, "id", &cron, NULL), MZ_OK);
    return cron.wall;
}

/* Only what the minute or the hour begins with decides. */
static void stars_follow_the_wall_clock(void **state)
{
    (void)state;
    assert_true(follows_wall("* * * * *"));
    assert_true(follows_wall("*/15 2 * * *"));
    assert_true(follows_wall("30 */2 * * *"));
    assert_true(follows_wall("30 */1 * * *"));
    assert_true(follows_wall("*/10,5 2 * * *"));
    assert_true(follows_wall("@hourly"));
    assert_true(follows_wall("10 * 2 * * *"));
    assert_false(follows_wall("30 0-23 * * *"));
    assert_false(follows_wall("30 0-23/2 * * *"));
    assert_false(follows_wall("0-59/5 2 * * *"));
    assert_false(follows_wall("5,*/10 2 * * *"));
    assert_false(follows_wall("* 30 2 * * *"));
    assert_false(follows_wall("30 2 * * *"));
    assert_false(follows_wall("H/15 2 * * *"));
    assert_false(follows_wall("@daily"));
}

/* Spread over the whole range, within what was asked for, the same each time, and not
 * the same in each field. */
static void hashes_spread(void **state)
{
    int minutes[60] = {0};
    int equal = 0;
    (void)state;
    for (int i = 0; i < 6000; i++) {
        char id[32];
        struct mz_cron first;
        struct mz_cron second;
        snprintf(id, sizeof id, "pipeline-%d", i);
        assert_int_equal(mz_cron_parse("H H H H *", id, &first, NULL), MZ_OK);
        assert_int_equal(mz_cron_parse("H H H H *", id, &second, NULL), MZ_OK);
        assert_memory_equal(&first, &second, sizeof first);
        assert_true(first.hashed);
        int minute = __builtin_ctzll(first.minutes);
        minutes[minute]++;
        equal += minute % 24 == __builtin_ctz(first.hours);
        assert_int_equal(__builtin_popcountll(first.minutes), 1);
        assert_in_range(__builtin_ctz(first.days), 1, 28);
        assert_in_range(__builtin_ctz(first.months), 1, 12);

        assert_int_equal(mz_cron_parse("H(10-19) H/6 * * H", id, &first, NULL), MZ_OK);
        assert_in_range(__builtin_ctzll(first.minutes), 10, 19);
        assert_int_equal(__builtin_popcount(first.hours), 4);
        assert_in_range(__builtin_ctz(first.hours), 0, 5);
        assert_in_range(__builtin_ctz(first.weekdays), 0, 6);

        assert_int_equal(mz_cron_parse("H(0-29)/10,59 3 * * *", id, &first, NULL),
                         MZ_OK);
        assert_int_equal(__builtin_popcountll(first.minutes), 4);
        assert_true(first.minutes >> 59 == 1);
        assert_true((first.minutes & ~(UINT64_C(1) << 59)) < UINT64_C(1) << 30);
    }
    for (int i = 0; i < 60; i++) { /* 100 each if it were even */
        assert_in_range(minutes[i], 60, 140);
    }
    assert_in_range(equal, 150, 350); /* 250 by chance */
    struct mz_cron cron;
    assert_int_equal(mz_cron_parse("0 H(1-1) * * *", "x", &cron, NULL), MZ_OK);
    assert_int_equal(cron.hours, 2);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(refusals_point_and_advise),
        cmocka_unit_test(long_texts_are_refused),
        cmocka_unit_test(spellings_are_equal),
        cmocka_unit_test(stars_follow_the_wall_clock),
        cmocka_unit_test(hashes_spread),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
