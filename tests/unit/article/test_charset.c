#include "support.h"

#include <string.h>

#include "charset.h"
#include "text.h"

/* Decodes and compares; `wanted_charset` NULL: any. */
static void check(struct article_slice body, const char *declared, const char *charset,
                  const char *text, size_t replacements)
{
    struct pool pool;
    struct article_decoded decoded;
    struct article_decode_input input = {.body = body,
                                         .declared = slice(declared),
                                         .markup = true,
                                         .memory = &pool.memory};
    pool_init(&pool);
    assert_int_equal(article_decode(&input, &decoded), ARTICLE_OK);
    assert_string_equal(decoded.charset, charset);
    assert_string_equal(pool_text(&pool, decoded.text), text);
    assert_int_equal(decoded.replacements, replacements);
    pool_finish(&pool);
}

static struct article_slice bytes(const char *data, size_t size)
{
    return (struct article_slice){data, size};
}

#define BYTES(literal) bytes(literal, sizeof(literal) - 1)

static void test_labels(void **state)
{
    static const char *const pairs[][2] = {
        {"ISO-8859-1", "windows-1252"},
        {" ascii ", "windows-1252"},
        {"latin5", "windows-1254"},
        {"iso-8859-9", "windows-1254"},
        {"GB2312", "gbk"},
        {"utf8", "utf-8"},
        {"x-sjis", "shift_jis"},
        {"ks_c_5601-1987", "euc-kr"},
        {"arabic", "iso-8859-6"},
        {"cp1256", "windows-1256"},
        {"tis-620", "windows-874"},
        {"koi", "koi8-r"},
    };
    (void)state;
    for (size_t i = 0; i < sizeof(pairs) / sizeof(pairs[0]); i++) {
        const struct article_charset *found =
            article_charset_by_label(slice(pairs[i][0]));
        assert_non_null(found);
        assert_string_equal(found->name, pairs[i][1]);
    }
    static const char *const none[] = {"", " ", "utf", "windows", "8859", "utf-8 l1"};
    for (size_t i = 0; i < sizeof(none) / sizeof(none[0]); i++) {
        assert_null(article_charset_by_label(slice(none[i])));
    }
}

static void test_prescan(void **state)
{
    static const char *const pairs[][2] = {
        {"<meta charset=koi8-r>", "koi8-r"},
        {"<META CHARSET = 'big5' />", "big5"},
        {"<meta http-equiv=content-type content='text/html; charset=\"euc-jp\"'>",
         "euc-jp"},
        {"<!-- <meta charset=koi8-r> --><meta charset=big5>", "big5"},
        {"<?xml version='1.0' encoding='windows-1251'?><html>", "windows-1251"},
        {"<metadata charset=big5><meta charset=none><meta charset=gbk>", "gbk"},
        {"<meta name=x content=charset>", ""},
        {"<meta charset=", ""},
        {"<meta", ""},
        {"<!-- <meta charset=big5>", ""},
    };
    (void)state;
    for (size_t i = 0; i < sizeof(pairs) / sizeof(pairs[0]); i++) {
        struct pool pool;
        pool_init(&pool);
        struct article_slice found = article_charset_prescan(slice(pairs[i][0]), 1024);
        assert_string_equal(pool_text(&pool, found), pairs[i][1]);
        pool_finish(&pool);
    }
    struct article_slice late = slice("                <meta charset=big5>");
    assert_int_equal(article_charset_prescan(late, 20).size, 0);
}

static void test_order(void **state)
{
    (void)state;
    /* A byte order mark wins over everything, and is no text. */
    check(BYTES("\xef\xbb\xbf\xc3\xa9"), "windows-1251", "utf-8", "é", 0);
    check(BYTES("\xff\xfe<\0p\0>\0\x35\x06"), "utf-8", "utf-16le", "<p>ص", 0);
    check(BYTES("\xfe\xff\0<\0p\0>\x06\x35"), "", "utf-16be", "<p>ص", 0);
    /* HTTP wins over <meta>. */
    check(BYTES("<meta charset=koi8-r>\xe4"), "windows-1251", "windows-1251",
          "<meta charset=koi8-r>д", 0);
    check(BYTES("<meta charset=koi8-r>\xe4"), "", "koi8-r", "<meta charset=koi8-r>Д",
          0);
    /* What is strictly UTF-8 is UTF-8. */
    check(BYTES("<meta charset=windows-1256>\xd8\xa7\xd9\x84"), "iso-8859-6", "utf-8",
          "<meta charset=windows-1256>ال", 0);
    /* ASCII alone says nothing: what was declared stands. */
    check(BYTES("plain"), "windows-1256", "windows-1256", "plain", 0);
    check(BYTES("plain"), "", "utf-8", "plain", 0);
    check(BYTES("plain"), "no-such-label", "utf-8", "plain", 0);
    check(BYTES("p\0l\0a\0i\0n\0!\0.\0.\0"), "", "utf-16le", "plain!..", 0);
}

static void test_damage(void **state)
{
    (void)state;
    /* Nearly UTF-8: replaced and counted, one for each longest wrong prefix. */
    check(BYTES("ééééé\xe2\x82|"), "utf-8", "utf-8", "ééééé\xef\xbf\xbd|", 1);
    check(BYTES("éééééééééééé\xf0\x80\x80"), "utf-8", "utf-8",
          "éééééééééééé\xef\xbf\xbd\xef\xbf\xbd\xef\xbf\xbd", 3);
    check(BYTES("éééé\xed\xa0\x80"
                "éééééééé"),
          "", "utf-8",
          "éééé\xef\xbf\xbd\xef\xbf\xbd\xef\xbf\xbd"
          "éééééééé",
          3);
    /* Undefined in the table. */
    check(BYTES("\xc1\xa1"), "iso-8859-6", "iso-8859-6", "ء\xef\xbf\xbd", 1);
    /* A stray byte and a cut sequence in multi-byte encodings. */
    check(BYTES("\x82\xa0\xff\x82\xa2\x82"), "shift_jis", "shift_jis",
          "あ\xef\xbf\xbdい\xef\xbf\xbd", 2);
    /* Said to be UTF-8, is not: read as what it looks like. */
    check(BYTES("Stra\xdf"
                "e"),
          "utf-8", "windows-1252", "Straße", 0);
}

static void test_multibyte(void **state)
{
    (void)state;
    check(BYTES("\xc4\xe3\xba\xc3"), "gb2312", "gbk", "你好", 0);
    check(BYTES("\xc4\xe3\x81\x30\x81\x30"), "gb18030", "gb18030", "你", 0);
    check(BYTES("\xa7\x41"), "big5", "big5", "你", 0);
    check(BYTES("\xbe\xc8\xb3\xe7"), "euc-kr", "euc-kr", "안녕", 0);
    check(BYTES("\xa4\xa2"), "euc-jp", "euc-jp", "あ", 0);
    check(BYTES("\x1b$B$\"\x1b(B!"), "iso-2022-jp", "iso-2022-jp", "あ!", 0);
}

static void test_controls(void **state)
{
    (void)state;
    check(BYTES("a\0b\x01\x1b\tc\r\nd\x7f"), "", "utf-8", "ab\tc\r\nd", 0);
    check(BYTES("\xc2\x85|\xe2\x80\xa8|\xc2\x9f|\xef\xbb\xbf|\xc2\xad|\xe2\x80\x8f"),
          "", "utf-8", "\n|\n||||\xe2\x80\x8f", 0);
    check(BYTES("\x85\xad\x81|"), "windows-1252", "windows-1252", "…|", 0);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(test_labels),    cmocka_unit_test(test_prescan),
        cmocka_unit_test(test_order),     cmocka_unit_test(test_damage),
        cmocka_unit_test(test_multibyte), cmocka_unit_test(test_controls),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
