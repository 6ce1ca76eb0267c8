#include "feed_date_words.h"

#include <stdint.h>
#include <string.h>

#define WORD_MOST 64 /* bytes of a word, and its NUL */

/* Names of months as CLDR and newspapers have them, lower case, by language. A word
 * that means two months in two languages stands in none. */
struct months {
    const char *names; /* separated by blanks */
    const char *month;
};

static const struct months months[] = {
    /* Arabic: the names of Egypt, of the Levant, of the Maghreb */
    {"يناير كانون_الثاني جانفي", "jan"},
    {"فبراير شباط فيفري", "feb"},
    {"مارس آذار اذار", "mar"},
    {"أبريل ابريل إبريل نيسان أفريل", "apr"},
    {"مايو أيار ايار ماي", "may"},
    {"يونيو حزيران جوان", "jun"},
    {"يوليو يوليوز تموز جويلية", "jul"},
    {"أغسطس اغسطس آب أوت غشت", "aug"},
    {"سبتمبر أيلول ايلول شتنبر", "sep"},
    {"أكتوبر اكتوبر تشرين_الأول تشرين_الاول", "oct"},
    {"نوفمبر تشرين_الثاني نونبر", "nov"},
    {"ديسمبر كانون_الأول كانون_الاول دجنبر", "dec"},
    /* Persian and Urdu names of the same months */
    {"ژانویه جنوری", "jan"},
    {"فوریه فروری", "feb"},
    {"مارچ", "mar"},
    {"آوریل اپریل", "apr"},
    {"مه مئی", "may"},
    {"ژوئن جون", "jun"},
    {"ژوئیه جولائی", "jul"},
    {"اوت اگست", "aug"},
    {"سپتامبر ستمبر", "sep"},
    {"اکتبر اکتوبر", "oct"},
    {"نوامبر نومبر", "nov"},
    {"دسامبر دسمبر", "dec"},
    /* Hebrew */
    {"ינואר בינואר", "jan"},
    {"פברואר בפברואר", "feb"},
    {"מרץ במרץ", "mar"},
    {"אפריל באפריל", "apr"},
    {"מאי במאי", "may"},
    {"יוני ביוני", "jun"},
    {"יולי ביולי", "jul"},
    {"אוגוסט באוגוסט", "aug"},
    {"ספטמבר בספטמבר", "sep"},
    {"אוקטובר באוקטובר", "oct"},
    {"נובמבר בנובמבר", "nov"},
    {"דצמבר בדצמבר", "dec"},
    /* Russian, Ukrainian, Bulgarian, Serbian */
    {"января январь янв січня січень януари јануар", "jan"},
    {"февраля февраль фев лютого лютий февруари фебруар", "feb"},
    {"марта март мар березня березень", "mar"},
    {"апреля апрель апр квітня квітень април", "apr"},
    {"мая май травня травень мај", "may"},
    {"июня июнь июн червня червень юни јун јуни", "jun"},
    {"июля июль июл липня липень юли јул јули", "jul"},
    {"августа август авг серпня серпень", "aug"},
    {"сентября сентябрь сен сент вересня вересень септември септембар", "sep"},
    {"октября октябрь окт жовтня жовтень октомври октобар", "oct"},
    {"ноября ноябрь ноя листопада листопад ноември новембар", "nov"},
    {"декабря декабрь дек грудня грудень декември децембар", "dec"},
    /* Latin scripts */
    {"januar jänner januari janvier janv enero ene gennaio gen janeiro ianuarie ocak "
     "stycznia "
     "styczeń ledna leden januára január tammikuuta ιανουαρίου ιαν",
     "jan"},
    {"februar februari février févr fevrier febrero febbraio fevereiro fev februarie "
     "şubat lutego "
     "luty února únor februára február helmikuuta φεβρουαρίου φεβ",
     "feb"},
    {"märz mrz maart mars marzo março marco martie mart marca marzec března březen "
     "március "
     "maaliskuuta μαρτίου μαρ",
     "mar"},
    {"april avril avr abril abr aprile aprilie nisan kwietnia kwiecień dubna duben "
     "apríla "
     "április huhtikuuta απριλίου απρ",
     "apr"},
    {"mai maj mei mayo maggio mag maio mayıs maja května květen mája május toukokuuta "
     "μαΐου "
     "μαι",
     "may"},
    {"juni juin junio giugno giu junho iunie haziran czerwca czerwiec června červen "
     "júna június "
     "kesäkuuta ιουνίου ιουν",
     "jun"},
    {"juli juillet juil julio luglio lug julho iulie temmuz lipca lipiec července "
     "červenec júla "
     "július heinäkuuta ιουλίου ιουλ",
     "jul"},
    {"august augusti augustus août aout agosto ago agustus ağustos sierpnia sierpień "
     "srpna srpen "
     "augusta augusztus elokuuta αυγούστου αυγ",
     "aug"},
    {"september septembre septiembre settembre setembro set septembrie eylül września "
     "wrzesień "
     "září szeptember syyskuuta σεπτεμβρίου σεπ",
     "sep"},
    {"oktober octobre octubre ottobre ott outubro out octombrie ekim października "
     "październik "
     "října říjen október októbra lokakuuta οκτωβρίου οκτ",
     "oct"},
    {"november novembre noviembre novembro noiembrie kasım listopada listopad novembra "
     "marraskuuta νοεμβρίου νοε",
     "nov"},
    {"dezember december décembre decembre diciembre dic dicembre dezembro dez "
     "decembrie aralık "
     "grudnia grudzień prosince prosinec decembra joulukuuta δεκεμβρίου δεκ desember",
     "dec"},
};

/* Words that say nothing here: of, the, at, and weekdays that begin like a month. */
static const char *const silent =
    "de del di den der le el la les dia ngày ngay kl um à a as às alle ore г года "
    "року р в о mardi martes martedì martedi marți salı";

/* ---- characters ---- */

static size_t character_size(const char *at)
{
    unsigned char byte = (unsigned char)*at;
    size_t size = byte < 0x80 ? 1 : byte < 0xE0 ? 2 : byte < 0xF0 ? 3 : 4;
    for (size_t i = 1; i < size; i++) {
        if (((unsigned char)at[i] & 0xC0U) != 0x80U) {
            return 1;
        }
    }
    return size;
}

static uint32_t decode(const char *at, size_t size)
{
    const unsigned char *byte = (const unsigned char *)at;
    switch (size) {
    case 2:
        return (uint32_t)(byte[0] & 0x1FU) << 6 | (byte[1] & 0x3FU);
    case 3:
        return (uint32_t)(byte[0] & 0x0FU) << 12 | (uint32_t)(byte[1] & 0x3FU) << 6 |
               (byte[2] & 0x3FU);
    default:
        return byte[0];
    }
}

/* ASCII for the digits of Arabic, Persian, Devanagari, Bengali and Thai, or 0. */
static char ascii_digit(uint32_t code)
{
    static const uint32_t zeros[] = {0x660, 0x6F0, 0x966, 0x9E6, 0xE50, 0xFF10};
    for (size_t i = 0; i < sizeof zeros / sizeof zeros[0]; i++) {
        if (code >= zeros[i] && code <= zeros[i] + 9) {
            return (char)('0' + (code - zeros[i]));
        }
    }
    return 0;
}

/* What a sign means in a date: year, month and day of East Asia, marks of other
 * scripts, blanks of all kinds; 0 when it is none of these, '\1' when it vanishes. */
static char ascii_sign(uint32_t code)
{
    switch (code) {
    case 0x5E74: /* 年 */
    case 0x6708: /* 月 */
    case 0xB144: /* 년 */
    case 0xC6D4: /* 월 */
        return '-';
    case 0x65E5: /* 日 */
    case 0xC77C: /* 일 */
    case 0xA0:
    case 0x202F:
    case 0x3000:
    case 0x2009:
        return ' ';
    case 0x60C: /* Arabic comma */
    case 0x3001:
        return ',';
    case 0x200E:
    case 0x200F:
    case 0x202A:
    case 0x202B:
    case 0x202C:
    case 0x61C:
    case 0xFEFF:
        return '\1';
    default:
        return 0;
    }
}

/* Lower case of Latin-1, Latin Extended-A, Greek and Cyrillic capitals, as UTF-8. */
static size_t add_lower(char *out, const char *at, size_t size)
{
    uint32_t code = decode(at, size);
    if (code >= 'A' && code <= 'Z') {
        code += 32;
    } else if ((code >= 0xC0 && code <= 0xDE && code != 0xD7) ||
               (code >= 0x391 && code <= 0x3A9) || (code >= 0x410 && code <= 0x42F)) {
        code += 32;
    } else if (code >= 0x400 && code <= 0x40F) {
        code += 80;
    } else if (size == 2 && code >= 0x100 && code <= 0x17F && (code & 1U) == 0 &&
               code != 0x130 && code != 0x138) {
        code += code < 0x139 || code > 0x148 ? 1 : 0;
    }
    if (code < 0x80) {
        out[0] = (char)code;
        return 1;
    }
    if (code < 0x800) {
        out[0] = (char)(0xC0U | code >> 6);
        out[1] = (char)(0x80U | (code & 0x3FU));
        return 2;
    }
    memcpy(out, at, size);
    return size;
}

/* ---- words ---- */

static bool is_listed(const char *list, const char *word)
{
    size_t length = strlen(word);
    for (const char *at = list; *at != '\0';) {
        size_t size = strcspn(at, " ");
        if (size == length && memcmp(at, word, size) == 0) {
            return true;
        }
        at += size + strspn(at + size, " ");
    }
    return false;
}

static const char *month_of(const char *word)
{
    for (size_t i = 0; i < sizeof months / sizeof months[0]; i++) {
        if (is_listed(months[i].names, word)) {
            return months[i].month;
        }
    }
    return NULL;
}

static bool is_letter(const char *at, size_t size)
{
    uint32_t code = decode(at, size);
    if (size == 1) {
        return (*at >= 'a' && *at <= 'z') || (*at >= 'A' && *at <= 'Z');
    }
    return ascii_digit(code) == 0 && ascii_sign(code) == 0;
}

/* The word at `text` in lower case; returns how long it is there. One that is too long
 * is cut, and so is known to no list. */
static size_t take_word(const char *text, char word[WORD_MOST])
{
    size_t used = 0, size = 0;
    while (text[used] != '\0') {
        size_t length = character_size(text + used);
        if (!is_letter(text + used, length)) {
            break;
        }
        if (size + 4 < WORD_MOST) {
            size += add_lower(word + size, text + used, length);
        }
        used += length;
    }
    word[size] = '\0';
    return used;
}

/* Months of two words: كانون الثاني. Joins the next word when the two are one name. */
static size_t join_word(const char *text, size_t used, char word[WORD_MOST])
{
    char both[2 * WORD_MOST];
    char next[WORD_MOST];
    size_t size = strlen(word);
    if (text[used] != ' ' || size == 0) {
        return used;
    }
    size_t more = take_word(text + used + 1, next);
    memcpy(both, word, size);
    both[size] = '_';
    memcpy(both + size + 1, next, strlen(next) + 1);
    if (more == 0 || month_of(both) == NULL) {
        return used;
    }
    const char *month = month_of(both);
    memcpy(word, month, strlen(month) + 1);
    return used + 1 + more;
}

static bool is_ascii(const char *word)
{
    for (; *word != '\0'; word++) {
        if ((unsigned char)*word >= 0x80) {
            return false;
        }
    }
    return true;
}

/* Of a word its month, nothing when it says nothing or is of another script, else
 * itself.
 */
static const char *translate(const char *word)
{
    const char *month = month_of(word);
    if (month != NULL) {
        return month;
    }
    if (strcmp(word, "ص") == 0) {
        return "am";
    }
    if (strcmp(word, "م") == 0) {
        return "pm";
    }
    return is_listed(silent, word) || !is_ascii(word) ? "" : word;
}

bool feed_date_translate(const char *text, char *out)
{
    bool changed = false;
    size_t size = 0;
    char word[WORD_MOST];
    for (size_t at = 0; text[at] != '\0' && size + WORD_MOST < FEED_DATE_MOST;) {
        size_t length = character_size(text + at);
        if (is_letter(text + at, length)) {
            size_t used = take_word(text + at, word);
            size_t joined = join_word(text + at, used, word);
            const char *other = joined > used ? word : translate(word);
            changed = changed || joined > used || strcmp(other, word) != 0;
            memcpy(out + size, other, strlen(other));
            size += strlen(other);
            at += joined;
            continue;
        }
        uint32_t code = decode(text + at, length);
        char plain = ascii_digit(code);
        plain = plain == 0 ? ascii_sign(code) : plain;
        changed = changed || plain != 0;
        plain = plain == 0 ? text[at] : plain;
        if (plain != '\1') {
            out[size++] = plain;
        }
        at += length;
        at += plain == '-' && text[at - 1] != '-' && text[at] == ' ' ? 1 : 0;
    }
    out[size] = '\0';
    /* What the names left behind, such as the comma behind a weekday. */
    size_t start =
        strcspn(out, "0123456789abcdefghijklmnopqrstuvwxyzABCDEFGHIJKLMNOPQRSTUVWXYZ");
    memmove(out, out + start, size - start + 1);
    return changed;
}
