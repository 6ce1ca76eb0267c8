#include "evidence.h"

#include <string.h>

#include "alphabets.h"
#include "language.h"
#include "libraries.h"
#include "scripts.h"
#include "text.h"

#define DETECT_REACH 131072
#define SAMPLE_BYTES 6000
#define CLEARLY      0.35 /* by so much another must read better than what was said */
#define READABLE     0.40 /* what reads worse is left to uchardet */
#define COMMON       0.02 /* by so much a rarer encoding must read better */
#define SELDOM       0.10 /* the same for those from candidate number RARE on */
#define RARE         18
#define PAIRS_LEAST  6
#define FEW_BYTES    12 /* beyond ASCII: fewer tell nothing against what was said */

static const struct article_charset *charset_named(const char *name)
{
    return article_charset_by_label(article_slice_of(name));
}

/* Text between tags that holds bytes beyond ASCII: they are what is to be told. */
static struct article_slice take_sample(const struct article_memory *memory,
                                        struct article_slice body, bool markup)
{
    struct article_slice none = {NULL, 0};
    char *out = memory->allocate(memory->user, SAMPLE_BYTES);
    size_t size = 0, start = 0;
    if (out == NULL) {
        return none;
    }
    while (start < body.size && size < SAMPLE_BYTES) {
        size_t end = start;
        bool high = false, tag = markup && body.data[start] == '<';
        for (; end < body.size; end++) {
            char c = body.data[end];
            if (markup && end > start && (c == '<' || (tag && c == '>'))) {
                break;
            }
            high = high || (unsigned char)c >= 0x80;
            if (!markup && c == '\n') {
                end++;
                break;
            }
        }
        size_t take = end - start;
        if (high && !tag) {
            take = take < SAMPLE_BYTES - size ? take : SAMPLE_BYTES - size;
            memcpy(out + size, body.data + start, take);
            size += take;
            if (size < SAMPLE_BYTES) {
                out[size++] = ' ';
            }
        }
        start = tag && end < body.size && body.data[end] == '>' ? end + 1 : end;
    }
    return (struct article_slice){out, size};
}

static uint32_t code_of(const struct article_charset *charset, char byte)
{
    unsigned char value = (unsigned char)byte;
    return value < 0x80 ? value : charset->table[value - 0x80];
}

static struct article_slice read_sample(const struct article_charset *charset,
                                        struct article_slice sample, char *out)
{
    size_t size = 0;
    for (size_t i = 0; i < sample.size; i++) {
        uint32_t code = code_of(charset, sample.data[i]);
        size += article_utf8_put(code != 0 ? code : 0xfffd, out + size);
    }
    return (struct article_slice){out, size};
}

/* Quotes, dots and dashes close a word; other symbols do not stand at its end. */
static bool may_close(uint32_t code)
{
    return (code >= 0x2010 && code <= 0x2030) || code == 0xbb || code == 0xab ||
           code == 0xb0 || code == 0xa0 || code == 0xb7 || code == 0x60c ||
           code == 0x61b || code == 0x61f || code == 0x2122 || code == 0x20ac;
}

/* The share of bytes beyond ASCII that become no letters although a letter, or what
 * should be one, stands before and behind, or become nothing at all. */
static double share_of_holes(const struct article_charset *charset,
                             struct article_slice sample)
{
    size_t high = 0, holes = 0;
    for (size_t i = 0; i < sample.size; i++) {
        if ((unsigned char)sample.data[i] < 0x80) {
            continue;
        }
        uint32_t code = code_of(charset, sample.data[i]);
        bool mark = code == 0x640 || (code >= 0x5b0 && code <= 0x5ea) ||
                    (code >= 0x64b && code <= 0x652) || code == 0x2019 ||
                    (code >= 0x200c && code <= 0x200f) ||
                    (code >= 0x300 && code < 0x370);
        bool letter = code != 0 && article_script_of(code) != SCRIPT_NONE;
        high++;
        if (code == 0 || (code >= 0x80 && code < 0xa0)) {
            holes += 2;
        } else if (!letter && !mark && i > 0) {
            unsigned char before = (unsigned char)sample.data[i - 1];
            unsigned char behind =
                i + 1 < sample.size ? (unsigned char)sample.data[i + 1] : ' ';
            bool follows = before >= 0x80 || article_is_letter(before);
            bool leads = behind >= 0x80 || article_is_letter(behind);
            holes +=
                follows && (leads || !may_close(code)) && !(follows && may_close(code));
        }
    }
    return high > 0 ? (double)holes / (double)high : 0;
}

/* The share of letters with case that are capitals, where enough have one. */
static bool is_shouted(struct article_slice text)
{
    const unsigned char *p = (const unsigned char *)text.data;
    const unsigned char *end = text.size > 0 ? p + text.size : p;
    size_t upper = 0, lower = 0;
    while (p < end) {
        uint32_t code;
        p += article_utf8_next(p, end, &code);
        upper += (code >= 0x400 && code <= 0x42f) || (code >= 0x391 && code <= 0x3a9);
        lower += (code >= 0x430 && code <= 0x45f) || (code >= 0x3b1 && code <= 0x3c9);
    }
    return upper > lower && upper + lower >= 20;
}

/* True when the letters that only end words, of which there are three or more, do: the
 * five of Hebrew, the sigma of Greek, two of Arabic. */
static bool ends_words(struct article_slice text, enum article_script script)
{
    const unsigned char *p = (const unsigned char *)text.data;
    const unsigned char *end = text.size > 0 ? p + text.size : p;
    size_t right = 0, wrong = 0;
    bool final = false;
    while (p < end) {
        uint32_t code;
        p += article_utf8_next(p, end, &code);
        bool letter = article_script_of(code) != SCRIPT_NONE;
        wrong += final && letter;
        right += final && !letter;
        final = script == SCRIPT_HEBREW
                    ? code == 0x5da || code == 0x5dd || code == 0x5df ||
                          code == 0x5e3 || code == 0x5e5
                : script == SCRIPT_GREEK ? code == 0x3c2
                                         : code == 0x629 || code == 0x649;
    }
    return right >= 3 && wrong * 20 <= right;
}

/* How many of the words in `list` (parted by blanks) stand in the text, a word of the
 * text in ten being enough for 1. */
static double share_of_words(struct article_slice text, const char *list)
{
    size_t words = 0, found = 0, start = 0;
    for (size_t i = 0; i <= text.size; i++) {
        if (i < text.size && !article_is_space((unsigned char)text.data[i])) {
            continue;
        }
        char word[24] = " ";
        size_t size = i - start;
        if (size > 0) {
            words++;
        }
        if (size > 0 && size < sizeof(word) - 3) {
            memcpy(word + 1, text.data + start, size);
            memcpy(word + 1 + size, " ", 2);
            found += strstr(list, word) != NULL;
        }
        start = i + 1;
    }
    double share = words > 0 ? 10.0 * (double)found / (double)words : 0;
    return share < 1 ? share : 1;
}

/* The share of Thai vowel signs and tone marks that stand on a consonant. */
static double thai_order(struct article_slice text)
{
    const unsigned char *p = (const unsigned char *)text.data;
    const unsigned char *end = text.size > 0 ? p + text.size : p;
    size_t marks = 0, right = 0;
    uint32_t before = 0;
    while (p < end) {
        uint32_t code;
        p += article_utf8_next(p, end, &code);
        bool mark = code == 0xe31 || (code >= 0xe34 && code <= 0xe3a) ||
                    (code >= 0xe47 && code <= 0xe4e);
        bool carries = (before >= 0xe01 && before <= 0xe2e) || before == 0xe31 ||
                       (before >= 0xe34 && before <= 0xe3a);
        marks += mark;
        right += mark && carries;
        before = code;
    }
    return marks >= 3 ? (double)right / (double)marks : 0;
}

/* Latin text in which more than two letters of five are beyond ASCII is none. */
static bool is_spelled_oddly(struct article_slice text)
{
    const unsigned char *p = (const unsigned char *)text.data;
    const unsigned char *end = text.size > 0 ? p + text.size : p;
    size_t plain = 0, marked = 0;
    while (p < end) {
        uint32_t code;
        p += article_utf8_next(p, end, &code);
        bool latin = article_script_of(code) == SCRIPT_LATIN;
        plain += latin && code < 0x80;
        marked += latin && code >= 0x80;
    }
    return marked * 3 > plain * 2;
}

/* The share of letters beyond ASCII that the language writes with. */
static double share_of_alphabet(struct article_slice text, const char *language)
{
    const unsigned char *p = (const unsigned char *)text.data;
    const unsigned char *end = text.size > 0 ? p + text.size : p;
    size_t from = 0, letters = 0, own = 0;
    while (from < article_letters_count &&
           strcmp(article_letters[from].language, language) != 0) {
        from++;
    }
    while (p < end) {
        uint32_t code;
        p += article_utf8_next(p, end, &code);
        if (code < 0x80 || article_script_of(code) == SCRIPT_NONE) {
            continue;
        }
        letters++;
        for (size_t i = from; i < article_letters_count &&
                              strcmp(article_letters[i].language, language) == 0;
             i++) {
            own += code >= article_letters[i].first && code <= article_letters[i].last;
        }
    }
    return letters > 0 && from < article_letters_count ? (double)own / (double)letters
                                                       : 1;
}

/* How much a text reads like a language: 0 to 1. */
static double readability(struct article_slice text, struct article_slice language)
{
    static const char greek[] =
        " και το του να η με για την από που της τα τον στο είναι δεν στην θα οι σε ο ";
    static const char hebrew[] =
        " של את על לא עם זה היא הוא כי גם או כל אל אם יותר בין לפי ";
    struct article_language found = article_detect_language(text);
    double bonus = 0;
    if (found.tag == NULL) {
        return 0;
    }
    if (language.size >= 2 && article_begins(language, found.tag)) {
        bonus = 0.05;
    }
    if (is_spelled_oddly(text) || is_shouted(text)) {
        return 0;
    }
    if (strcmp(found.tag, "el") == 0) {
        return (ends_words(text, SCRIPT_GREEK) ? 0.8 : share_of_words(text, greek)) +
               bonus;
    }
    if (strcmp(found.tag, "he") == 0) {
        return (ends_words(text, SCRIPT_HEBREW) ? 0.8 : share_of_words(text, hebrew)) +
               bonus;
    }
    if (strcmp(found.tag, "th") == 0) {
        return thai_order(text) > 0.97 ? 0.75 + bonus : 0;
    }
    double score = found.confidence * share_of_alphabet(text, found.tag);
    if (score < 0.7 && strcmp(found.tag, "ar") == 0 &&
        ends_words(text, SCRIPT_ARABIC)) {
        score = 0.7;
    }
    return score + bonus;
}

/* True when the table reads the bytes of the sample as another does that came before:
 * the first of them is the commonest. */
static bool reads_alike(const struct article_charset *charset,
                        const struct article_charset *const *before, size_t count,
                        const bool *used)
{
    for (size_t i = 0; i < count; i++) {
        bool alike = true;
        for (size_t byte = 0; byte < 128 && alike; byte++) {
            alike = !used[byte] || before[i]->table[byte] == charset->table[byte];
        }
        if (alike) {
            return true;
        }
    }
    return false;
}

/* The commonest of the web first, so that where several read alike it wins. */
static const char *const candidates[] = {
    "windows-1252",  "windows-1251", "windows-1256", "windows-1250", "windows-1254",
    "windows-1253",  "windows-1255", "windows-874",  "windows-1257", "windows-1258",
    "iso-8859-2",    "iso-8859-15",  "koi8-r",       "koi8-u",       "iso-8859-5",
    "iso-8859-6",    "iso-8859-7",   "iso-8859-8",   "ibm866",       "iso-8859-4",
    "iso-8859-13",   "iso-8859-3",   "iso-8859-10",  "iso-8859-16",  "macintosh",
    "x-mac-cyrillic"};

#define CANDIDATES (sizeof(candidates) / sizeof(candidates[0]))

struct verdict {
    const struct article_charset *best;
    double score, said; /* of the best, and of what was said */
    size_t high;        /* bytes beyond ASCII in the sample */
};

static struct verdict try_tables(const struct article_memory *memory,
                                 struct article_slice sample,
                                 const struct article_charset *said,
                                 struct article_slice language)
{
    struct verdict verdict = {NULL, 0, 0, 0};
    const struct article_charset *tried[CANDIDATES + 1];
    bool used[128] = {false};
    size_t count = 0;
    char *text = memory->allocate(memory->user, 3 * sample.size + 1);
    for (size_t i = 0; i < sample.size; i++) {
        unsigned char byte = (unsigned char)sample.data[i];
        if (byte >= 0x80) {
            used[byte - 0x80] = true;
            verdict.high++;
        }
    }
    for (size_t i = 0; text != NULL && i <= CANDIDATES; i++) {
        const struct article_charset *charset =
            i == 0 ? said : charset_named(candidates[i - 1]);
        if (charset == NULL || charset->table == NULL ||
            reads_alike(charset, tried, count, used)) {
            continue;
        }
        tried[count++] = charset;
        double score = readability(read_sample(charset, sample, text), language) -
                       2 * share_of_holes(charset, sample);
        if (charset == said) {
            verdict.said = score;
        }
        if (charset == said && score >= READABLE + 0.2) {
            verdict.best = said;
            return verdict; /* nothing to look for: the page says what it is */
        }
        if (verdict.best == NULL ||
            score > verdict.score + (i < RARE ? COMMON : SELDOM)) {
            verdict.best = charset;
            verdict.score = score;
        }
    }
    return verdict;
}

static const struct article_charset *by_detector(struct article_slice body)
{
    size_t start = 0;
    while (start < body.size && (unsigned char)body.data[start] < 0x80 &&
           body.data[start] != 0x1b) {
        start++;
    }
    size_t size = body.size - start;
    size = size < DETECT_REACH ? size : DETECT_REACH;
    const struct article_charset *found = NULL;
    const struct charset_library *library = charset_library();
    uchardet_t detector = library == NULL ? NULL : library->create();
    if (detector != NULL) {
        if (library->handle_data(detector, body.data + start, size) == 0) {
            library->data_end(detector);
            const char *name = library->charset(detector);
            found = strcmp(name, "UHC") == 0 ? charset_named("euc-kr")
                                             : charset_named(name);
        }
        library->destroy(detector);
    }
    bool usable = found != NULL && found != &article_charsets[0] &&
                  strncmp(found->name, "utf-16", 6) != 0;
    return usable ? found : NULL;
}

/* Two-byte characters by what their first bytes are: kana, Hangul, the commoner half of
 * the Chinese characters. Text in one-byte encodings has words of odd length, so that
 * its pairs do not come out even. NULL: not two-byte, or not clear which. */
static const struct article_charset *by_pairs(struct article_slice sample)
{
    size_t pairs = 0, odd = 0, low = 0, euc_kana = 0, shift_kana = 0;
    size_t hangul = 0, chinese = 0, big = 0;
    for (size_t i = 0; i < sample.size; i++) {
        unsigned char lead = (unsigned char)sample.data[i];
        if (lead < 0x80) {
            continue;
        }
        unsigned char trail =
            i + 1 < sample.size ? (unsigned char)sample.data[i + 1] : ' ';
        if (lead < 0x81 || lead == 0xff || trail < 0x40 || trail == 0x7f ||
            trail == 0xff) {
            odd++;
            continue;
        }
        i++;
        pairs++;
        low += trail < 0xa1;
        euc_kana += (lead == 0xa4 || lead == 0xa5) && trail >= 0xa1;
        shift_kana += (lead == 0x82 && trail >= 0x9f) || lead == 0x83 || lead == 0x81;
        hangul += lead >= 0xb0 && lead <= 0xc8 && trail >= 0xa1;
        chinese += lead >= 0xb0 && lead <= 0xd7 && trail >= 0xa1;
        big += lead >= 0xa4 && lead <= 0xc6;
    }
    if (pairs < PAIRS_LEAST || odd * 50 > pairs) {
        return NULL;
    }
    if (shift_kana * 5 > pairs && low > 0) {
        return charset_named("shift_jis");
    }
    if (low * 50 > pairs) {
        return big * 10 > pairs * 7 ? charset_named("big5") : NULL;
    }
    if (euc_kana * 6 > pairs) {
        return charset_named("euc-jp");
    }
    if (hangul * 10 > pairs * 8) {
        return charset_named("euc-kr");
    }
    return chinese * 10 > pairs * 6 ? charset_named("gb18030") : NULL;
}

const struct article_charset *article_charset_by_evidence(
    const struct article_memory *memory, struct article_slice body, bool markup,
    const struct article_charset *said, struct article_slice language)
{
    struct article_slice sample = take_sample(memory, body, markup);
    if (said != NULL && said->table == NULL) {
        return said; /* a multi-byte encoding is seldom declared by mistake */
    }
    struct verdict verdict = try_tables(memory, sample, said, language);
    if (said != NULL) {
        bool better = verdict.best != NULL && verdict.high >= FEW_BYTES &&
                      verdict.score >= READABLE + 0.2 &&
                      verdict.score > verdict.said + CLEARLY;
        return better ? verdict.best : said;
    }
    const struct article_charset *pairs = by_pairs(sample);
    if (pairs != NULL && verdict.score < 0.8) {
        return pairs;
    }
    const struct article_charset *detected = by_detector(body);
    if (detected != NULL && detected->table == NULL && verdict.score < 0.8) {
        return detected;
    }
    if (verdict.best != NULL && verdict.score >= READABLE) {
        return verdict.best;
    }
    return detected != NULL ? detected : charset_named("windows-1252");
}
