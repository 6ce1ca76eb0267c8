/* The encodings of the web: tables and labels against the facts of WHATWG's standard,
 * and texts that are written in twenty encodings and read without a word about it. */
#include "support.h"

#include <errno.h>
#include <iconv.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "charset.h"
#include "text.h"

#define TEXTS_EACH 10
#define LINES_MOST 400
#define WRONG_MOST 2

static FILE *open_data(const char *name)
{
    char path[1024];
    snprintf(path, sizeof(path), "%s/encodings/%s", ARTICLE_DATA, name);
    FILE *file = fopen(path, "r");
    assert_non_null(file);
    return file;
}

static const struct article_charset *charset_called(const char *name)
{
    const struct article_charset *found = article_charset_by_label(slice(name));
    if (found == NULL) {
        print_error("%s is not known\n", name);
    }
    assert_non_null(found);
    return found;
}

static void test_tables(void **state)
{
    (void)state;
    FILE *file = open_data("tables");
    char line[2048];
    size_t tables = 0;
    while (fgets(line, sizeof(line), file) != NULL) {
        char *rest = NULL;
        char *word = strtok_r(line, " \n", &rest);
        const struct article_charset *charset = charset_called(word);
        assert_string_equal(charset->name, word);
        for (size_t i = 0; i < 128; i++) {
            word = strtok_r(NULL, " \n", &rest);
            assert_non_null(word);
            unsigned long code = word[0] == '-' ? 0 : strtoul(word, NULL, 16);
            if (charset->table[i] != code) {
                print_error("%s, byte %zx\n", charset->name, i + 0x80);
            }
            assert_int_equal(charset->table[i], code);
        }
        tables++;
    }
    fclose(file);
    assert_int_equal(tables, 27);
}

/* Of WHATWG's names three are read by another: iso-8859-8-i has the table of iso-8859-8
 * (the order of lines is not ours to turn), x-user-defined is what a <meta> may not
 * mean, and "replacement" names encodings that nobody reads. */
static void test_labels(void **state)
{
    (void)state;
    FILE *file = open_data("labels");
    char label[64], name[64];
    size_t labels = 0;
    while (fscanf(file, "%63s %63s", label, name) == 2) {
        const struct article_charset *charset = article_charset_by_label(slice(label));
        labels++;
        if (strcmp(name, "replacement") == 0) {
            assert_null(charset);
            continue;
        }
        assert_non_null(charset);
        const char *wanted = strcmp(name, "iso-8859-8-i") == 0     ? "iso-8859-8"
                             : strcmp(name, "x-user-defined") == 0 ? "windows-1252"
                                                                   : name;
        assert_string_equal(charset->name, wanted);
    }
    fclose(file);
    assert_true(labels > 200);
}

struct line {
    char language[16];
    char *text;
};

static size_t read_lines(struct pool *pool, struct line *lines)
{
    FILE *file = open_data("texts");
    char buffer[4096];
    size_t count = 0;
    while (count < LINES_MOST && fgets(buffer, sizeof(buffer), file) != NULL) {
        char *tab = strchr(buffer, '\t');
        assert_non_null(tab);
        *tab = '\0';
        tab[1 + strcspn(tab + 1, "\n")] = '\0';
        snprintf(lines[count].language, sizeof(lines[count].language), "%.15s", buffer);
        lines[count++].text = pool_text(pool, slice(tab + 1));
    }
    fclose(file);
    return count;
}

/* One encoding to another, what it lacks written as iconv sees fit or left out; NULL
 * when it cannot. */
static char *convert(struct pool *pool, const char *to, const char *from,
                     struct article_slice text, size_t *size)
{
    union {
        const char *given;
        char *wanted;
    } in = {.given = text.data};
    size_t left = text.size, room = 4 * text.size + 64, space = room;
    char *out = pool->memory.allocate(pool, room), *end = out;
    iconv_t converter = iconv_open(to, from);
    assert_true(converter != (iconv_t)-1);
    size_t done = iconv(converter, &in.wanted, &left, &end, &space);
    bool whole = left == 0 && (done != (size_t)-1 || errno == EILSEQ);
    iconv(converter, NULL, NULL, &end, &space);
    iconv_close(converter);
    *size = room - space;
    return whole ? out : NULL;
}

struct encoding {
    const char *name, *languages;
};

static bool has_word(const char *list, const char *word)
{
    size_t size = strlen(word);
    for (const char *p = list; (p = strstr(p, word)) != NULL; p += size) {
        if ((p == list || p[-1] == ' ') && (p[size] == ' ' || p[size] == '\0')) {
            return true;
        }
    }
    return false;
}

/* Up to three lines of the encoding's languages, beginning with number `first` of them,
 * a line each. */
static char *join(struct pool *pool, const struct line *lines, size_t count,
                  const struct encoding *encoding, size_t first)
{
    char *text = pool->memory.allocate(pool, 16384);
    size_t size = 0, mine = 0, taken = 0;
    const char *language = NULL;
    for (size_t round = 0; round < 12 * count && taken <= first % 3; round++) {
        const struct line *line = &lines[round % count];
        if (!has_word(encoding->languages, line->language)) {
            continue;
        }
        mine++;
        if (mine <= first || (language != NULL && strcmp(language, line->language))) {
            continue;
        }
        language = line->language;
        size += (size_t)snprintf(text + size, 16384 - size, "%s\n", line->text);
        taken++;
    }
    return text;
}

static bool is_read(const struct encoding *encoding, const char *original)
{
    struct pool pool;
    size_t size, plain;
    char to[64];
    pool_init(&pool);
    snprintf(to, sizeof(to), "%s//TRANSLIT//IGNORE", encoding->name);
    char *body = convert(&pool, to, "UTF-8", slice(original), &size);
    assert_non_null(body);
    char *wanted = convert(&pool, "UTF-8", encoding->name,
                           (struct article_slice){body, size}, &plain);
    assert_non_null(wanted);
    struct article_decoded decoded;
    struct article_decode_input input = {.body = {body, size}, .memory = &pool.memory};
    assert_int_equal(article_decode(&input, &decoded), ARTICLE_OK);
    bool right =
        decoded.text.size == plain && memcmp(decoded.text.data, wanted, plain) == 0;
    if (!right) {
        print_message("%s is read as %s: %.60s\n", encoding->name, decoded.charset,
                      original);
    }
    assert_true(right || strcmp(encoding->name, "UTF-8") != 0);
    pool_finish(&pool);
    return right;
}

static void test_undeclared(void **state)
{
    static const struct encoding encodings[] = {
        {"UTF-8", "el th zh-TW hu cs lt ru uk ar fa he ja ko zh tr pl fr de es"},
        {"UTF-16LE", "hu cs fr de es tr pl lt ru uk ar fa he el th"},
        {"UTF-16BE", "ru ar el he th hu cs fr de es tr pl lt"},
        {"WINDOWS-1250", "hu cs pl"},
        {"WINDOWS-1251", "ru uk"},
        {"WINDOWS-1252", "fr de es pt it"},
        {"WINDOWS-1253", "el"},
        {"WINDOWS-1254", "tr"},
        {"WINDOWS-1255", "he"},
        {"WINDOWS-1256", "ar fa"},
        {"WINDOWS-1257", "lt"},
        {"WINDOWS-874", "th"},
        {"ISO-8859-2", "hu cs pl"},
        {"ISO-8859-6", "ar"},
        {"KOI8-R", "ru"},
        {"IBM866", "ru"},
        {"GB18030", "zh"},
        {"BIG5", "zh-TW"},
        {"SHIFT_JIS", "ja"},
        {"EUC-JP", "ja"},
        {"EUC-KR", "ko"},
        {"ISO-2022-JP", "ja"},
    };
    (void)state;
    struct pool pool;
    struct line lines[LINES_MOST];
    pool_init(&pool);
    size_t count = read_lines(&pool, lines), texts = 0, wrong = 0;
    for (size_t e = 0; e < sizeof(encodings) / sizeof(encodings[0]); e++) {
        for (size_t i = 0; i < TEXTS_EACH; i++) {
            texts++;
            wrong +=
                !is_read(&encodings[e], join(&pool, lines, count, &encodings[e], i));
        }
    }
    print_message("%zu texts, %zu read wrongly\n", texts, wrong);
    pool_finish(&pool);
    assert_true(texts >= 200);
    assert_true(wrong <= WRONG_MOST);
}

static void check_twice(const char *text, const char *misread, size_t rounds)
{
    struct pool pool;
    size_t size = strlen(text);
    pool_init(&pool);
    char *body = pool_text(&pool, slice(text));
    const struct article_charset *charset = charset_called(misread);
    for (size_t round = 0; round < rounds; round++) {
        char *out = pool.memory.allocate(&pool, 3 * size + 1);
        size_t put = 0;
        for (size_t i = 0; i < size; i++) {
            unsigned char byte = (unsigned char)body[i];
            uint32_t code = byte < 0x80 ? byte : charset->table[byte - 0x80];
            put += article_utf8_put(code != 0 ? code : byte, out + put);
        }
        body = out;
        size = put;
    }
    struct article_decoded decoded;
    struct article_decode_input input = {.body = {body, size}, .memory = &pool.memory};
    assert_int_equal(article_decode(&input, &decoded), ARTICLE_OK);
    assert_int_equal(decoded.text.size, strlen(text));
    assert_memory_equal(decoded.text.data, text, decoded.text.size);
    assert_string_equal(decoded.charset, "utf-8");
    if (rounds > 0) {
        assert_string_equal(decoded.mended, misread);
    } else {
        assert_null(decoded.mended);
    }
    pool_finish(&pool);
}

/* Labels that lie, bytes of two encodings in one text, characters that turn the order
 * of what follows: read, counted, and kept where they are text. */
static void test_lies(void **state)
{
    (void)state;
    static const struct {
        const char *bytes, *declared, *used, *part;
        size_t replacements;
    } cases[] = {
        {"\xe6\xd2\xc7\xd1\xc9 \xc7\xe1\xda\xe3\xe1 \xca\xda\xe1\xe4 "
         "\xe4\xca\xc7\xc6\xcc \xe3\xd3\xcd \xc7\xe1\xde\xe6\xec",
         "utf-8", "windows-1256", "وزارة العمل تعلن نتائج مسح القوى", 0},
        {"وزارة العمل تعلن", "windows-1256", "utf-8", "وزارة العمل تعلن", 0},
        {"وزارة العمل تعلن نتائج المسح \xc7\xe1", "utf-8", "utf-8",
         "وزارة العمل تعلن نتائج المسح \xef\xbf\xbd", 2},
        {"2 \xe2\x80\xae"
         "321 kg",
         "utf-8", "utf-8",
         "2 \xe2\x80\xae"
         "321 kg",
         0},
        {"\xd0\xe5\xea\xe0 \xe2\xfb\xf8\xeb\xe0 \xe8\xe7 \xe1\xe5\xf0\xe5"
         "\xe3\xee\xe2, \xe8 \xf2\xf0\xe8 \xf1\xe5\xeb\xe0 \xee\xf1"
         "\xf2\xe0\xeb\xe8\xf1\xfc \xe1\xe5\xe7 \xf1\xe2\xe5\xf2\xe0. "
         "\xca\xe0\xea \xf1\xee\xee\xe1\xf9\xe8\xeb\xe8 \xe2 \xe0\xe4\xec"
         "\xe8\xed\xe8\xf1\xf2\xf0\xe0\xf6\xe8\xe8, \xe2\xee\xe4\xf3 \xe8"
         "\xe7 \xe4\xee\xec\xee\xe2 \xee\xf2\xea\xe0\xf7\xe8\xe2\xe0\xfe\xf2"
         " \xf3\xe6\xe5 \xe2\xf2\xee\xf0\xfb\xe5 \xf1\xf3\xf2\xea\xe8,"
         " \xed\xee \xee\xed\xe0 \xe2\xf1\xb8 \xe5\xf9\xb8 \xf1\xf2"
         "\xee\xe8\xf2 \xed\xe0 \xf3\xeb\xe8\xf6\xe0\xf5, \xe8 \xfd"
         "\xf2\xee \xf2\xee\xeb\xfc\xea\xee \xed\xe0\xf7\xe0\xeb\xee.",
         "iso-8859-1", "windows-1251", "Река вышла из берегов", 0},
    };
    for (size_t i = 0; i < sizeof(cases) / sizeof(cases[0]); i++) {
        struct pool pool;
        struct article_decoded decoded;
        pool_init(&pool);
        struct article_decode_input input = {.body = slice(cases[i].bytes),
                                             .declared = slice(cases[i].declared),
                                             .memory = &pool.memory};
        assert_int_equal(article_decode(&input, &decoded), ARTICLE_OK);
        assert_string_equal(decoded.charset, cases[i].used);
        assert_non_null(strstr(pool_text(&pool, decoded.text), cases[i].part));
        assert_int_equal(decoded.replacements, cases[i].replacements);
        assert_non_null(decoded.declared); /* what was said stays on record */
        pool_finish(&pool);
    }
}

/* Every line misread once and twice is mended, and read as it is where it was not. */
static void test_twice(void **state)
{
    (void)state;
    struct pool pool;
    struct line lines[LINES_MOST];
    pool_init(&pool);
    size_t count = read_lines(&pool, lines), mended = 0;
    for (size_t i = 0; i < count; i++) {
        size_t high = 0;
        for (const char *p = lines[i].text; *p != '\0'; p++) {
            high += (unsigned char)*p >= 0xc0;
        }
        check_twice(lines[i].text, "windows-1252", 0);
        if (high >= 3) {
            check_twice(lines[i].text, "windows-1252", 1);
            check_twice(lines[i].text, "windows-1252", 2);
            check_twice(lines[i].text, "windows-1256", 1);
            mended++;
        }
    }
    assert_true(mended > 20);
    pool_finish(&pool);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(test_tables),     cmocka_unit_test(test_labels),
        cmocka_unit_test(test_undeclared), cmocka_unit_test(test_lies),
        cmocka_unit_test(test_twice),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
