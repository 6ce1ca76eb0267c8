/* Dates, languages, titles, addresses, class words. */
#include "support.h"

#include <stdlib.h>
#include <string.h>

#include "compose.h"
#include "dates.h"
#include "facts.h"
#include "language.h"
#include "libraries.h"
#include "page.h"
#include "text.h"
#include "text_date.h"

static void test_dates(void **state)
{
    static const struct {
        const char *text;
        int64_t seconds;
    } good[] = {
        {"2024-05-01", 1714521600},
        {"20240501", 1714521600},
        {"2024-05-01T10:00Z", 1714557600},
        {"2024-05-01T10:00:00+02:00", 1714550400},
        {"2024-05-01T10:00:00.123456-0530", 1714577400},
        {"20240501T100000Z", 1714557600},
        {"2024-05-01 10:00:00 +0200", 1714550400},
        {"2024-05-01T24:00:00Z", 1714608000},
        {"Wed, 01 May 2024 10:00:00 GMT", 1714557600},
        {"Wednesday, 01-May-24 10:00:00 GMT", 1714557600},
        {"Wed May  1 10:00:00 2024", 1714557600},
        {"May 1, 2024", 1714521600},
        {"1 Sept 2024", 1725148800},
        {"May 1, 2024 10:05 pm EST", 1714619100},
        {"May 1, 2024 12:05 am", 1714521900},
        {"2024-02-29", 1709164800},
        {"1969-12-31T23:59:59Z", -1},
    };
    static const char *const bad[] = {"",
                                      "2024",
                                      "2024-02-30",
                                      "2023-02-29",
                                      "2024-13-01",
                                      "0001-01-01",
                                      "3024-01-01",
                                      "yesterday",
                                      "2024-05-01T25:00",
                                      "05/01/2024",
                                      "منذ ساعة",
                                      "2024-05-01Tx",
                                      "12345678901234567890"};
    int64_t time;
    (void)state;
    for (size_t i = 0; i < sizeof(good) / sizeof(good[0]); i++) {
        if (!article_parse_date(slice(good[i].text), &time)) {
            fail_msg("not read: %s", good[i].text);
        }
        if (time / 1000 * 1000 == time || time > 0) {
            assert_int_equal((time - (time % 1000)) / 1000, good[i].seconds);
        }
    }
    for (size_t i = 0; i < sizeof(bad) / sizeof(bad[0]); i++) {
        if (article_parse_date(slice(bad[i]), &time)) {
            fail_msg("read: %s", bad[i]);
        }
    }
}

static void test_date_of_url(void **state)
{
    int64_t time;
    (void)state;
    assert_true(article_date_of_url(slice("https://a.example/n/2024/05/01/x"), &time));
    assert_int_equal(time, INT64_C(1714521600000));
    assert_true(article_date_of_url(slice("https://a.example/2024-05-01-x"), &time));
    assert_false(article_date_of_url(slice("https://a.example/2024/05/x"), &time));
    assert_false(article_date_of_url(slice("https://a.example/2024/05/123"), &time));
    assert_false(article_date_of_url(slice("https://a.example/2024/15/01/"), &time));
}

static void test_languages(void **state)
{
    static const char *const pairs[][2] = {
        {"en",
         "The harbour office said that the boats would not be back before the end "
         "of the week, and that it was not to blame for it."},
        {"de",
         "Die Hafenbehörde teilte mit, dass die Boote nicht vor dem Ende der Woche "
         "zurück sind und dass sie daran keine Schuld trägt."},
        {"fr",
         "La capitainerie a annoncé que les bateaux ne seraient pas de retour avant "
         "la fin de la semaine et qu’elle n’y est pour rien."},
        {"es",
         "La capitanía anunció que los barcos no volverán antes del fin de semana y "
         "que no tiene la culpa de lo que ha pasado en el puerto."},
        {"pt",
         "A capitania anunciou que os barcos não voltam antes do fim da semana e que "
         "não tem culpa do que aconteceu no porto, segundo a polícia."},
        {"it",
         "La capitaneria ha annunciato che le barche non torneranno prima della fine "
         "della settimana e che non è colpa sua se sono in ritardo."},
        {"nl",
         "Het havenbedrijf zei dat de boten niet voor het einde van de week terug "
         "zijn en dat het daar niets aan kan doen, want het is te laat."},
        {"pl",
         "Kapitanat portu podał, że łodzie nie wrócą przed końcem tygodnia i że nie "
         "jest to jego wina, bo tak się po prostu stało."},
        {"tr",
         "Liman başkanlığı teknelerin hafta sonundan önce dönmeyeceğini ve bunun için "
         "bir şey yapamayacağını, çünkü çok geç olduğunu söyledi."},
        {"ru",
         "Портовое управление сообщило, что лодки не вернутся до конца недели и что "
         "оно в этом не виновато, так как было уже поздно."},
        {"uk",
         "Портове управління повідомило, що човни не повернуться до кінця тижня і що "
         "воно в цьому не винне, бо було вже пізно."},
        {"bg",
         "Пристанищното управление съобщи, че лодките няма да се върнат до края на "
         "седмицата и че не е виновно за това, което е станало."},
        {"ar",
         "أعلنت إدارة الميناء أن القوارب لن تعود قبل نهاية الأسبوع، وقالت إن ذلك ليس "
         "خطأها، وإن التأخير كان من صنع الريح."},
        {"fa", "اداره بندر گفت که این تأخیر را باد باعث شده است و "
               "او در آن نقشی ندارد، اما تا پایان هفته باز است."},
        {"ko", "항만청은 배들이 주말 전에는 돌아오지 않을 것이라고 밝혔다."},
        {"ja", "港湾局は、船は週末まで戻らないと発表した。"},
        {"zh", "港务局表示，船只在周末之前不会返回。"},
        {"el", "Το λιμεναρχείο ανακοίνωσε ότι τα πλοία δεν θα επιστρέψουν."},
        {"he", "רשות הנמל הודיעה כי הסירות לא יחזרו לפני סוף השבוע."},
        {"hi", "बंदरगाह कार्यालय ने कहा कि नावें सप्ताहांत से पहले नहीं लौटेंगी।"},
    };
    (void)state;
    for (size_t i = 0; i < sizeof(pairs) / sizeof(pairs[0]); i++) {
        struct pool pool;
        pool_init(&pool);
        struct article_language found = article_detect_language(slice(pairs[i][1]));
        if (found.tag == NULL || strcmp(found.tag, pairs[i][0]) != 0) {
            fail_msg("%s read as %s", pairs[i][0], found.tag ? found.tag : "nothing");
        }
        assert_true(found.confidence > 0.5 && found.confidence <= 1);
        pool_finish(&pool);
    }
}

static void test_declared_language(void **state)
{
    static const char english[] =
        "The harbour office said that the boats would not be back before the end of "
        "the "
        "week, and that it was not to blame for it, as they had been told to wait.";
    static const char *const rows[][3] = {
        {english, "en_us", "en-US"},
        {english, "de", "en"},
        {english, "", "en"},
        {english, "not a tag", "en"},
        {english, "sr-latn-rs", "en"},
        {"12 345", "pt-br", "pt-BR"},
        {"12 345", "", ""},
        {"12 345", "x", ""},
        {"", "zh-hant-tw", "zh-Hant-TW"},
        {"Ja.", "nn", "nn"},
    };
    (void)state;
    for (size_t i = 0; i < sizeof(rows) / sizeof(rows[0]); i++) {
        struct pool pool;
        struct article_slice tag;
        double confidence;
        pool_init(&pool);
        article_decide_language(&pool.memory, slice(rows[i][0]), slice(rows[i][1]),
                                &tag, &confidence);
        assert_string_equal(pool_text(&pool, tag), rows[i][2]);
        assert_true(confidence >= 0 && confidence <= 1);
        pool_finish(&pool);
    }
}

static bool is_heading(const void *context, struct article_slice part)
{
    return article_same(part, context);
}

static void test_titles(void **state)
{
    static const char *const rows[][5] = {
        /* title, outlet, heading, bare title, site */
        {"A - B | The Quay", "The Quay", "", "A - B", "The Quay"},
        {"The Quay: A", "The Quay", "", "The Quay: A", ""},
        {"The Quay — A", "the quay", "", "A", "The Quay"},
        {"A - B - C", "", "A - B", "A - B", "C"},
        {"A - B", "", "", "A - B", ""},
        {"A | Quay", "Quay Online", "", "A", "Quay"},
        {"", "Quay", "", "", ""},
    };
    (void)state;
    for (size_t i = 0; i < sizeof(rows) / sizeof(rows[0]); i++) {
        struct pool pool;
        pool_init(&pool);
        struct article_title split = article_split_title(
            slice(rows[i][0]), slice(rows[i][1]), is_heading, rows[i][2]);
        assert_string_equal(pool_text(&pool, split.title), rows[i][3]);
        assert_string_equal(pool_text(&pool, split.site), rows[i][4]);
        pool_finish(&pool);
    }
}

static void test_canonical(void **state)
{
    static const char *const rows[][3] = {
        {"https://a.example/x", "http://www.a.example/y?z", "https://a.example/x"},
        {"/x", "https://a.example:8080/p/q?r", "https://a.example:8080/x"},
        {"x.html", "https://a.example/p/q?r=/s", "https://a.example/p/x.html"},
        {"//a.example/x", "http://m.a.example/", "http://a.example/x"},
        {"https://b.example/x", "https://a.example/x", ""},
        {"https://a.example.evil/x", "https://a.example/x", ""},
        {"javascript://a.example/x", "https://a.example/x", ""},
        {"", "https://a.example/x", ""},
        {"/x", "", ""},
    };
    (void)state;
    for (size_t i = 0; i < sizeof(rows) / sizeof(rows[0]); i++) {
        struct pool pool;
        pool_init(&pool);
        struct article_slice found =
            article_canonical(&pool.memory, slice(rows[i][0]), slice(rows[i][1]));
        assert_string_equal(pool_text(&pool, found), rows[i][2]);
        pool_finish(&pool);
    }
}

/* Every code point by itself, and behind letters that many marks join: what is called
 * composed is what the library leaves alone. */
static void test_composed(void **state)
{
    (void)state;
    struct pool pool;
    pool_init(&pool);
    assert_non_null(compose_library());
    static const char *const before[] = {"", "a", "ا", "か", "가", "क"};
    for (uint32_t code = 0x80; code < 0x20000; code++) {
        for (size_t i = 0; i < 6 && (code < 0xd800 || code > 0xdfff); i++) {
            char text[16];
            size_t size = strlen(before[i]);
            memcpy(text, before[i], size);
            size += article_utf8_put(code, text + size);
            struct article_slice given = {text, size};
            uint8_t *made = NULL;
            ssize_t length = compose_library()->map(
                (const uint8_t *)text, (ssize_t)size, &made,
                (utf8proc_option_t)(UTF8PROC_STABLE | UTF8PROC_COMPOSE));
            bool same = length == (ssize_t)size && memcmp(made, text, size) == 0;
            free(made);
            if (!same && article_is_composed(given)) {
                print_error("U+%04X\n", (unsigned)code);
            }
            assert_true(same || !article_is_composed(given));
        }
    }
    struct article_slice composed = article_compose(&pool.memory, slice("e\xcc\x81 e"));
    assert_string_equal(composed.data, "\xc3\xa9 e");
    pool_finish(&pool);
}

static void check_shown(const char *text, const char *language, const char *date)
{
    struct article_text_date found;
    int64_t wanted;
    bool read = article_find_text_date(slice(text), slice(language), &found);
    if (date == NULL) {
        assert_false(read);
        return;
    }
    assert_true(read);
    assert_true(article_parse_date(slice(date), &wanted));
    if (found.milliseconds != wanted) {
        print_error("%s is read as another date than %s\n", text, date);
    }
    assert_true(found.milliseconds == wanted);
}

/* Dates as pages show them: months by name in the page's language, digits of its
 * script, the order of its numbers, its calendar. */
static void test_shown_dates(void **state)
{
    (void)state;
    check_shown("Published 24 November 2025", "en-GB", "2025-11-24");
    check_shown("Nov. 24, 2025, 3:05 pm by us", "en", "2025-11-24T03:05");
    check_shown("samedi 14 février 2026", "fr", "2026-02-14");
    check_shown("Montag, 2. März 2026, 14:05 Uhr", "de", "2026-03-02T14:05");
    check_shown("el 3 de mayo de 2026", "es", "2026-05-03");
    check_shown("17 мая 2026 года", "ru", "2026-05-17");
    check_shown("8 Ocak 2026", "tr", "2026-01-08");
    check_shown("25 فبراير 2026 - 09:10", "ar", "2026-02-25T09:10");
    check_shown("٢٥ كانون الثاني ٢٠٢٦", "ar", "2026-01-25");
    check_shown("21 بدצמ׳ 2025", "he", NULL);
    check_shown("2026年03月18日 06:52", "zh", "2026-03-18T06:52");
    check_shown("2025년 9월 3일", "ko", "2025-09-03");
    check_shown("۲۱ بهمن ۱۴۰۴، ۸:۴۱", "fa", "2026-02-10T08:41");
    check_shown("30 اسفند 1399", "fa", "2021-03-20");
    check_shown("15 มกราคม 2569", "th", "2026-01-15");
    check_shown("19/08/2025", "ar", "2025-08-19");
    check_shown("03/04/2025", "en-US", "2025-03-04");
    check_shown("03/04/2025", "en-GB", "2025-04-03");
    check_shown("12.10.2025", "ru", "2025-10-12");
    check_shown("28 listopada 2025", "pl", "2025-11-28");
    check_shown("28. listopada 2025.", "hr", "2025-10-28");
    check_shown("31 February 2025", "en", NULL);
    check_shown("room 12 of 2025 visitors", "en", NULL);
    check_shown("", "en", NULL);
}

static uint8_t hint(const char *words)
{
    bool dated = false;
    return article_class_hint(words, &dated);
}

static void test_class_words(void **state)
{
    (void)state;
    assert_int_equal(hint("story-body"), 0);
    assert_int_equal(hint("relatedLinks"), NODE_DOUBTFUL);
    assert_int_equal(hint("js-cookie_banner"), NODE_DOUBTFUL | NODE_FOREIGN);
    assert_int_equal(hint("has-sidebar no-menu tag-share"), 0);
    assert_int_equal(hint("headline shadow download"), 0);
    assert_int_equal(hint("a ads"), NODE_DOUBTFUL);
    assert_int_equal(hint(""), 0);
    assert_int_equal(hint("xxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxmenu"), 0);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(test_dates),       cmocka_unit_test(test_date_of_url),
        cmocka_unit_test(test_languages),   cmocka_unit_test(test_declared_language),
        cmocka_unit_test(test_titles),      cmocka_unit_test(test_canonical),
        cmocka_unit_test(test_class_words), cmocka_unit_test(test_shown_dates),
        cmocka_unit_test(test_composed),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
