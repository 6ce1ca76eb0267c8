#include "checks.h"

#include <string.h>

#include "text.h"

#define LITTLE_TEXT 800 /* an article has more, or its title is no error's */
#define TITLE_BYTES 90  /* a longer title tells a story */

static bool names(struct article_slice title, const char *const *phrases, size_t count)
{
    for (size_t i = 0; title.size <= TITLE_BYTES && i < count; i++) {
        if (article_find(title, phrases[i]) != SIZE_MAX) {
            return true;
        }
    }
    return false;
}

/* "404", "Error 500": the title begins with the number or with a word and the number.
 */
static bool begins_with_status(struct article_slice title)
{
    static const char *const words[] = {"error ",  "http ",   "http error ", "erreur ",
                                        "fehler ", "ошибка ", "خطأ "};
    for (size_t i = 0; i < sizeof(words) / sizeof(words[0]); i++) {
        if (article_begins(title, words[i])) {
            title.data += strlen(words[i]);
            title.size -= strlen(words[i]);
            break;
        }
    }
    return title.size >= 3 && (title.data[0] == '4' || title.data[0] == '5') &&
           title.data[1] == '0' && title.data[2] >= '0' && title.data[2] <= '9' &&
           (title.size == 3 || title.data[3] == ' ' || title.data[3] == ':' ||
            title.data[3] == '-');
}

static bool is_error(struct article_slice title)
{
    static const char *const phrases[] = {"not found",
                                          "page unavailable",
                                          "no longer available",
                                          "internal server error",
                                          "service unavailable",
                                          "bad gateway",
                                          "temporarily unavailable",
                                          "access denied",
                                          "forbidden",
                                          "under maintenance",
                                          "nicht gefunden",
                                          "nicht verfügbar",
                                          "introuvable",
                                          "page non trouvée",
                                          "no encontrada",
                                          "no encontrado",
                                          "não encontrada",
                                          "non trovata",
                                          "niet gevonden",
                                          "nie znaleziono",
                                          "nenalezena",
                                          "hittades inte",
                                          "ikke fundet",
                                          "bulunamadı",
                                          "не найдена",
                                          "не найден",
                                          "не знайдено",
                                          "غير موجودة",
                                          "لم يتم العثور",
                                          "الصفحة غير متاحة",
                                          "یافت نشد",
                                          "לא נמצא",
                                          "找不到",
                                          "页面不存在",
                                          "見つかりません",
                                          "찾을 수 없습니다",
                                          "ไม่พบหน้า"};
    return begins_with_status(title) ||
           names(title, phrases, sizeof(phrases) / sizeof(phrases[0]));
}

static bool is_challenge(struct article_slice title)
{
    static const char *const phrases[] = {"just a moment",      "checking your browser",
                                          "attention required", "are you a robot",
                                          "are you human",      "verify you are human",
                                          "security check",     "captcha",
                                          "ddos-guard",         "please enable cookies",
                                          "unusual traffic"};
    return names(title, phrases, sizeof(phrases) / sizeof(phrases[0]));
}

const char *article_unexpected(const struct page *page, const struct article *article)
{
    static const char *const entries[] = {
        "log in",    "login",        "sign in",        "anmelden", "einloggen",
        "connexion", "se connecter", "iniciar sesión", "accedi",   "inloggen",
        "zaloguj",   "giriş",        "вход",           "увійти",   "تسجيل الدخول",
        "ورود",      "התחברות",      "登录",           "登入",     "ログイン",
        "로그인"};
    const struct article_slice titles[] = {page->title_tag, page->heading,
                                           article->title};
    bool login = false;
    if (article->text.size > LITTLE_TEXT) {
        return NULL;
    }
    for (size_t i = 0; i < sizeof(titles) / sizeof(titles[0]); i++) {
        if (is_error(titles[i])) {
            return "an error page";
        }
        if (is_challenge(titles[i])) {
            return "a check for robots";
        }
        login =
            login || names(titles[i], entries, sizeof(entries) / sizeof(entries[0]));
    }
    bool empty = article->text.size < LITTLE_TEXT / 2;
    return page->password && (login || empty) ? "a login page" : NULL;
}
