/* Which texts are copies: edited ones are, rewrites that quote and others are not. */
#include <setjmp.h>
#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include <cmocka.h>

#include "value/shingles.h"

static const char *const sentences[] = {
    "The regional grid operator said on Monday that 41,300 households were without "
    "power",
    "after a storm brought down lines along the coast between Ardmore and Pell.",
    "Crews from three neighbouring districts had joined the repairs, it added,",
    "but the last villages would not be connected before Thursday evening.",
    "Damage is put at 18 million, a little less than after the storm of 2019.",
    "Schools in the valley stay closed, and the ferry runs only twice a day.",
    "Nobody was hurt, although a roof was torn from the sports hall of Lower Pell",
    "minutes after some sixty children had left it for their buses home.",
    "The mayor thanked the volunteers who had carried blankets and soup through the "
    "night.",
    "Forecasters expect the wind to ease by noon and to turn to the north-west.",
    "A second front is due on Friday; it is expected to bring rain but no gales.",
    "Insurers opened an office in the town hall and will keep it open for two weeks.",
};
#define SENTENCES (sizeof(sentences) / sizeof(sentences[0]))

static char *join(char *out, size_t room, const char *head, size_t skip,
                  const char *tail)
{
    size_t size = (size_t)snprintf(out, room, "%s ", head);
    for (size_t i = 0; i < SENTENCES; i++) {
        if (i != skip) {
            size += (size_t)snprintf(out + size, room - size, "%s ", sentences[i]);
        }
    }
    snprintf(out + size, room - size, "%s", tail);
    return out;
}

static struct mz_shingles make(struct mz_arena *arena, const char *text)
{
    struct mz_shingles shingles;
    struct mizan_slice slice = {text, strlen(text)};
    assert_true(mz_shingles_make(arena, slice, &shingles));
    return shingles;
}

static bool shares_band(const struct mz_shingles *a, const struct mz_shingles *b)
{
    for (size_t i = 0; i < MZ_BANDS; i++) {
        if (a->bands[i] == b->bands[i]) {
            return true;
        }
    }
    return false;
}

/* As a store would: found by a band and then compared. */
static bool is_copy(const char *first, const char *second)
{
    struct mz_arena *arena = mz_arena_create((size_t)16 << 20);
    struct mz_shingles a = make(arena, first), b = make(arena, second);
    bool copy = shares_band(&a, &b) && mz_shingles_copy(&a, &b);
    mz_arena_destroy(arena);
    return copy;
}

static void edited_copies_are_found(void **state)
{
    (void)state;
    char first[4096], second[4096];
    join(first, sizeof first, "", SENTENCES, "");
    assert_true(is_copy(first, first));
    assert_true(is_copy(first, join(second, sizeof second, "PELL (Agency) -", SENTENCES,
                                    "(with staff)")));
    assert_true(is_copy(first, join(second, sizeof second, "Storm news:", 8, "")));
    assert_true(is_copy(first, join(second, sizeof second, "", 11, "More follows.")));
    for (char *p = first; *p != '\0'; p++) { /* shouting is the same text */
        *p = *p >= 'a' && *p <= 'z' ? (char)(*p - 32) : *p;
    }
    assert_true(is_copy(first, join(second, sizeof second, "", SENTENCES, "")));
}

static void a_changed_figure_is_no_copy(void **state)
{
    (void)state;
    char first[4096], second[4096];
    join(first, sizeof first, "", SENTENCES, "");
    join(second, sizeof second, "", SENTENCES, "");
    char *number = strstr(second, "41,300");
    memcpy(number, "52,100", 6);
    assert_false(is_copy(first, second));
    assert_false(is_copy(
        first, join(second, sizeof second, "", SENTENCES, "Two are missing: 7.")));
}

static void rewrites_and_others_are_none(void **state)
{
    (void)state;
    char first[4096];
    join(first, sizeof first, "", SENTENCES, "");
    assert_false(is_copy(
        first,
        "Tens of thousands of homes lost electricity along the shore when Monday's "
        "gale "
        "struck. \"The last villages would not be connected before Thursday evening,\" "
        "said the operator, whose teams were helped by colleagues from elsewhere. In "
        "Lower Pell the sports hall lost its roof \"minutes after some sixty children "
        "had left it for their buses home\". The town hall now houses insurers, who "
        "plan "
        "to stay a fortnight, and rain is on its way for the end of the week, if the "
        "weather office is right about what is coming across the sea from the west."));
    assert_false(is_copy(
        first,
        "Parliament voted on Tuesday to raise the pension age in steps, ending months "
        "of "
        "argument within the coalition. The opposition walked out before the count and "
        "said it would take the law to the constitutional court, which last year "
        "struck "
        "down a similar one for want of proper notice to the committees of the "
        "house."));
    assert_false(is_copy("Too short to say.", "Too short to say."));
}

/* Marks that are written or left out, digits of either kind, width of letters. */
static void writing_does_not_matter(void **state)
{
    (void)state;
    struct mz_arena *arena = mz_arena_create((size_t)1 << 20);
    struct mz_shingles a =
        make(arena, "وقالت الوزارة إن المحطة ستغذي نحو 1200 أسرة في ثلاث مدن");
    struct mz_shingles b =
        make(arena, "وقالَت الوزارةُ إنّ المحطـــة ستغذّي نحو ١٢٠٠ أسرة، في ثلاث مدن.");
    assert_true(a.count > 5 && a.count == b.count);
    assert_memory_equal(a.runs, b.runs, a.count * sizeof *a.runs);
    assert_int_equal(mz_simhash_distance(a.simhash, b.simhash), 0);
    a = make(arena, "昨天上午六时三十分，历时七年建设的跨江地铁正式通车");
    assert_true(a.count > 15);
    mz_arena_destroy(arena);
}

/* Pairs within three bits share a quarter: Dirichlet, and checked. */
static void three_bits_leave_a_quarter(void **state)
{
    (void)state;
    for (int i = 0; i < 64; i++) {
        for (int k = 0; k < 64; k++) {
            uint64_t other = UINT64_C(1) << i ^ UINT64_C(1) << k ^ UINT64_C(1) << 63;
            bool shared = false;
            for (int band = 0; band < 4; band++) {
                shared = shared || (other >> (16 * band) & 0xffff) == 0;
            }
            assert_true(shared);
        }
    }
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(edited_copies_are_found),
        cmocka_unit_test(a_changed_figure_is_no_copy),
        cmocka_unit_test(rewrites_and_others_are_none),
        cmocka_unit_test(writing_does_not_matter),
        cmocka_unit_test(three_bits_leave_a_quarter),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
