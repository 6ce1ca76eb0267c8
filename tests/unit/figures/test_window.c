/* The fast folding of a window gives what the plain fold_text gives, byte by byte, with
 * the same offsets; its masks are those of the folded code points. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include <cmocka.h>

#include "support.h"
#include "window.h"

enum { LONGEST = 400, ROUNDS = 4000 };

static figures_lexicon *lexicon;

static const char *const pieces[] = {" ",
                                     "  ",
                                     "\n",
                                     "\t",
                                     "a",
                                     "Word ",
                                     "billion-dollar ",
                                     "1,234.5 ",
                                     "أُلـف",
                                     "خمسة ",
                                     "١٢٫٥",
                                     "Größe ",
                                     "É",
                                     "½",
                                     "€",
                                     "\xe2\x80\x8c",
                                     "\xc2\xa0",
                                     "—",
                                     "三百万",
                                     "ＡＢ１",
                                     "हिन्दी ",
                                     "\xff",
                                     "\xe2\x82",
                                     "ﷺ",
                                     "مئة ألف ",
                                     "İstanbul ",
                                     "µ",
                                     "𝔘",
                                     "ẞ",
                                     "abcdefghijklmnopqrstuvwxyz",
                                     "\xd9"};

/* The same texts in every run. */
static size_t next_number(size_t limit)
{
    static uint64_t state = 7;
    state = state * 6364136223846793005ull + 1442695040888963407ull;
    return (size_t)(state >> 33) % limit;
}

static size_t make_text(unsigned char *text)
{
    size_t length = 0;
    size_t wanted = next_number(LONGEST);
    while (length < wanted) {
        const char *piece = pieces[next_number(sizeof pieces / sizeof pieces[0])];
        size_t size = strlen(piece);
        if (length + size > LONGEST) {
            break;
        }
        memcpy(text + length, piece, size);
        length += size;
    }
    return length;
}

static void check_masks(const struct window *window)
{
    for (size_t at = 0; at < window->length;) {
        uint32_t code;
        size_t step = utf8_next(window->folded, window->length, at, &code);
        bool digit = is_ascii_digit(code) || (code >= 0xbc && code <= 0xbe) ||
                     (code >= 0x2153 && code <= 0x215e);
        assert_int_equal(window_bit(window->digits, at), digit);
        for (size_t i = 0; i < step; i++) {
            assert_int_equal(window_bit(window->words, at + i), is_word_code(code));
        }
        at += step;
    }
}

static void test_window(void **state)
{
    (void)state;
    unsigned char text[LONGEST];
    unsigned char folded[LONGEST * 3 + 64];
    uint32_t map[LONGEST * 3 + 65];
    void *memory = malloc(window_size(LONGEST));
    struct window window;
    assert_non_null(memory);
    window_place(&window, memory, LONGEST);
    for (int round = 0; round < ROUNDS; round++) {
        size_t length = make_text(text);
        size_t expected = fold_text(text, length, folded, sizeof folded, map);
        window_fold(&window, lexicon, text, 0, length);
        assert_int_equal(window.length, expected);
        assert_memory_equal(window.folded, folded, expected);
        for (size_t at = 0; at <= expected; at++) {
            if (at == expected || (folded[at] & 0xc0) != 0x80) {
                assert_int_equal(window_text(&window, at), map[at]);
            }
        }
        check_masks(&window);
    }
    free(memory);
}

static void test_digit(void **state)
{
    (void)state;
    unsigned char text[300];
    memset(text, 'x', sizeof text);
    assert_int_equal(text_digit(text, 0, sizeof text), sizeof text);
    for (size_t at = 0; at < sizeof text; at++) {
        text[at] = '7';
        assert_int_equal(text_digit(text, 0, sizeof text), at);
        assert_int_equal(text_digit(text, at + 1, sizeof text), sizeof text);
        text[at] = 'x';
    }
}

static int open_lexicon(void **state)
{
    (void)state;
    lexicon = test_lexicon();
    return lexicon ? 0 : -1;
}

static int close_lexicon(void **state)
{
    (void)state;
    figures_lexicon_close(lexicon);
    return 0;
}

int main(void)
{
    const struct CMUnitTest tests[] = {cmocka_unit_test(test_window),
                                       cmocka_unit_test(test_digit)};
    return cmocka_run_group_tests(tests, open_lexicon, close_lexicon);
}
