/* The parts of the generator: what it learns from spelled numbers, what it leaves out,
 * and that it writes the same bytes twice. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include <cmocka.h>

#include "learn.h"
#include "writer.h"

static const struct list nothing = {NULL, 0};
static const struct hand_forms no_forms = {0};

static struct writer writer_for(struct pool *pool, const struct hand_forms *hand)
{
    struct writer writer = {.pool = pool,
                            .tag = "xx",
                            .stops = &nothing,
                            .weak = &nothing,
                            .functions = &nothing,
                            .hand = hand,
                            .shared = &no_forms};
    return writer;
}

static void learned_words_read(const char *locale, bool compounds, size_t most)
{
    struct pool pool = {NULL};
    struct spellings spellings = {NULL, 0};
    struct spell_choice choice = {spell_cardinals, NULL, 0};
    size_t count;
    uint64_t *numbers = learning_numbers(&count);
    spell(&spellings, &pool, locale, &choice, numbers, count);
    spellings_sort(&spellings);
    assert_true(spellings.count >= count);
    struct words words;
    words_init(&words, &pool);
    words.compounds = compounds;
    struct learned learned = learn(&words, &spellings);
    assert_int_equal(learned.unread, 0);
    assert_in_range(words.count, 20, most);
    free(numbers);
    words_finish(&words);
    spellings_finish(&spellings);
    pool_finish(&pool);
}

static void learns_few_words(void **state)
{
    (void)state;
    learned_words_read("en", false, 40);
    learned_words_read("de", true, 50);
    learned_words_read("tr", false, 30);
    learned_words_read("ru", false, 190);
}

static uint64_t composed(const struct words *words, const char *text)
{
    uint64_t value = 0;
    const struct word *lone;
    return compose(words, text, strlen(text), &value, &lone) ? value : UINT64_MAX;
}

static void composes_as_the_reader(void **state)
{
    (void)state;
    struct pool pool = {NULL};
    struct words words;
    words_init(&words, &pool);
    static const struct {
        const char *form;
        uint64_t value;
    } forms[] = {{"one", 1},     {"two", 2},       {"five", 5},   {"thirteen", 13},
                 {"twenty", 20}, {"hundred", 100}, {"mil", 1000}, {"million", 1000000}};
    for (size_t i = 0; i < sizeof forms / sizeof forms[0]; i++) {
        assert_true(
            words_add(&words, forms[i].form, strlen(forms[i].form), forms[i].value));
    }
    words_add_joiner(&words, "and", 3);
    assert_int_equal(composed(&words, "two hundred and twenty-five"), 225);
    assert_int_equal(composed(&words, "two mil two hundred million"), 2200000000u);
    assert_int_equal(composed(&words, "five and twenty"), 25);
    assert_int_equal(composed(&words, "twenty thirteen"), UINT64_MAX);
    assert_int_equal(composed(&words, "two unknown"), UINT64_MAX);
    assert_false(words_add(&words, "two", 3, 3));
    words.compounds = true;
    assert_int_equal(composed(&words, "twohundredthirteen"), 213);
    words_finish(&words);
    pool_finish(&pool);
}

static void leaves_out_what_the_format_forbids(void **state)
{
    (void)state;
    struct pool pool = {NULL};
    struct writer writer = writer_for(&pool, &no_forms);
    assert_false(writer_add(&writer, SECTION_MONEY, "Leu (1952)", "RON", 0));
    assert_false(writer_add(&writer, SECTION_MONEY, "a|b", "RON", 0));
    assert_false(writer_add(&writer, SECTION_MONEY, "  ", "RON", 0));
    assert_true(writer_add(&writer, SECTION_SCALES, "Mio.", "1e6", ENTRY_ABBR));
    assert_int_equal(writer_find(&writer, SECTION_SCALES, "mio")->attributes,
                     ENTRY_ABBR | ENTRY_DOT);
    /* the first value wins, and a number word is no month */
    assert_false(writer_add(&writer, SECTION_SCALES, "MIO", "1e9", 0));
    assert_true(writer_add(&writer, SECTION_NUMBERS, "sept", "7", 0));
    assert_false(writer_add(&writer, SECTION_MONTHS, "sept.", "9", 0));
    writer_finish(&writer);
    pool_finish(&pool);
}

static char *write_file(char *path, const char *text)
{
    int file = mkstemp(path);
    assert_true(file >= 0);
    assert_int_equal(write(file, text, strlen(text)), (ssize_t)strlen(text));
    close(file);
    return path;
}

static void gives_way_to_hand_written_packs(void **state)
{
    (void)state;
    struct pool pool = {NULL};
    struct hand_forms hand = {0};
    char path[] = "/tmp/hand-pack-XXXXXX";
    write_file(path, "[language]\nname = X\n[money]\ncent(s/imes) = EUR part=0.01\n"
                     "[numbers]\n{two/deux} = 2\n");
    hand_forms_read(&hand, &pool, path);
    unlink(path);
    assert_true(hand_forms_have(&hand, "cent"));
    assert_true(hand_forms_have(&hand, "centimes"));
    assert_true(hand_forms_have(&hand, "deux"));
    assert_false(hand_forms_have(&hand, "name"));
    assert_true(hand_forms_forbid(&hand, "cents", 5));
    assert_false(hand_forms_forbid(&hand, "deux", 4));
    struct writer writer = writer_for(&pool, &hand);
    assert_false(writer_add(&writer, SECTION_SCALES, "cents", "100", ENTRY_LEARNED));
    assert_true(writer_add(&writer, SECTION_SCALES, "mille", "1000", ENTRY_LEARNED));
    writer_finish(&writer);
    hand_forms_finish(&hand);
    pool_finish(&pool);
}

static void writes_the_same_whatever_the_order(void **state)
{
    (void)state;
    static const char *const forms[] = {"zloty", "euro", "yen", "rand", "won"};
    char texts[2][512] = {{0}, {0}};
    for (int turn = 0; turn < 2; turn++) {
        struct pool pool = {NULL};
        struct writer writer = writer_for(&pool, &no_forms);
        for (int i = 0; i < 5; i++) {
            const char *form = forms[turn ? 4 - i : i];
            writer_add(&writer, SECTION_MONEY, form, form, ENTRY_BEFORE);
        }
        char path[] = "/tmp/generated-pack-XXXXXX";
        write_file(path, "");
        assert_true(writer_write(&writer, path, "name = X\n"));
        FILE *file = fopen(path, "r");
        assert_non_null(file);
        assert_true(fread(texts[turn], 1, sizeof texts[turn] - 1, file) > 0);
        fclose(file);
        unlink(path);
        writer_finish(&writer);
        pool_finish(&pool);
    }
    assert_string_equal(texts[0], texts[1]);
    assert_non_null(strstr(texts[0], "[money]\neuro = euro before\n"));
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(learns_few_words),
        cmocka_unit_test(composes_as_the_reader),
        cmocka_unit_test(leaves_out_what_the_format_forbids),
        cmocka_unit_test(gives_way_to_hand_written_packs),
        cmocka_unit_test(writes_the_same_whatever_the_order),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
