#include "language.h"

#include <stdlib.h>
#include <string.h>

#include <unicode/ucurr.h>
#include <unicode/uenum.h>
#include <unicode/uloc.h>
#include <unicode/unum.h>
#include <unicode/ustring.h>

#include "../fold.h"

/* Currency names in all plural forms, symbols, and the names without their country. */

enum { FORMS = 12, CURRENCIES = 400, WORDS = 12 };

struct currency {
    const char *code;
    const char *forms[FORMS];   /* of the language, the plural forms first */
    const char *plurals[FORMS]; /* the plural category of each, "" for the plain name */
    size_t form_count;
    const char *symbol, *narrow; /* NULL: none of its own */
};

struct currencies {
    struct language *language;
    struct currency items[CURRENCIES];
    size_t count;
    bool before; /* the language writes the symbol before the number */
};

static bool is_own(const struct currencies *all, const char *code)
{
    return strcmp(all->language->currency, code) == 0;
}

static struct currency *currency_of(struct currencies *all, const char *code)
{
    for (size_t i = 0; i < all->count; i++) {
        if (strcmp(all->items[i].code, code) == 0) {
            return &all->items[i];
        }
    }
    return NULL;
}

static int compare_codes(const void *left, const void *right)
{
    const struct currency *a = left;
    const struct currency *b = right;
    return strcmp(a->code, b->code);
}

static void list_currencies(struct currencies *all)
{
    const struct list_line *legacy =
        list_line_of(&all->language->steering->legacy, "legacy");
    struct pool *pool = all->language->pool;
    UErrorCode status = U_ZERO_ERROR;
    UEnumeration *codes =
        ucurr_openISOCurrencies(UCURR_COMMON | UCURR_NON_DEPRECATED, &status);
    const char *code;
    while ((code = uenum_next(codes, NULL, &status)) && all->count < CURRENCIES - 32) {
        all->items[all->count++].code = pool_copy(pool, code, 3);
    }
    uenum_close(codes);
    for (size_t i = 0; legacy && i < legacy->count; i++) {
        if (!currency_of(all, legacy->entries[i]) && all->count < CURRENCIES) {
            all->items[all->count++].code = legacy->entries[i];
        }
    }
    qsort(all->items, all->count, sizeof all->items[0], compare_codes);
}

static void add_form(struct currency *currency, const char *form, const char *plural)
{
    for (size_t i = 0; i < currency->form_count; i++) {
        if (strcmp(currency->forms[i], form) == 0) {
            return;
        }
    }
    if (currency->form_count < FORMS) {
        currency->plurals[currency->form_count] = plural;
        currency->forms[currency->form_count++] = form;
    }
}

static void read_plurals(struct currencies *all, const char *locale)
{
    static const char *const path[] = {"CurrencyPlurals", NULL};
    struct pool *pool = all->language->pool;
    UResourceBundle *table = own_table("curr", locale, path);
    for (size_t i = 0; table && i < all->count; i++) {
        UResourceBundle *forms = child_of(table, all->items[i].code);
        int32_t count = forms ? ures_getSize(forms) : 0;
        for (int32_t k = 0; k < count; k++) {
            UErrorCode status = U_ZERO_ERROR;
            UResourceBundle *item = ures_getByIndex(forms, k, NULL, &status);
            const char *form = U_SUCCESS(status) ? string_of(pool, item) : NULL;
            if (form) {
                const char *key = ures_getKey(item);
                add_form(&all->items[i], form, pool_copy(pool, key, strlen(key)));
            }
            ures_close(item);
        }
        ures_close(forms);
    }
    ures_close(table);
}

static void read_names(struct currencies *all, const char *locale, bool symbols)
{
    static const char *const path[] = {"Currencies", NULL};
    struct pool *pool = all->language->pool;
    UResourceBundle *table = own_table("curr", locale, path);
    for (size_t i = 0; table && i < all->count; i++) {
        UErrorCode status = U_ZERO_ERROR;
        UResourceBundle *pair = child_of(table, all->items[i].code);
        UResourceBundle *symbol = pair ? ures_getByIndex(pair, 0, NULL, &status) : NULL;
        UResourceBundle *name = pair ? ures_getByIndex(pair, 1, NULL, &status) : NULL;
        const char *form = U_SUCCESS(status) ? string_of(pool, name) : NULL;
        if (form) {
            add_form(&all->items[i], form, "");
        }
        if (symbols && symbol) {
            all->items[i].symbol = string_of(pool, symbol);
        }
        ures_close(symbol);
        ures_close(name);
        ures_close(pair);
    }
    ures_close(table);
}

static void read_narrow(struct currencies *all, const char *locale)
{
    static const char *const path[] = {"Currencies%narrow", NULL};
    UResourceBundle *table = own_table("curr", locale, path);
    for (size_t i = 0; table && i < all->count; i++) {
        UResourceBundle *symbol = child_of(table, all->items[i].code);
        all->items[i].narrow = string_of(all->language->pool, symbol);
        ures_close(symbol);
    }
    ures_close(table);
}

static bool symbol_stands_before(const char *locale)
{
    UErrorCode status = U_ZERO_ERROR;
    UChar pattern[64];
    UNumberFormat *format = unum_open(UNUM_CURRENCY, NULL, 0, locale, NULL, &status);
    int32_t length = unum_toPattern(format, false, pattern, 64, &status);
    unum_close(format);
    for (int32_t i = 0; U_SUCCESS(status) && i < length && i < 64; i++) {
        if (pattern[i] == 0xa4) {
            return true;
        }
        if (pattern[i] == '#' || pattern[i] == '0') {
            return false;
        }
    }
    return false;
}

/* ---- symbols ---- */

static bool has_sign(const char *symbol, size_t *letters)
{
    size_t length = strlen(symbol);
    bool sign = false;
    *letters = 0;
    for (size_t at = 0; at < length; ++*letters) {
        uint32_t code;
        at += utf8_next((const unsigned char *)symbol, length, at, &code);
        *letters -= code == '.' || code == ' ';
        sign =
            sign || (!is_word_code(code) && code != '.' && code != ' ' && code != '\'');
    }
    return sign;
}

static bool is_shared(const struct currencies *all, const struct currency *currency,
                      const char *symbol)
{
    for (size_t i = 0; i < all->count; i++) {
        const struct currency *other = &all->items[i];
        if (other == currency) {
            continue;
        }
        if ((other->symbol && strcmp(other->symbol, symbol) == 0) ||
            (other->narrow && strcmp(other->narrow, symbol) == 0)) {
            return true;
        }
    }
    return false;
}

static void add_symbol(struct currencies *all, const struct currency *currency,
                       const char *symbol)
{
    size_t letters;
    if (!symbol || strcmp(symbol, currency->code) == 0) {
        return;
    }
    bool sign = has_sign(symbol, &letters);
    bool own = is_own(all, currency->code);
    bool shared = is_shared(all, currency, symbol);
    bool plain = letters == 1 && strchr("$\xc2\xa3\xc2\xa5", symbol[0]);
    bool syllable = letters == 1 && (unsigned char)symbol[0] >= 0xe0;
    /* The shared pack says what a bare $ is, unless the language has one of its own.
     * Letters are the symbol of the own currency only: `Ft` and `KM` are units
     * elsewhere. */
    if ((!sign && letters < 2 && !syllable) || (plain && !own) || (!sign && !own)) {
        return;
    }
    unsigned attributes = sign || all->before ? ENTRY_BEFORE : 0;
    attributes |= sign ? 0 : ENTRY_ABBR;
    attributes |= shared && !own ? ENTRY_DOUBT : 0;
    writer_add(&all->language->writer, SECTION_MONEY, symbol, currency->code,
               attributes);
}

static void add_symbols(struct currencies *all)
{
    struct currency *own = currency_of(all, all->language->currency);
    if (own) {
        add_symbol(all, own, own->symbol);
        add_symbol(all, own, own->narrow);
    }
    for (size_t i = 0; i < all->count; i++) {
        add_symbol(all, &all->items[i], all->items[i].symbol);
    }
    for (size_t i = 0; i < all->count; i++) {
        add_symbol(all, &all->items[i], all->items[i].narrow);
    }
}

/* ---- names without their country ---- */

static size_t cut(struct pool *pool, const char *form, char **words)
{
    char *copy = folded_of(pool, form);
    return cut_words(copy, words, WORDS);
}

static bool has_word(char *const *words, size_t count, const char *word)
{
    for (size_t i = 0; i < count; i++) {
        if (strcmp(words[i], word) == 0) {
            return true;
        }
    }
    return false;
}

/* Keeps of `words` those that any form of the other currency in the same plural has. */
static size_t keep_common(struct pool *pool, char **words, size_t count,
                          const struct currency *other, const char *plural)
{
    for (size_t i = 0; i < other->form_count; i++) {
        if (strcmp(other->plurals[i], plural) != 0) {
            continue;
        }
        char *others[WORDS];
        size_t other_count = cut(pool, other->forms[i], others);
        size_t kept = 0;
        for (size_t k = 0; k < count; k++) {
            if (has_word(others, other_count, words[k])) {
                words[kept++] = words[k];
            }
        }
        return kept;
    }
    return 0;
}

static void add_bare(struct currencies *all, const char *form, const char *code,
                     unsigned attributes)
{
    size_t letters = 0;
    for (const char *c = form; *c; c++) {
        letters += ((unsigned char)*c & 0xc0) != 0x80;
    }
    if (letters < 2) {
        return;
    }
    attributes |= letters <= 3 && (unsigned char)form[0] < 0xe0 ? ENTRY_WEAK : 0;
    writer_add(&all->language->writer, SECTION_MONEY, form, code, attributes);
}

/* What the names of a family of currencies have in common is the name of its unit. */
static void add_family(struct currencies *all, const struct list_line *family)
{
    struct currency *first = currency_of(all, family->entries[0]);
    bool dollar = strcmp(family->key, "dollar") == 0;
    const char *code = family->entries[0];
    bool own = false;
    for (size_t i = 0; i < family->count && !dollar; i++) {
        if (is_own(all, family->entries[i])) {
            code = family->entries[i];
            own = true;
        }
    }
    for (size_t i = 0; first && i < first->form_count; i++) {
        char *words[WORDS];
        size_t count = cut(all->language->pool, first->forms[i], words);
        for (size_t k = 1; k < family->count && k < 3 && count > 0; k++) {
            struct currency *other = currency_of(all, family->entries[k]);
            count = other ? keep_common(all->language->pool, words, count, other,
                                        first->plurals[i])
                          : 0;
        }
        if (count == 1) {
            add_bare(all, words[0], code, dollar || own ? 0 : ENTRY_DOUBT);
        }
    }
}

/* True if the two words begin alike, as `Japan` and `Japanese` do. */
static bool begin_alike(const char *a, const char *b)
{
    size_t letters = 0;
    size_t i = 0;
    for (; a[i] && a[i] == b[i]; i++) {
        letters += ((unsigned char)a[i] & 0xc0) != 0x80;
    }
    return letters >= 3 || (letters > 1 && (unsigned char)a[0] >= 0xe0);
}

/* The only word of a name that does not come from the name of the country, or NULL. */
static const char *bare_name(struct currencies *all, const char *form,
                             char *const *country, size_t country_count)
{
    char *words[WORDS];
    size_t count = cut(all->language->pool, form, words);
    const char *bare = NULL;
    size_t rest = 0;
    for (size_t i = 0; i < count; i++) {
        bool national = false;
        for (size_t k = 0; k < country_count && !national; k++) {
            national = begin_alike(words[i], country[k]);
        }
        if (!national) {
            bare = words[i];
            rest++;
        }
    }
    return rest == 1 && count > 1 ? bare : NULL;
}

static void add_without_country(struct currencies *all, const struct currency *currency)
{
    char country[8] = "und_";
    UChar name[128];
    UErrorCode status = U_ZERO_ERROR;
    memcpy(country + 4, currency->code, 2);
    int32_t length =
        uloc_getDisplayCountry(country, all->language->tag, name, 128, &status);
    if (U_FAILURE(status) || length >= 128) {
        return;
    }
    char *words[WORDS];
    size_t count =
        cut(all->language->pool, utf8_of(all->language->pool, name, length), words);
    for (size_t i = 0; i < currency->form_count; i++) {
        const char *bare = bare_name(all, currency->forms[i], words, count);
        if (bare) {
            bool own = is_own(all, currency->code);
            add_bare(all, bare, currency->code, own ? 0 : ENTRY_DOUBT);
        }
    }
}

static void add_names(struct currencies *all)
{
    struct writer *writer = &all->language->writer;
    for (size_t i = 0; i < all->count; i++) {
        for (size_t k = 0; k < all->items[i].form_count; k++) {
            const char *form = all->items[i].forms[k];
            if (strcmp(form, all->items[i].code) != 0) {
                writer_add(writer, SECTION_MONEY, form, all->items[i].code, 0);
            }
        }
    }
}

static void add_bare_names(struct currencies *all)
{
    const struct list *families = &all->language->steering->families;
    for (size_t i = 0; i < families->count; i++) {
        add_family(all, &families->lines[i]);
    }
    struct currency *own = currency_of(all, all->language->currency);
    if (own) {
        add_without_country(all, own);
    }
    /* the legacy list begins with the order in which the rest claims a name */
    const struct list_line *order =
        list_line_of(&all->language->steering->legacy, "order");
    for (size_t i = 0; order && i < order->count; i++) {
        struct currency *currency = currency_of(all, order->entries[i]);
        if (currency) {
            add_without_country(all, currency);
        }
    }
}

void add_money(struct language *language)
{
    struct currencies *all = pool_take(language->pool, sizeof *all);
    all->language = language;
    all->before = symbol_stands_before(language->tag);
    list_currencies(all);
    for (size_t i = 0; i < language->locale_count; i++) {
        read_plurals(all, language->locales[i]);
        read_names(all, language->locales[i], i == 0);
    }
    read_narrow(all, language->locales[0]);
    add_symbols(all);
    add_names(all);
    add_bare_names(all);
}

void add_codes(struct language *language)
{
    struct currencies *all = pool_take(language->pool, sizeof *all);
    all->language = language;
    list_currencies(all);
    read_names(all, "root", true);
    read_narrow(all, "root");
    for (size_t i = 0; i < all->count; i++) {
        struct currency *currency = &all->items[i];
        writer_add(&language->writer, SECTION_MONEY, currency->code, currency->code,
                   ENTRY_BEFORE);
    }
    add_symbols(all);
}
