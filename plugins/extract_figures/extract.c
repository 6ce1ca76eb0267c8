#include "explain.h"
#include "reader.h"

#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

/* The outer loop: paragraphs, sentences that hold a candidate, and what concerns the
 * whole document. */

enum { LOOK_BACK = 1024 };

__attribute__((format(printf, 3, 4))) static figures_status
fail(figures_error *error, figures_status status, const char *format, ...)
{
    if (error) {
        va_list list;
        va_start(list, format);
        error->status = status;
        vsnprintf(error->text, sizeof error->text, format, list);
        va_end(list);
    }
    return status;
}

void *reader_allocate(struct reader *reader, size_t size)
{
    void *memory = reader->memory->allocate(reader->memory->user, size);
    if (!memory) {
        reader->no_memory = true;
    }
    return memory;
}

void trace_line(struct reader *reader, const char *format, ...)
{
    if (!reader->options->trace) {
        return;
    }
    char line[1024];
    va_list list;
    va_start(list, format);
    vsnprintf(line, sizeof line, format, list);
    va_end(list);
    reader->options->trace(reader->options->trace_user, line);
}

figures_figure *new_figure(struct reader *reader)
{
    if (reader->figure_count == reader->figure_room) {
        /* as many as a dense text has; pages that are not reached cost nothing */
        size_t guess = reader->length / 96 + 8;
        size_t room = reader->figure_room ? reader->figure_room * 2 : guess;
        figures_figure *figures = reader_allocate(reader, room * sizeof *figures);
        if (!figures) {
            return NULL;
        }
        if (reader->figure_count > 0) {
            memcpy(figures, reader->figures, reader->figure_count * sizeof *figures);
        }
        reader->figures = figures;
        reader->figure_room = room;
    }
    figures_figure *figure = &reader->figures[reader->figure_count++];
    memset(figure, 0, sizeof *figure);
    return figure;
}

/* The folded word before a full stop, for the question whether it is an abbreviation.
 */
static bool is_abbreviation(const struct reader *reader, size_t dot)
{
    size_t start = dot;
    size_t floor = dot > 24 ? dot - 24 : 0;
    while (start > floor) {
        unsigned char byte = reader->text[start - 1];
        bool letter = byte >= 0x80 || is_ascii_letter(byte) || byte == '.';
        if (!letter) {
            break;
        }
        start--;
    }
    if (start == dot) {
        return false;
    }
    uint32_t code;
    size_t step = utf8_next(reader->text, dot, start, &code);
    if (start + step == dot && is_word_code(code)) {
        return true; /* an initial */
    }
    unsigned char folded[64];
    size_t length = fold_text(reader->text + start, dot - start, folded, 60, NULL);
    if (length == (size_t)-1) {
        return false;
    }
    struct lexicon_match matches[LEXICON_MATCHES];
    size_t count = lexicon_find(reader->lexicon, folded, length, false, false, matches);
    for (size_t i = 0; i < count; i++) {
        size_t senses;
        const struct lexicon_sense *sense = lexicon_senses(
            reader->lexicon, matches[i].terminal, reader->language_index, &senses);
        for (size_t k = 0; k < senses && matches[i].length == length; k++) {
            if (sense[k].role == ROLE_ABBREVIATION ||
                (sense[k].role != ROLE_ABBREVIATION && sense[k].role != ROLE_STOP &&
                 (sense[k].attributes & ATTR_DOT))) {
                return true;
            }
        }
    }
    return false;
}

static bool is_space(unsigned char byte)
{
    return byte == ' ' || byte == '\n' || byte == '\t' || byte == '\r';
}

/* Skips closing quotes and brackets after a sentence's last sign. */
static size_t pass_closers(const struct reader *reader, size_t at)
{
    const unsigned char *text = reader->text;
    while (at < reader->length) {
        if (text[at] == '"' || text[at] == ')' || text[at] == '\'' || text[at] == ']') {
            at++;
        } else if (text[at] == 0xc2 && at + 1 < reader->length &&
                   text[at + 1] == 0xbb) {
            at += 2; /* » */
        } else if (text[at] == 0xe2 && at + 2 < reader->length &&
                   text[at + 1] == 0x80 && text[at + 2] >= 0x98 &&
                   text[at + 2] <= 0x9f) {
            at += 3; /* typographic quotes */
        } else {
            break;
        }
    }
    return at;
}

/* True if the next letter after `at` is a small one: the sentence goes on. */
static bool goes_on(const struct reader *reader, size_t at)
{
    while (at < reader->length &&
           (is_space(reader->text[at]) || reader->text[at] == '"')) {
        at++;
    }
    if (at >= reader->length) {
        return false;
    }
    unsigned char byte = reader->text[at];
    if (byte < 0x80) {
        return (uint32_t)byte - 'a' < 26u || byte == ',' || byte == ';';
    }
    uint32_t code;
    utf8_next(reader->text, reader->length, at, &code);
    script written = script_of(code);
    bool cased = written == SCRIPT_LATIN || written == SCRIPT_CYRILLIC ||
                 written == SCRIPT_GREEK;
    return cased && !is_upper_code(code) && is_word_code(code);
}

static bool dot_ends(const struct reader *reader, size_t at)
{
    const unsigned char *text = reader->text;
    size_t next = pass_closers(reader, at + 1);
    if (next < reader->length && !is_space(text[next])) {
        return false;
    }
    if (at > 1 && at + 2 < reader->length && text[at - 1] == ' ' &&
        is_ascii_digit(text[at - 2]) && is_ascii_digit(text[at + 2])) {
        return false; /* `14 . 8 %`: a text whose signs were set apart */
    }
    if (at > 0 && is_ascii_digit(text[at - 1])) {
        bool ordinal = (reader->language->flags & LANGUAGE_ORDINAL_DOT) != 0;
        bool short_number = at < 3 || !is_ascii_digit(text[at - 2]) ||
                            (!is_ascii_digit(text[at - 3]) && text[at - 3] != '.' &&
                             text[at - 3] != ',');
        if (ordinal && short_number && next < reader->length && text[next] != '\n') {
            return false;
        }
    }
    return !goes_on(reader, next) && !is_abbreviation(reader, at);
}

static bool newline_ends(const struct reader *reader, size_t at)
{
    size_t before = at;
    while (before > 0 &&
           (reader->text[before - 1] == ' ' || reader->text[before - 1] == '\r')) {
        before--;
    }
    bool empty = before == 0 || reader->text[before - 1] == '\n';
    bool next_empty = at + 1 >= reader->length || reader->text[at + 1] == '\n' ||
                      reader->text[at + 1] == '\r';
    return empty || next_empty || !goes_on(reader, at + 1);
}

/* The length of the sentence end at a place: 0 where no sentence ends. */
static size_t ends_here(const struct reader *reader, size_t at)
{
    const unsigned char *text = reader->text;
    switch (text[at]) {
    case '\n':
        return newline_ends(reader, at) ? 1 : 0;
    case '.':
        return dot_ends(reader, at) ? pass_closers(reader, at + 1) - at : 0;
    case '!':
    case '?':
        if (at + 1 < reader->length &&
            (is_ascii_letter(text[at + 1]) || is_ascii_digit(text[at + 1]))) {
            return 0; /* the query of an address */
        }
        return goes_on(reader, at + 1) ? 0 : pass_closers(reader, at + 1) - at;
    case 0xd8: /* ؟ */
        return at + 1 < reader->length && text[at + 1] == 0x9f ? 2 : 0;
    case 0xe0: /* । */
        return at + 2 < reader->length && text[at + 1] == 0xa5 && text[at + 2] == 0xa4
                   ? 3
                   : 0;
    case 0xe3: /* 。 */
        return at + 2 < reader->length && text[at + 1] == 0x80 && text[at + 2] == 0x82
                   ? pass_closers(reader, at + 3) - at
                   : 0;
    case 0xef: /* ！ ？ */
        return at + 2 < reader->length && text[at + 1] == 0xbc &&
                       (text[at + 2] == 0x81 || text[at + 2] == 0x9f)
                   ? 3
                   : 0;
    default:
        return 0;
    }
}

/* Bytes at which ends_here may be other than 0. */
static bool may_end(const struct reader *reader, size_t at)
{
    static const unsigned char enders[256] = {
        ['\n'] = 1, ['.'] = 1,  ['!'] = 1,  ['?'] = 1,
        [0xd8] = 1, [0xe0] = 1, [0xe3] = 1, [0xef] = 1};
    unsigned char byte = reader->text[at];
    if (byte == 0xd8) { /* half of all Arabic letters */
        return at + 1 < reader->length && reader->text[at + 1] == 0x9f;
    }
    return enders[byte] != 0;
}

static size_t sentence_start(const struct reader *reader, size_t candidate,
                             size_t floor)
{
    size_t lowest = candidate > SENTENCE_BYTES / 2 ? candidate - SENTENCE_BYTES / 2 : 0;
    lowest = lowest > floor ? lowest : floor;
    for (size_t at = candidate; at > lowest; at--) {
        size_t length = may_end(reader, at - 1) ? ends_here(reader, at - 1) : 0;
        if (length > 0 && at - 1 + length <= candidate) {
            return at - 1 + length;
        }
    }
    while (lowest > floor && lowest < candidate &&
           (reader->text[lowest] & 0xc0) == 0x80) {
        lowest++;
    }
    return lowest;
}

static size_t sentence_end(const struct reader *reader, size_t start, size_t candidate)
{
    size_t limit = reader->length - start > SENTENCE_BYTES ? start + SENTENCE_BYTES
                                                           : reader->length;
    size_t blank = 0;
    size_t line = 0;
    for (size_t at = candidate; at < limit; at++) {
        size_t length = may_end(reader, at) ? ends_here(reader, at) : 0;
        if (length > 0) {
            return at + length < limit ? at + length : limit;
        }
        if (reader->text[at] == ' ') {
            blank = at;
        } else if (reader->text[at] == '\n') {
            line = at + 1;
        }
    }
    if (limit == reader->length) {
        return limit;
    }
    /* Too long to be a sentence, a list perhaps: cut where the least is cut apart. */
    if (line > candidate) {
        return line;
    }
    if (blank > candidate) {
        return blank;
    }
    while (limit > candidate + 1 && (reader->text[limit] & 0xc0) == 0x80) {
        limit--;
    }
    return limit;
}

static void trim_sentence(struct reader *reader)
{
    while (reader->start < reader->end && is_space(reader->text[reader->start])) {
        reader->start++;
    }
    while (reader->end > reader->start && is_space(reader->text[reader->end - 1])) {
        reader->end--;
    }
}

/* Tokens that may be the whole of a text that is a number and nothing else. */
static bool only_a_number(const struct reader *reader)
{
    for (int i = 0; i < reader->token_count; i++) {
        const struct token *token = &reader->tokens[i];
        const uint64_t roles = ROLE_BIT(ROLE_NUMBER) | ROLE_BIT(ROLE_SCALE) |
                               ROLE_BIT(ROLE_JOINER) | ROLE_BIT(ROLE_FRACTION) |
                               ROLE_BIT(ROLE_VAGUE) | ROLE_BIT(ROLE_MINUS);
        if (token->kind == TOKEN_WORD && !(token->roles & roles)) {
            return false;
        }
    }
    return true;
}

static bool fold_sentence(struct reader *reader)
{
    reader->folded_length = lexicon_fold_text(
        reader->lexicon, reader->text + reader->start, reader->end - reader->start,
        reader->folded, FOLDED_BYTES, reader->map);
    /* cannot be (size_t)-1: folding makes no text more than twice as long */
    return reader->folded_length != (size_t)-1;
}

static bool read_grammar(struct reader *reader)
{
    if (!fold_sentence(reader)) {
        return false;
    }
    read_tokens(reader);
    reader->whole_text_only_number = reader->whole_text && only_a_number(reader);
    kill_names(reader);
    read_times(reader);
    read_quantities(reader);
    link_quantities(reader);
    read_nouns(reader);
    read_speakers(reader);
    return true;
}

/* Reads who spoke last in the text passed over, at most its last LOOK_BACK bytes. */
static void look_back(struct reader *reader)
{
    uint32_t start = reader->start;
    uint32_t end = reader->end;
    uint32_t from = reader->passed_start;
    if (reader->passed_end - from > LOOK_BACK) {
        from = reader->passed_end - LOOK_BACK;
        while (from < reader->passed_end && !is_space(reader->text[from])) {
            from++;
        }
    }
    reader->start = from;
    reader->end = reader->passed_end;
    trim_sentence(reader);
    if (fold_sentence(reader)) {
        read_tokens(reader);
        reader->quantity_count = reader->time_count = 0;
        read_speakers(reader);
        take_last_speaker(reader);
    }
    reader->start = start;
    reader->end = end;
}

static void read_sentence(struct reader *reader)
{
    reader->sentences++;
    if (!read_grammar(reader)) {
        return;
    }
    if (asks_who_spoke(reader)) {
        look_back(reader);
        read_grammar(reader);
    }
    if (reader->options->trace) {
        explain_sentence(reader);
    }
    make_figures(reader);
}

static void set_language(struct reader *reader, int language)
{
    reader->language_index = (uint8_t)language;
    reader->language = &reader->lexicon->languages[language];
    prepare_filter(reader, language);
}

/* Reads the sentences of [start, end) that hold a candidate; returns where the last one
 * ends, which may be in a later line. */
static size_t read_paragraph(struct reader *reader, size_t start, size_t end)
{
    size_t done = start;
    while (done < end && !reader->no_memory) {
        size_t candidate = next_candidate(reader, done, end);
        if (candidate >= end) {
            break;
        }
        size_t first = sentence_start(reader, candidate, done);
        size_t last = sentence_end(reader, first, candidate);
        last = last > candidate ? last : candidate + 1;
        reader->passed_start = (uint32_t)done;
        reader->passed_end = (uint32_t)first;
        if (first > done) {
            reader->carried.age++;
        }
        reader->start = (uint32_t)first;
        reader->end = (uint32_t)last;
        reader->carried.age++;
        trim_sentence(reader);
        read_sentence(reader);
        done = last;
    }
    return done;
}

static void finish_document(struct reader *reader)
{
    for (size_t i = 0; i < reader->figure_count; i++) {
        figures_figure *figure = &reader->figures[i];
        if (reader->document_hedge && figure->hedge == FIGURES_NO_HEDGE &&
            figure->kind != FIGURES_TIME) {
            figure->hedge = reader->document_hedge;
        }
    }
}

static bool choose_languages(struct reader *reader, figures_error *error)
{
    const figures_options *options = reader->options;
    if (options->language_count == 0) {
        reader->wanted[0] = ~0ull;
        reader->wanted[1] = ~0ull;
        return true;
    }
    for (size_t i = 0; i < options->language_count; i++) {
        int index = lexicon_language_index(reader->lexicon, options->languages[i]);
        if (index < 0) {
            fail(error, FIGURES_BAD_OPTION, "the lexicon has no language `%.40s`",
                 options->languages[i]);
            return false;
        }
        reader->wanted[index / 64] |= 1ull << (index % 64);
    }
    return true;
}

static int only_language(const struct reader *reader)
{
    int count = __builtin_popcountll(reader->wanted[0]) +
                __builtin_popcountll(reader->wanted[1]);
    if (count != 1) {
        return -1;
    }
    return reader->wanted[0] ? __builtin_ctzll(reader->wanted[0])
                             : 64 + __builtin_ctzll(reader->wanted[1]);
}

static bool is_one_line(const struct reader *reader)
{
    size_t end = reader->length;
    while (end > 0 && is_space(reader->text[end - 1])) {
        end--;
    }
    return end < 200 && !memchr(reader->text, '\n', end);
}

static void read_document(struct reader *reader)
{
    int only = only_language(reader);
    int language = only > 0 ? only : 0;
    set_language(reader, language);
    decide_decimal(reader);
    reader->whole_text = is_one_line(reader);
    size_t start = 0;
    while (start < reader->length && !reader->no_memory) {
        const unsigned char *newline =
            memchr(reader->text + start, '\n', reader->length - start);
        size_t end = newline ? (size_t)(newline - reader->text) + 1 : reader->length;
        if (only < 0) {
            int found = detect_language(reader, start, end, language);
            if (found != language) {
                language = found;
                set_language(reader, language);
            }
        }
        size_t done = read_paragraph(reader, start, end);
        if (newline && newline_ends(reader, end - 1)) {
            reader->carried.age++; /* a speaker is carried within the paragraph */
        }
        /* What a sentence took of the lines below is not read again. */
        start = done > end ? done : end;
        reader->steps++;
    }
    finish_document(reader);
}

figures_status figures_read(const figures_lexicon *lexicon, figures_slice text,
                            const figures_options *options,
                            const figures_memory *memory, figures_result *result,
                            figures_error *error)
{
    static const figures_options none = {0};
    memset(result, 0, sizeof *result);
    if (text.length >= UINT32_MAX) {
        return fail(error, FIGURES_TOO_LONG,
                    "a text of %zu bytes is too long: 4 GiB at most", text.length);
    }
    struct reader *reader = memory->allocate(memory->user, sizeof *reader);
    if (!reader) {
        return fail(error, FIGURES_NO_MEMORY, "out of memory while reading figures");
    }
    memset(reader, 0, offsetof(struct reader, folded));
    reader->token_count = reader->quantity_count = reader->time_count = 0;
    reader->speaker_count = reader->literal_count = 0;
    reader->document_hedge = FIGURES_NO_HEDGE;
    memset(&reader->carried, 0, sizeof reader->carried);
    reader->last_chain = NULL;
    reader->figures = NULL;
    reader->figure_count = reader->figure_room = 0;
    reader->lexicon = lexicon;
    reader->text = (const unsigned char *)text.bytes;
    reader->length = text.length;
    reader->options = options ? options : &none;
    reader->memory = memory;
    if (!choose_languages(reader, error)) {
        return FIGURES_BAD_OPTION;
    }
    read_document(reader);
    if (reader->no_memory) {
        return fail(error, FIGURES_NO_MEMORY, "out of memory while reading figures");
    }
    result->figures = reader->figures;
    result->count = reader->figure_count;
    result->sentences = reader->sentences;
    result->steps = reader->steps;
    return FIGURES_OK;
}
