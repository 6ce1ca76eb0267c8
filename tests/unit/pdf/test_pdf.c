/* From words and their places to text: direction, brackets, paragraphs, pages; and the
 * maps of glyphs. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include <cmocka.h>

#include "pdf.h"

static void *blocks[4096];
static size_t block_count;

static void *allocate(void *user, size_t size)
{
    (void)user;
    assert_true(block_count < sizeof blocks / sizeof blocks[0]);
    return blocks[block_count++] = malloc(size + 1);
}

static const struct pdf_memory memory = {allocate, NULL};

static int release(void **state)
{
    (void)state;
    while (block_count > 0) {
        free(blocks[--block_count]);
    }
    return 0;
}

/* One line of words of ten points a letter, two points apart. */
static void reads(const char *const *words, size_t count, enum pdf_base base,
                  bool mirrored, const char *wanted)
{
    struct pdf_word line[32];
    struct pdf_text out = {.text = NULL};
    float left = 0;
    assert_true(count <= 32);
    for (size_t i = 0; i < count; i++) {
        float width = 10 * (float)strlen(words[i]);
        line[i] =
            (struct pdf_word){words[i], strlen(words[i]), left, 0, left + width, 12};
        left += width + 3;
    }
    assert_true(pdf_append_line(line, count, base, mirrored, &memory, &out));
    assert_string_equal(out.text, wanted);
}

#define READS(base, mirrored, wanted, ...)                                             \
    do {                                                                               \
        const char *const words[] = {__VA_ARGS__};                                     \
        reads(words, sizeof words / sizeof words[0], base, mirrored, wanted);          \
    } while (false)

static void test_right_to_left(void **state)
{
    (void)state;
    READS(PDF_RIGHT_TO_LEFT, false, "مقابل 380.5 مليون دولار", "رالود", "نويلم",
          "380.5", "لباقم");
    READS(PDF_RIGHT_TO_LEFT, false, "بنسبة 12.5% عن", "نع", "%12.5", "ةبسنب");
    READS(PDF_RIGHT_TO_LEFT, false, "ما بين 15 و20", "20و", "15", "نيب", "ام");
    READS(PDF_RIGHT_TO_LEFT, false, "كلفت ٣٬٢٠٠ ليرة", "ةريل", "٣٬٢٠٠", "تفلك");
    READS(PDF_RIGHT_TO_LEFT, false, "שולם 1,250 ש\"ח", "ח\"ש", "1,250", "םלוש");
}

static void test_both_directions(void **state)
{
    (void)state;
    /* Of the algorithm with paired brackets, and of the older one without. */
    READS(PDF_RIGHT_TO_LEFT, false, "شركة Blue Gulf Lines (12 سفينة) سارية", "ةيراس",
          ")ةنيفس", "12(", "Blue", "Gulf", "Lines", "ةكرش");
    READS(PDF_RIGHT_TO_LEFT, true, "شركة Blue Gulf Lines (سفينة) سارية", "ةيراس",
          "(ةنيفس)", "Blue", "Gulf", "Lines", "ةكرش");
    READS(PDF_RIGHT_TO_LEFT, false, "هاتف Nova 12 Pro جديد", "ديدج", "Nova", "12",
          "Pro", "فتاه");
    READS(PDF_LEFT_TO_RIGHT, false, "The word مرحبا بكم means welcome.", "The", "word",
          "مكب", "ابحرم", "means", "welcome.");
    READS(PDF_LEFT_TO_RIGHT, false, "Grew 12.5 % in 2025", "Grew", "12.5", "%", "in",
          "2025");
}

static void test_forms_and_marks(void **state)
{
    (void)state;
    READS(PDF_RIGHT_TO_LEFT, false, "خلال", "ﻝﻼﺧ");
    READS(PDF_RIGHT_TO_LEFT, false, "كُتب", "بتكُ");
    READS(PDF_LEFT_TO_RIGHT, false, "office \u00e9t\u00e9", "o\ufb03ce",
          "e\u0301te\u0301");
    READS(PDF_LEFT_TO_RIGHT, false, "plain", "\u202apl\u00adain\u202c");
}

static void text_of(const char *printed, struct pdf_text *out)
{
    size_t size = strlen(printed);
    char *copy = allocate(NULL, size);
    struct pdf_boxes boxes;
    memcpy(copy, printed, size);
    assert_true(pdf_boxes_read(copy, size, &memory, &boxes));
    assert_true(pdf_lay_out(&boxes, &memory, out));
}

#define WORD(left, right, top, bottom, text)                                           \
    "<word xMin=\"" #left "\" yMin=\"" #top "\" xMax=\"" #right "\" yMax=\"" #bottom   \
    "\">" text "</word>"
#define LINE(words) "<line xMin=\"0\">" words "</line>"
#define PAGE(lines) "<page width=\"1\"><block xMin=\"0\">" lines "</block></page>"

static void test_paragraphs(void **state)
{
    (void)state;
    struct pdf_text out;
    text_of(
        PAGE(LINE(WORD(0, 90, 10, 22, "first") WORD(93, 180, 10, 22, "inter-"))
                 LINE(WORD(0, 90, 24, 36, "national") WORD(93, 120, 24, 36, "&amp;")
                          WORD(123, 140, 24, 36, "x."))
                     LINE(WORD(0, 30, 38, 50, "Second") WORD(33, 60, 38, 50, "one."))),
        &out);
    assert_string_equal(out.text, "first international & x.\n\nSecond one.");
    assert_int_equal(out.paragraph_count, 2);
    assert_int_equal(out.paragraphs[1].end, out.size);
}

static void test_pages(void **state)
{
    (void)state;
    struct pdf_text out;
    text_of(
        PAGE(LINE(WORD(0, 90, 10, 22, "Report")) LINE(WORD(0, 90, 40, 52, "One.")) LINE(
            WORD(0, 9, 70, 82,
                 "1"))) "<page width=\"1\"></page>" PAGE(LINE(WORD(0, 90, 40, 52,
                                                                   "Two."))
                                                             LINE(WORD(0, 9, 70, 82,
                                                                       "- 3 -"))),
        &out);
    assert_string_equal(out.text, "Report\n\nOne.\n\nTwo.");
    assert_int_equal(out.page_count, 3);
    assert_int_equal(out.pages[0], 0);
    assert_true(out.pages[2] <= (size_t)(strstr(out.text, "Two.") - out.text));
}

static void test_maps(void **state)
{
    (void)state;
    struct pdf_cmaps maps;
    char plain[] = "1 0 obj << /Length 60 >> stream\n/X begincmap 2 beginbfchar <05> "
                   "<06440627> <06> <00660069> <07> <0644064B0627>\nendstream";
    pdf_mend_cmaps(plain, sizeof plain - 1, &maps);
    assert_int_equal(maps.mended, 1);
    assert_non_null(strstr(plain, "<06270644>"));
    assert_non_null(strstr(plain, "<00660069>"));
    assert_non_null(strstr(plain, "<06270644064B>"));
    char lines[] = "1 0 obj << >> stream\nbegincmap <05> "
                   "<06440627062706440627062706440627062706440627>\nendstream";
    pdf_mend_cmaps(lines, sizeof lines - 1, &maps);
    assert_int_equal(maps.broken, 1);
    assert_int_equal(maps.mended, 0);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test_teardown(test_right_to_left, release),
        cmocka_unit_test_teardown(test_both_directions, release),
        cmocka_unit_test_teardown(test_forms_and_marks, release),
        cmocka_unit_test_teardown(test_paragraphs, release),
        cmocka_unit_test_teardown(test_pages, release),
        cmocka_unit_test_teardown(test_maps, release),
    };
    return cmocka_run_group_tests_name("pdf", tests, NULL, NULL);
}
