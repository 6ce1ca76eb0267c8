#include "language.h"

#include <pthread.h>
#include <string.h>

#include "scripts.h"
#include "text.h"

#define SAMPLE_BYTES   16384
#define LANGUAGE_LIMIT 64
#define TABLE_SIZE     4096 /* over twice the words of the lists */
#define WORD_LIMIT     24   /* code points; longer words are none of the lists' */
#define ENOUGH_WORDS   20

enum article_script article_script_of(uint32_t code)
{
    static const struct {
        uint32_t first, last;
        uint8_t script;
    } ranges[] = {
        {0xaa, 0xaa, SCRIPT_LATIN},       {0xba, 0xba, SCRIPT_LATIN},
        {0xc0, 0x24f, SCRIPT_LATIN},      {0x250, 0x2af, SCRIPT_LATIN},
        {0x370, 0x3ff, SCRIPT_GREEK},     {0x400, 0x52f, SCRIPT_CYRILLIC},
        {0x531, 0x58f, SCRIPT_ARMENIAN},  {0x5d0, 0x5f4, SCRIPT_HEBREW},
        {0x620, 0x65f, SCRIPT_ARABIC},    {0x66e, 0x6d3, SCRIPT_ARABIC},
        {0x6d5, 0x6ef, SCRIPT_ARABIC},    {0x6fa, 0x6ff, SCRIPT_ARABIC},
        {0x750, 0x77f, SCRIPT_ARABIC},    {0x900, 0x97f, SCRIPT_DEVANAGARI},
        {0x980, 0x9ff, SCRIPT_BENGALI},   {0xa00, 0xa7f, SCRIPT_GURMUKHI},
        {0xa80, 0xaff, SCRIPT_GUJARATI},  {0xb80, 0xbff, SCRIPT_TAMIL},
        {0xc00, 0xc7f, SCRIPT_TELUGU},    {0xc80, 0xcff, SCRIPT_KANNADA},
        {0xd00, 0xd7f, SCRIPT_MALAYALAM}, {0xd80, 0xdff, SCRIPT_SINHALA},
        {0xe00, 0xe7f, SCRIPT_THAI},      {0xe80, 0xeff, SCRIPT_LAO},
        {0x1000, 0x109f, SCRIPT_BURMESE}, {0x10a0, 0x10ff, SCRIPT_GEORGIAN},
        {0x1100, 0x11ff, SCRIPT_HANGUL},  {0x1200, 0x139f, SCRIPT_ETHIOPIC},
        {0x1780, 0x17ff, SCRIPT_KHMER},   {0x1e00, 0x1eff, SCRIPT_LATIN},
        {0x1f00, 0x1fff, SCRIPT_GREEK},   {0x3041, 0x30ff, SCRIPT_KANA},
        {0x3130, 0x318f, SCRIPT_HANGUL},  {0x3400, 0x4dbf, SCRIPT_HAN},
        {0x4e00, 0x9fff, SCRIPT_HAN},     {0xac00, 0xd7af, SCRIPT_HANGUL},
        {0xfb50, 0xfdff, SCRIPT_ARABIC},  {0xfe70, 0xfefc, SCRIPT_ARABIC},
        {0x20000, 0x2ffff, SCRIPT_HAN},
    };
    if (code < 0x80) {
        return article_is_letter((unsigned char)code) ? SCRIPT_LATIN : SCRIPT_NONE;
    }
    if (code == 0xd7 || code == 0xf7) {
        return SCRIPT_NONE;
    }
    size_t low = 0, high = sizeof(ranges) / sizeof(ranges[0]);
    while (low < high) {
        size_t middle = (low + high) / 2;
        if (code < ranges[middle].first) {
            high = middle;
        } else if (code > ranges[middle].last) {
            low = middle + 1;
        } else {
            return (enum article_script)ranges[middle].script;
        }
    }
    return SCRIPT_NONE;
}

/* Lower case for Latin and Cyrillic, as far as the lists need it. */
static uint32_t lower_of(uint32_t code)
{
    if (code < 0x80) {
        return (uint32_t)(unsigned char)article_lower((char)code);
    }
    if ((code >= 0xc0 && code <= 0xde) || (code >= 0x410 && code <= 0x42f)) {
        return code + 0x20;
    }
    if (code >= 0x400 && code <= 0x40f) {
        return code + 0x50;
    }
    if ((code >= 0x139 && code <= 0x148) || (code >= 0x179 && code <= 0x17e)) {
        return code + (code & 1);
    }
    if ((code >= 0x100 && code <= 0x177) || (code >= 0x1a0 && code <= 0x1a5) ||
        (code >= 0x218 && code <= 0x21b) || (code >= 0x490 && code <= 0x4bf) ||
        (code >= 0x1ea0 && code <= 0x1ef9)) {
        return code | 1;
    }
    return code == 0x18f ? 0x259 : code == 0x1af ? 0x1b0 : code;
}

/* Marks that are written or left out at will. */
static bool is_mark(uint32_t code)
{
    return code == 0x640 || (code >= 0x64b && code <= 0x652) || code == 0x200c ||
           code == 0x200d || (code >= 0x200e && code <= 0x200f);
}

struct word_entry {
    uint32_t hash; /* 0: free */
    uint16_t language;
};

struct model {
    struct word_entry table[TABLE_SIZE];
    struct {
        uint32_t code;
        uint16_t language;
    } letters[256];
    size_t letter_count;
};

struct tally {
    size_t scripts[SCRIPT_COUNT];
    size_t letters, words;
    double score[LANGUAGE_LIMIT];
};

static uint32_t hash_step(uint32_t hash, uint32_t code)
{
    return (hash ^ code) * UINT32_C(16777619);
}

static void add_word(struct model *model, uint32_t hash, size_t language)
{
    size_t slot = hash % TABLE_SIZE;
    while (model->table[slot].hash != 0) {
        if (model->table[slot].hash == hash &&
            model->table[slot].language == (uint16_t)language) {
            return;
        }
        slot = (slot + 1) % TABLE_SIZE;
    }
    model->table[slot].hash = hash;
    model->table[slot].language = (uint16_t)language;
}

/* Lists of a script become a table: word hash to languages. */
static void build(struct model *model, enum article_script script)
{
    memset(model, 0, sizeof(*model));
    for (size_t i = 0; i < article_words_count; i++) {
        const struct article_words *list = &article_words[i];
        if (list->script != script) {
            continue;
        }
        const unsigned char *p = (const unsigned char *)list->words;
        const unsigned char *end = p + strlen(list->words);
        uint32_t hash = 0, code;
        for (; p < end; p += article_utf8_next(p, end, &code)) {
            article_utf8_next(p, end, &code);
            if (code == ' ') {
                add_word(model, hash | 1, i);
                hash = 0;
            } else {
                hash = hash_step(hash, code);
            }
        }
        add_word(model, hash | 1, i);
        p = (const unsigned char *)list->letters;
        end = p + strlen(list->letters);
        while (p < end && model->letter_count < 256) {
            p += article_utf8_next(p, end, &code);
            model->letters[model->letter_count].code = code;
            model->letters[model->letter_count++].language = (uint16_t)i;
        }
    }
}

/* Made at the first text of its script and only read afterwards. */
static struct model latin, cyrillic, arabic;
static pthread_once_t latin_once = PTHREAD_ONCE_INIT;
static pthread_once_t cyrillic_once = PTHREAD_ONCE_INIT;
static pthread_once_t arabic_once = PTHREAD_ONCE_INIT;

static void build_latin(void)
{
    build(&latin, SCRIPT_LATIN);
}

static void build_cyrillic(void)
{
    build(&cyrillic, SCRIPT_CYRILLIC);
}

static void build_arabic(void)
{
    build(&arabic, SCRIPT_ARABIC);
}

static const struct model *model_of(enum article_script script)
{
    if (script == SCRIPT_ARABIC) {
        pthread_once(&arabic_once, build_arabic);
        return &arabic;
    }
    if (script == SCRIPT_CYRILLIC) {
        pthread_once(&cyrillic_once, build_cyrillic);
        return &cyrillic;
    }
    pthread_once(&latin_once, build_latin);
    return &latin;
}

static void count_word(const struct model *model, uint32_t hash, struct tally *tally)
{
    size_t matches[LANGUAGE_LIMIT], count = 0;
    hash |= 1;
    for (size_t slot = hash % TABLE_SIZE; model->table[slot].hash != 0;
         slot = (slot + 1) % TABLE_SIZE) {
        if (model->table[slot].hash == hash && count < LANGUAGE_LIMIT) {
            matches[count++] = model->table[slot].language;
        }
    }
    for (size_t i = 0; i < count; i++) {
        tally->score[matches[i]] += 1 + 1.0 / (double)count;
    }
}

static void count_letter(const struct model *model, uint32_t code, struct tally *tally)
{
    for (size_t i = 0; i < model->letter_count; i++) {
        if (model->letters[i].code == code) {
            tally->score[model->letters[i].language] += 0.25;
        }
    }
}

static void count_words(const struct model *model, struct article_slice text,
                        struct tally *tally)
{
    const unsigned char *p = (const unsigned char *)text.data;
    const unsigned char *end = p + text.size;
    uint32_t hash = 0;
    size_t length = 0;
    while (p < end) {
        uint32_t code;
        p += article_utf8_next(p, end, &code);
        if (is_mark(code)) {
            continue;
        }
        bool letter = article_script_of(code) != SCRIPT_NONE;
        if (letter) {
            code = lower_of(code);
            hash = hash_step(hash, code);
            length++;
            if (code >= 0x80) {
                count_letter(model, code, tally);
            }
        }
        if (!letter || p == end) {
            if (length > 0) {
                tally->words++;
            }
            if (length > 0 && length <= WORD_LIMIT) {
                count_word(model, hash, tally);
            }
            hash = 0;
            length = 0;
        }
    }
}

static void count_scripts(struct article_slice text, struct tally *tally)
{
    const unsigned char *p = (const unsigned char *)text.data;
    const unsigned char *end = p + text.size;
    while (p < end) {
        uint32_t code = *p;
        if (code < 0x80) { /* the most of most texts */
            size_t letter = (code | 0x20) >= 'a' && (code | 0x20) <= 'z';
            tally->scripts[SCRIPT_LATIN] += letter;
            tally->letters += letter;
            p++;
            continue;
        }
        p += article_utf8_next(p, end, &code);
        enum article_script script = article_script_of(code);
        tally->scripts[script]++;
        tally->letters += script != SCRIPT_NONE;
    }
}

/* The language that a script is written in by nearly everybody who uses it. */
static const char *language_of_script(enum article_script script)
{
    static const char *const tags[SCRIPT_COUNT] = {
        [SCRIPT_HAN] = "zh",        [SCRIPT_KANA] = "ja",     [SCRIPT_HANGUL] = "ko",
        [SCRIPT_HEBREW] = "he",     [SCRIPT_GREEK] = "el",    [SCRIPT_THAI] = "th",
        [SCRIPT_DEVANAGARI] = "hi", [SCRIPT_BENGALI] = "bn",  [SCRIPT_TAMIL] = "ta",
        [SCRIPT_TELUGU] = "te",     [SCRIPT_GEORGIAN] = "ka", [SCRIPT_ARMENIAN] = "hy",
        [SCRIPT_ETHIOPIC] = "am",   [SCRIPT_KHMER] = "km",    [SCRIPT_BURMESE] = "my",
        [SCRIPT_LAO] = "lo",        [SCRIPT_SINHALA] = "si",  [SCRIPT_GUJARATI] = "gu",
        [SCRIPT_GURMUKHI] = "pa",   [SCRIPT_KANNADA] = "kn",  [SCRIPT_MALAYALAM] = "ml",
    };
    return tags[script];
}

static struct article_language by_words(struct article_slice text,
                                        enum article_script script, struct tally *tally)
{
    struct article_language found = {NULL, 0};
    count_words(model_of(script), text, tally);
    size_t best = 0, second = 0;
    for (size_t i = 1; i < article_words_count; i++) {
        if (tally->score[i] > tally->score[best]) {
            best = i;
        }
    }
    second = best == 0 ? 1 : 0;
    for (size_t i = 0; i < article_words_count; i++) {
        if (i != best && tally->score[i] > tally->score[second]) {
            second = i;
        }
    }
    double top = tally->score[best];
    if (top < 1.25 || tally->words == 0) {
        return found;
    }
    double cover = top / (double)tally->words / 0.15;
    double margin = (top - tally->score[second]) / top / 0.25;
    found.tag = article_words[best].tag;
    found.confidence =
        (cover < 1 ? cover : 1) * (0.5 + 0.5 * (margin < 1 ? margin : 1));
    if (tally->words < ENOUGH_WORDS) {
        found.confidence *= (double)tally->words / ENOUGH_WORDS;
    }
    return found;
}

struct article_language article_detect_language(struct article_slice text)
{
    struct article_language found = {NULL, 0};
    struct tally tally;
    memset(&tally, 0, sizeof(tally));
    if (text.size > SAMPLE_BYTES) {
        text.size = SAMPLE_BYTES;
    }
    if (text.size == 0) {
        return found;
    }
    count_scripts(text, &tally);
    enum article_script top = SCRIPT_LATIN;
    for (int i = SCRIPT_LATIN; i < SCRIPT_COUNT; i++) {
        if (tally.scripts[i] > tally.scripts[top]) {
            top = (enum article_script)i;
        }
    }
    if (tally.letters == 0) {
        return found;
    }
    if (top == SCRIPT_LATIN || top == SCRIPT_CYRILLIC || top == SCRIPT_ARABIC) {
        return by_words(text, top, &tally);
    }
    size_t kana = tally.scripts[SCRIPT_KANA], han = tally.scripts[SCRIPT_HAN];
    if (top == SCRIPT_HAN && kana * 20 > han) {
        top = SCRIPT_KANA;
    }
    size_t own =
        tally.scripts[top] + (top == SCRIPT_KANA || top == SCRIPT_HANGUL ? han : 0);
    found.tag = language_of_script(top);
    found.confidence = (double)own / (double)tally.letters;
    if (tally.letters < ENOUGH_WORDS) {
        found.confidence *= 0.8;
    }
    return found;
}

/* A well-formed tag in its usual case, or empty: pt_br gives pt-BR. */
static struct article_slice normal_tag(const struct article_memory *memory,
                                       struct article_slice tag)
{
    struct article_slice none = {NULL, 0};
    tag = article_trim(tag);
    const char *comma = tag.size > 0 ? memchr(tag.data, ',', tag.size) : NULL;
    if (comma != NULL) {
        tag.size = (size_t)(comma - tag.data);
    }
    char *out = tag.size >= 2 && tag.size <= 35
                    ? memory->allocate(memory->user, tag.size + 1)
                    : NULL;
    if (out == NULL) {
        return none;
    }
    size_t part = 0, start = 0;
    for (size_t i = 0; i <= tag.size; i++) {
        bool end = i == tag.size || tag.data[i] == '-' || tag.data[i] == '_';
        if (!end) {
            unsigned char c = (unsigned char)tag.data[i];
            if (!article_is_letter(c) && (part == 0 || !article_is_digit(c))) {
                return none;
            }
            out[i] = article_lower((char)c);
            continue;
        }
        size_t size = i - start;
        if (size == 0 || size > 8 || (part == 0 && (size < 2 || size > 3))) {
            return none;
        }
        size_t upper = part > 0 && size == 2 ? 2 : part > 0 && size == 4 ? 1 : 0;
        for (size_t k = start; k < start + upper; k++) {
            out[k] = (char)(article_is_letter((unsigned char)out[k]) ? out[k] & ~0x20
                                                                     : out[k]);
        }
        out[i] = '-';
        start = i + 1;
        part++;
    }
    out[tag.size] = '\0';
    return (struct article_slice){out, tag.size};
}

static struct article_slice primary(struct article_slice tag)
{
    const char *dash = tag.size > 0 ? memchr(tag.data, '-', tag.size) : NULL;
    if (dash != NULL) {
        tag.size = (size_t)(dash - tag.data);
    }
    return tag;
}

/* Tags that the lists cannot, or need not, tell apart. */
static bool is_close(struct article_slice declared, struct article_slice detected)
{
    static const char *const groups[][5] = {
        {"nb", "no", "nn", "da", NULL},
        {"hr", "bs", "sr", "sh", NULL},
        {"id", "ms", "in", NULL},
        {"he", "iw", "yi", NULL},
        {"hi", "mr", "ne", "sa", NULL},
        {"zh", "yue", NULL},
        {"am", "ti", NULL},
        {"bn", "as", NULL},
        {"fa", "prs", "tg", NULL},
    };
    if (article_same_slice(declared, detected)) {
        return true;
    }
    for (size_t i = 0; i < sizeof(groups) / sizeof(groups[0]); i++) {
        bool one = false, other = false;
        for (size_t k = 0; groups[i][k] != NULL; k++) {
            one = one || article_same(declared, groups[i][k]);
            other = other || article_same(detected, groups[i][k]);
        }
        if (one && other) {
            return true;
        }
    }
    return false;
}

static bool is_listed(struct article_slice tag)
{
    for (size_t i = 0; i < article_words_count; i++) {
        if (article_same(tag, article_words[i].tag)) {
            return true;
        }
    }
    for (int i = 0; i < SCRIPT_COUNT; i++) {
        const char *known = language_of_script((enum article_script)i);
        if (known != NULL && article_same(tag, known)) {
            return true;
        }
    }
    return false;
}

void article_decide_language(const struct article_memory *memory,
                             struct article_slice text, struct article_slice declared,
                             struct article_slice *tag, double *confidence)
{
    struct article_language found = article_detect_language(text);
    struct article_slice detected = article_slice_of(found.tag);
    *tag = normal_tag(memory, declared);
    *confidence = 0;
    if (found.tag == NULL) {
        *confidence = tag->size > 0 ? 0.5 : 0;
    } else if (tag->size == 0) {
        *tag = detected;
        *confidence = found.confidence;
    } else if (is_close(primary(*tag), detected)) {
        *confidence = 0.5 + 0.5 * found.confidence;
    } else if (found.confidence >= (is_listed(primary(*tag)) ? 0.6 : 0.9)) {
        *tag = detected;
        *confidence = found.confidence * 0.9;
    } else {
        *confidence = 0.5 * (1 - found.confidence);
    }
}
