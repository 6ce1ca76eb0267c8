#include "learn.h"

#include <stdlib.h>
#include <string.h>

#include "../fold.h"

/* A word that would explain spellings which are not read yet. */
struct guess {
    const char *form;
    uint32_t length;
    uint64_t value; /* 0: a joiner */
    uint32_t votes;
    const struct spelling *voter; /* the last one: each number votes once */
};

struct learner {
    struct words *words;
    const struct spellings *spellings;
    bool *understood; /* for each spelling: read when the round began */
    struct guess *guesses;
    size_t guess_count;
};

static const unsigned factors[] = {
    1,   2,   3,   4,   5,   6,   7,   8,   9,   10,  11,  12,  13,  15,  18,  19,
    20,  21,  22,  25,  28,  30,  31,  40,  50,  60,  70,  80,  90,  99,  100, 101,
    102, 105, 110, 111, 120, 121, 200, 300, 400, 500, 600, 700, 800, 900, 999};

static int compare_numbers(const void *left, const void *right)
{
    const uint64_t *a = left;
    const uint64_t *b = right;
    return *a < *b ? -1 : *a > *b;
}

uint64_t *learning_numbers(size_t *count)
{
    static const unsigned tails[] = {1,  2,  5,   9,   10,  11,  15,  20,  21,  25, 32,
                                     88, 99, 100, 101, 110, 121, 200, 234, 500, 999};
    uint64_t *numbers = NULL;
    size_t used = 0;
    for (uint64_t n = 0; n < 1000; n++) {
        numbers = array_room(numbers, used, sizeof *numbers);
        numbers[used++] = n;
    }
    uint64_t scale = 1000;
    for (int j = 3; j <= 15; j++, scale *= 10) {
        for (size_t i = 0; i < sizeof factors / sizeof factors[0]; i++) {
            numbers = array_room(numbers, used, sizeof *numbers);
            numbers[used++] = scale * factors[i];
        }
        for (size_t i = 0; i < sizeof tails / sizeof tails[0]; i++) {
            for (uint64_t k = 1; k <= 3; k++) {
                numbers = array_room(numbers, used, sizeof *numbers);
                numbers[used++] = scale * k + tails[i];
            }
        }
    }
    qsort(numbers, used, sizeof *numbers, compare_numbers);
    size_t kept = 0;
    for (size_t i = 0; i < used; i++) {
        if (kept == 0 || numbers[kept - 1] != numbers[i]) {
            numbers[kept++] = numbers[i];
        }
    }
    *count = kept;
    return numbers;
}

static bool reads_text(const struct words *words, const struct spelling *spelling,
                       const struct word **lone)
{
    uint64_t value;
    return compose(words, spelling->text, spelling->length, &value, lone) &&
           value == spelling->number;
}

bool reads(const struct words *words, const struct spelling *spelling)
{
    const struct word *lone;
    return reads_text(words, spelling, &lone) && (!lone || lone->lone);
}

static bool understood(const struct learner *learner, const struct spelling *spelling)
{
    const struct word *lone;
    return reads_text(learner->words, spelling, &lone);
}

/* ---- guesses ---- */

static void vote(struct learner *learner, const char *form, size_t length,
                 uint64_t value, const struct spelling *voter)
{
    for (size_t i = 0; i < learner->guess_count; i++) {
        struct guess *guess = &learner->guesses[i];
        if (guess->value == value && guess->length == length &&
            memcmp(guess->form, form, length) == 0) {
            guess->votes += guess->voter->number != voter->number;
            guess->voter = voter;
            return;
        }
    }
    learner->guesses =
        array_room(learner->guesses, learner->guess_count, sizeof *learner->guesses);
    learner->guesses[learner->guess_count++] =
        (struct guess){pool_copy(learner->words->pool, form, length), (uint32_t)length,
                       value, 1, voter};
}

/* True if a blank-separated part of the form is a word already: then the form is no
 * word of its own but a phrase that happened to fit. */
static bool has_known_part(const struct words *words, const char *form, size_t length)
{
    for (size_t from = 0; from < length;) {
        const char *blank = memchr(form + from, ' ', length - from);
        size_t end = blank ? (size_t)(blank - form) : length;
        if (words_find(words, form + from, end - from)) {
            return true;
        }
        from = end + 1;
    }
    return false;
}

static bool is_new_word(const struct words *words, const char *form, size_t length)
{
    return !words_find(words, form, length) && !has_known_part(words, form, length) &&
           !words_cover(words, form, length) &&
           !(words->taboo && words->taboo(words->taboo_user, form, length));
}

static bool is_joiner(const struct words *words, const char *form, size_t length)
{
    const struct word *word = words_find(words, form, length);
    return word && (word->joiner || word->scale);
}

/* Undoes a trial: drops the new word, or the joiner's sense of an old one. */
static void take_back(struct words *words, const char *form, size_t length,
                      size_t count)
{
    if (words->count > count) {
        words_drop_last(words);
        return;
    }
    struct word *word = words_find(words, form, length);
    if (word) {
        word->joiner = false;
    }
}

/* A guess counts if the spelling is read with it. */
static void try_guess(struct learner *learner, const struct spelling *spelling,
                      const char *form, size_t length, uint64_t value)
{
    while (length > 0 && strchr(" -,", form[0])) {
        form++;
        length--;
    }
    while (length > 0 && strchr(" -,", form[length - 1])) {
        length--;
    }
    char key[160];
    if (length == 0 || length >= sizeof key || length == spelling->length) {
        return;
    }
    for (size_t i = 0; i < length; i++) {
        key[i] = form[i] == '-' ? ' ' : form[i];
        bool phrase = key[i] == ' ' && value != 0 && value % 100 != 0;
        if (key[i] == ',' || phrase) {
            return;
        }
    }
    bool letter = (unsigned char)key[0] < 0xe0 && length < 3;
    bool known = value ? letter || !is_new_word(learner->words, key, length)
                       : is_joiner(learner->words, key, length);
    if (known) {
        return;
    }
    size_t count = learner->words->count;
    bool added = value ? words_add(learner->words, key, length, value)
                       : words_add_joiner(learner->words, key, length);
    bool good = added && understood(learner, spelling);
    take_back(learner->words, key, length, count);
    if (good) {
        vote(learner, key, length, value, spelling);
    }
}

static bool starts(const struct spelling *spelling, const char *part, size_t length)
{
    return length < spelling->length && memcmp(spelling->text, part, length) == 0;
}

static bool ends(const struct spelling *spelling, const char *part, size_t length)
{
    return length < spelling->length &&
           memcmp(spelling->text + spelling->length - length, part, length) == 0;
}

/* What is left of the spelling when a known part is cut off its front or end. */
static void guess_rest(struct learner *learner, const struct spelling *spelling,
                       const char *part, size_t length, uint64_t value)
{
    if (starts(spelling, part, length)) {
        try_guess(learner, spelling, spelling->text + length, spelling->length - length,
                  value);
    }
    if (ends(spelling, part, length)) {
        try_guess(learner, spelling, spelling->text, spelling->length - length, value);
    }
}

/* Cuts off every known way to say `part`; what is left is guessed to mean `value`. */
static void guess_without(struct learner *learner, const struct spelling *spelling,
                          uint64_t part, uint64_t value)
{
    size_t count;
    const struct spelling *known = spellings_of(learner->spellings, part, &count);
    for (size_t i = 0; i < count; i++) {
        guess_rest(learner, spelling, known[i].text, known[i].length, value);
    }
    for (size_t i = 0; i < learner->words->count; i++) {
        struct word word = learner->words->items[i];
        if ((word.number || word.scale) && word.value == part) {
            guess_rest(learner, spelling, word.form, word.length, value);
        }
    }
}

/* The middle between the two parts of a sum is guessed to be a joiner. */
static void guess_joiner(struct learner *learner, const struct spelling *spelling,
                         uint64_t front, uint64_t end)
{
    size_t fronts;
    size_t ends_count;
    const struct spelling *first = spellings_of(learner->spellings, front, &fronts);
    const struct spelling *last = spellings_of(learner->spellings, end, &ends_count);
    for (size_t i = 0; i < fronts; i++) {
        for (size_t k = 0; k < ends_count; k++) {
            size_t both = first[i].length + last[k].length;
            if (both < spelling->length &&
                starts(spelling, first[i].text, first[i].length) &&
                ends(spelling, last[k].text, last[k].length)) {
                try_guess(learner, spelling, spelling->text + first[i].length,
                          spelling->length - both, 0);
            }
        }
    }
}

/* The middle between a multiplier and a remainder is guessed to be the scale. */
static void guess_scale(struct learner *learner, const struct spelling *spelling,
                        uint64_t scale)
{
    size_t fronts;
    size_t ends_count;
    const struct spelling *first =
        spellings_of(learner->spellings, spelling->number / scale, &fronts);
    const struct spelling *last =
        spellings_of(learner->spellings, spelling->number % scale, &ends_count);
    for (size_t i = 0; i < fronts; i++) {
        for (size_t k = 0; k < ends_count; k++) {
            size_t both = first[i].length + last[k].length;
            if (both < spelling->length &&
                starts(spelling, first[i].text, first[i].length) &&
                ends(spelling, last[k].text, last[k].length)) {
                try_guess(learner, spelling, spelling->text + first[i].length,
                          spelling->length - both, scale);
            }
        }
    }
}

static bool is_power(uint64_t n)
{
    while (n >= 10 && n % 10 == 0) {
        n /= 10;
    }
    return n == 1;
}

static size_t letters_of(const struct guess *guess)
{
    size_t letters = 0;
    for (size_t i = 0; i < guess->length; i++) {
        letters += ((unsigned char)guess->form[i] & 0xc0) != 0x80;
    }
    return letters;
}

static void guess_all(struct learner *learner, const struct spelling *spelling)
{
    uint64_t n = spelling->number;
    for (uint64_t scale = 1000000000000000ull; scale >= 10; scale /= 10) {
        if (scale >= 100 && n % scale == 0 && n / scale < 1000 && n > 0) {
            guess_without(learner, spelling, n / scale, scale);
            if (!is_power(n)) {
                guess_without(learner, spelling, scale, n / scale);
            }
        }
        uint64_t rest = n % scale;
        if (rest != 0 && n > scale) {
            if (scale >= 100 && n / scale < 1000) {
                guess_scale(learner, spelling, scale);
            }
            guess_joiner(learner, spelling, n - rest, rest);
            guess_joiner(learner, spelling, rest, n - rest);
            guess_without(learner, spelling, rest, n - rest);
            guess_without(learner, spelling, n - rest, rest);
        }
    }
}

/* Joiners first, then by votes, then the longer form, but among those with one vote the
 * shorter; the order is the same at every run. */
static int compare_guesses(const void *left, const void *right)
{
    const struct guess *a = left;
    const struct guess *b = right;
    if ((a->value == 0) != (b->value == 0)) {
        return a->value == 0 ? -1 : 1;
    }
    if (a->votes != b->votes) {
        return a->votes > b->votes ? -1 : 1;
    }
    if (a->length != b->length) {
        return (a->length < b->length) == (a->votes == 1) ? -1 : 1;
    }
    int c = memcmp(a->form, b->form, a->length);
    return c ? c : a->value < b->value ? -1 : a->value > b->value;
}

/* True while what was read before is still read; every fifth spelling is asked. */
static bool still_reads(const struct learner *learner)
{
    for (size_t i = 0; i < learner->spellings->count; i += 5) {
        if (learner->understood[i] &&
            !understood(learner, &learner->spellings->items[i])) {
            return false;
        }
    }
    return true;
}

static bool take(struct learner *learner, const struct guess *guess)
{
    struct words *words = learner->words;
    bool known = guess->value ? !is_new_word(words, guess->form, guess->length)
                              : is_joiner(words, guess->form, guess->length);
    if (known || understood(learner, guess->voter)) {
        return false; /* another word has explained it meanwhile */
    }
    size_t count = words->count;
    bool added = guess->value
                     ? words_add(words, guess->form, guess->length, guess->value)
                     : words_add_joiner(words, guess->form, guess->length);
    if (!added || !understood(learner, guess->voter) || !still_reads(learner)) {
        take_back(words, guess->form, guess->length, count);
        return false;
    }
    if (guess->value) {
        words_find(words, guess->form, guess->length)->stem = true;
    }
    return true;
}

typedef bool wanted(uint64_t number);

/* Adds words for the wanted numbers that are not read, as long as guesses get the
 * votes. */
static void guess_round(struct learner *learner, wanted *wants, unsigned least)
{
    for (int round = 0; round < 8; round++) {
        learner->guess_count = 0;
        free(learner->guesses);
        learner->guesses = NULL;
        for (size_t i = 0; i < learner->spellings->count; i++) {
            const struct spelling *spelling = &learner->spellings->items[i];
            learner->understood[i] = understood(learner, spelling);
            if (wants(spelling->number) && !learner->understood[i]) {
                guess_all(learner, spelling);
            }
        }
        if (learner->guess_count == 0) {
            return;
        }
        qsort(learner->guesses, learner->guess_count, sizeof *learner->guesses,
              compare_guesses);
        size_t taken = 0;
        bool joiners =
            learner->guesses[0].value == 0 && learner->guesses[0].votes >= least;
        for (size_t i = 0; i < learner->guess_count; i++) {
            const struct guess *guess = &learner->guesses[i];
            /* short stems fit by chance */
            bool brief = guess->value && least > 2 && letters_of(guess) < 3;
            unsigned needed =
                brief && (unsigned char)guess->form[0] < 0xe2 ? least * 2 : least;
            if (guess->votes >= needed && (guess->value == 0) == joiners) {
                taken += take(learner, guess);
            }
        }
        if (taken == 0) {
            return;
        }
    }
}

/* True if the text is spelled for another number too: rules of ICU that are wrong. */
static bool contradicts(const struct learner *learner, const struct spelling *spelling)
{
    const struct word *lone;
    uint64_t value;
    if (!compose(learner->words, spelling->text, spelling->length, &value, &lone) ||
        value == spelling->number) {
        return false;
    }
    size_t count;
    const struct spelling *other = spellings_of(learner->spellings, value, &count);
    for (size_t i = 0; i < count; i++) {
        if (other[i].length == spelling->length &&
            memcmp(other[i].text, spelling->text, spelling->length) == 0) {
            return true;
        }
    }
    return false;
}

/* Takes as they stand the wanted spellings that are still not read. */
static size_t take_whole(struct learner *learner, wanted *wants)
{
    size_t taken = 0;
    for (size_t i = 0; i < learner->spellings->count; i++) {
        const struct spelling *spelling = &learner->spellings->items[i];
        if (!wants(spelling->number) || understood(learner, spelling) ||
            contradicts(learner, spelling)) {
            continue;
        }
        char key[160];
        if (spelling->length >= sizeof key ||
            memchr(spelling->text, ',', spelling->length)) {
            continue;
        }
        for (size_t k = 0; k < spelling->length; k++) {
            key[k] = spelling->text[k] == '-' ? ' ' : spelling->text[k];
        }
        if (words_add(learner->words, key, spelling->length, spelling->number)) {
            words_find(learner->words, key, spelling->length)->whole =
                spelling->number > 1000;
            taken++;
        }
    }
    return taken;
}

static bool is_basic(uint64_t n)
{
    return n <= 12;
}

static bool is_teen_or_ten(uint64_t n)
{
    return n <= 20 || (n < 100 && n % 10 == 0);
}

static bool is_below_hundred(uint64_t n)
{
    return n < 100;
}

static bool is_hundred(uint64_t n)
{
    return n == 100;
}

static bool is_hundreds(uint64_t n)
{
    return n <= 900 && n % 100 == 0;
}

static bool is_below_thousand(uint64_t n)
{
    return n < 1000;
}

static bool is_big_power(uint64_t n)
{
    while (n >= 1000 && n % 10 == 0) {
        n /= 10;
    }
    return n == 100;
}

static bool is_round(uint64_t n)
{
    if (n < 1000) {
        return false;
    }
    while (n % 10 == 0) {
        n /= 10;
    }
    return n < 100;
}

static bool is_thousands(uint64_t n)
{
    return n >= 1000 && n < 10000;
}

static bool is_big(uint64_t n)
{
    return n >= 1000;
}

struct learned learn(struct words *words, const struct spellings *spellings)
{
    struct learner learner = {words, spellings, NULL, NULL, 0};
    struct learned learned = {0, 0};
    learner.understood = pool_take(words->pool, spellings->count);
    take_whole(&learner, is_basic);
    take_whole(&learner, is_teen_or_ten);
    guess_round(&learner, is_below_hundred, 3);
    learned.whole_hundreds = take_whole(&learner, is_below_hundred);
    guess_round(&learner, is_hundred, 1);
    take_whole(&learner, is_hundred);
    guess_round(&learner, is_hundreds, 2);
    take_whole(&learner, is_hundreds);
    guess_round(&learner, is_below_thousand, 3);
    learned.whole_hundreds += take_whole(&learner, is_below_thousand);
    guess_round(&learner, is_big_power, 1);
    take_whole(&learner, is_big_power);
    guess_round(&learner, is_thousands, 3);
    guess_round(&learner, is_round, 2);
    guess_round(&learner, is_big, 3);
    take_whole(&learner, is_round);
    free(learner.guesses);
    for (size_t i = 0; i < spellings->count; i++) {
        const struct word *lone;
        bool good = reads_text(words, &spellings->items[i], &lone);
        if (good && lone) {
            words_find(words, lone->form, lone->length)->lone = true;
        }
        struct word *whole =
            words_find(words, spellings->items[i].text, spellings->items[i].length);
        if (whole) {
            whole->stem = false;
        }
        learned.unread += !good;
    }
    return learned;
}
