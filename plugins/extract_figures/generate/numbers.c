#include "language.h"

#include <stdlib.h>
#include <string.h>

#include "../fold.h"
#include "learn.h"

/* Number words, scales and joiners of a language, learned from the spell-out rules. */

static struct spell_choice choice_of(const struct language *language,
                                     const char *const *kinds)
{
    struct spell_choice choice = {kinds, NULL, 0};
    const struct list_line *skip =
        list_line_of(&language->steering->rules, language->tag);
    if (skip) {
        choice.skip = skip->entries;
        choice.skip_count = skip->count;
    }
    return choice;
}

static bool ends_with(const struct spellings *spellings, uint64_t whole, uint64_t part)
{
    size_t wholes;
    size_t parts;
    const struct spelling *text = spellings_of(spellings, whole, &wholes);
    const struct spelling *end = spellings_of(spellings, part, &parts);
    for (size_t i = 0; i < parts && wholes > 0; i++) {
        if (end[i].length < text->length &&
            memcmp(text->text + text->length - end[i].length, end[i].text,
                   end[i].length) == 0) {
            return true;
        }
    }
    return false;
}

static size_t unread(const struct words *words, const struct spellings *spellings)
{
    size_t count = 0;
    for (size_t i = 0; i < spellings->count; i++) {
        count += !reads(words, &spellings->items[i]);
    }
    return count;
}

static struct words flags_of(const struct words *words, struct pool *pool)
{
    struct words fresh = *words;
    fresh.pool = pool;
    fresh.items = NULL;
    fresh.count = 0;
    fresh.longest = 0;
    memset(&fresh.index, 0, sizeof fresh.index);
    return fresh;
}

/* Learns with the compounds turned over and keeps what was learned if it reads more, or
 * as much with few more words. */
static void try_compounds(struct language *language, const struct spellings *spellings)
{
    struct words other = flags_of(&language->words, language->pool);
    other.compounds = !language->words.compounds;
    learn(&other, spellings);
    size_t before = unread(&language->words, spellings);
    size_t after = unread(&other, spellings);
    size_t most = language->words.count + language->words.count / 4;
    if (after < before || (after == before && other.count <= most)) {
        words_finish(&language->words);
        language->words = other;
    } else {
        words_finish(&other);
    }
}

static void learn_language(struct language *language, const struct spellings *spellings)
{
    struct words *words = &language->words;
    bool free_choice = language->hand == NULL;
    if (free_choice) {
        words->compounds = words->spaces;
        words->scale_first = ends_with(spellings, 2000, 2) &&
                             ends_with(spellings, 3000, 3) &&
                             ends_with(spellings, 4000000, 4);
    }
    learn(words, spellings);
    if (!free_choice || !words->compounds) {
        return;
    }
    size_t before = unread(words, spellings);
    words->compounds = false;
    size_t more = unread(words, spellings) - before;
    words->compounds = more > 0;
    if (more > 0 && more < spellings->count / 5) {
        try_compounds(language, spellings);
    }
}

static void value_text(char *out, size_t room, uint64_t value)
{
    int zeros = 0;
    while (value >= 1000000 && value % 10 == 0) {
        value /= 10;
        zeros++;
    }
    for (; zeros > 0 && value % 10 == 0; zeros++) {
        value /= 10;
    }
    if (zeros > 0) {
        snprintf(out, room, "%llue%d", (unsigned long long)value, zeros);
    } else {
        snprintf(out, room, "%llu", (unsigned long long)value);
    }
}

/* Short words in Latin, Greek and Cyrillic letters are too often something else. */
static bool is_brief(const struct word *word)
{
    size_t letters = 0;
    for (uint32_t i = 0; i < word->length; i++) {
        letters += ((unsigned char)word->form[i] & 0xc0) != 0x80;
    }
    return letters <= 2 && (unsigned char)word->form[0] < 0xd4;
}

/* `cent quatre-vingt mille`: a whole of several words, which the words of a
 * hand-written pack compose. */
static bool is_left_to_hand(const struct language *language, const struct word *word)
{
    const char *blank = memchr(word->form, ' ', word->length);
    return language->hand && word->whole && blank &&
           words_find(&language->words, word->form, (size_t)(blank - word->form));
}

static void write_words(struct language *language)
{
    for (size_t i = 0; i < language->words.count; i++) {
        const struct word *word = &language->words.items[i];
        if (word->joiner) {
            writer_add(&language->writer, SECTION_JOINERS, word->form, NULL, 0);
        }
        if ((!word->number && !word->scale) || is_left_to_hand(language, word)) {
            continue;
        }
        char value[32];
        value_text(value, sizeof value, word->value);
        bool weak = word->number && (word->value < 2 || word->stem || is_brief(word));
        unsigned attributes = ENTRY_LEARNED | (weak ? ENTRY_WEAK : 0);
        attributes |= word->lone ? ENTRY_LONE : 0;
        int section = word->scale && !word->whole ? SECTION_SCALES : SECTION_NUMBERS;
        writer_add(&language->writer, section, word->form, value, attributes);
    }
}

static void write_report(FILE *report, const struct language *language,
                         const struct spellings *spellings)
{
    size_t failed = 0;
    const struct spelling *first = NULL;
    for (size_t i = 0; i < spellings->count; i++) {
        if (!reads(&language->words, &spellings->items[i])) {
            first = first ? first : &spellings->items[i];
            failed++;
        }
    }
    const struct words *words = &language->words;
    fprintf(report, "%-4s %4zu words%s%s%s%s%s, reads %zu of %zu spellings",
            language->tag, words->count, words->compounds ? ", compounds" : "",
            words->spaces ? "" : ", no blanks", words->myriad ? ", myriad" : "",
            words->scale_first ? ", scale first" : "",
            words->joiner_prefix.length ? ", joiner prefix" : "",
            spellings->count - failed, spellings->count);
    if (first) {
        fprintf(report, "; not %llu `%s`", (unsigned long long)first->number,
                first->text);
    }
    fputc('\n', report);
}

void add_numbers(struct language *language, FILE *report)
{
    struct spellings spellings = {NULL, 0};
    struct spell_choice choice = choice_of(language, spell_cardinals);
    if (choice.skip_count > 0 && strcmp(choice.skip[0], "all") == 0) {
        return;
    }
    size_t count;
    uint64_t *numbers = learning_numbers(&count);
    for (size_t i = 0; i < language->locale_count; i++) {
        spell(&spellings, language->pool, language->locales[i], &choice, numbers,
              count);
    }
    free(numbers);
    spellings_sort(&spellings);
    if (spellings.count > 0) {
        learn_language(language, &spellings);
        write_words(language);
        write_report(report, language, &spellings);
    }
    spellings_finish(&spellings);
}

void add_ordinals(struct language *language)
{
    struct spellings spellings = {NULL, 0};
    struct spell_choice choice = choice_of(language, spell_ordinals);
    if (choice.skip_count > 0 && strcmp(choice.skip[0], "all") == 0) {
        return;
    }
    uint64_t numbers[31];
    for (size_t i = 0; i < 31; i++) {
        numbers[i] = i + 1;
    }
    for (size_t i = 0; i < language->locale_count; i++) {
        spell(&spellings, language->pool, language->locales[i], &choice, numbers, 31);
    }
    spellings_sort(&spellings);
    for (size_t i = 0; i < spellings.count; i++) {
        const struct spelling *spelling = &spellings.items[i];
        char value[8];
        snprintf(value, sizeof value, "%d", (int)spelling->number);
        if (!words_cover(&language->words, spelling->text, spelling->length)) {
            writer_add(&language->writer, SECTION_ORDINALS, spelling->text, value, 0);
        }
    }
    spellings_finish(&spellings);
}
