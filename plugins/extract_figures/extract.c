#include "explain.h"
#include "words.h"

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

static void trim_sentence(struct reader *reader)
{
    while (reader->start < reader->end && is_space_byte(reader->text[reader->start])) {
        reader->start++;
    }
    while (reader->end > reader->start &&
           is_space_byte(reader->text[reader->end - 1])) {
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

/* Arrays for a sentence of so many tokens at most. */
static bool make_room(struct reader *reader, size_t tokens)
{
    size_t room = reader->room ? reader->room : 64;
    if (tokens <= reader->room) {
        return true;
    }
    while (room < tokens) {
        room *= 2;
    }
    size_t quantities = room < QUANTITIES ? room : QUANTITIES;
    size_t times = room < TIMES ? room : TIMES;
    reader->tokens = reader_allocate(reader, room * sizeof *reader->tokens);
    reader->active = reader_allocate(reader, room * sizeof *reader->active);
    reader->semicolons =
        reader_allocate(reader, (room + 1) * sizeof *reader->semicolons);
    reader->literals = reader_allocate(reader, room * sizeof *reader->literals);
    reader->quantities =
        reader_allocate(reader, quantities * sizeof *reader->quantities);
    reader->times = reader_allocate(reader, times * sizeof *reader->times);
    reader->room = reader->no_memory ? 0 : room;
    return !reader->no_memory;
}

/* Memory for the folded text; a document is smaller than most of them. */
static bool make_window(struct reader *reader, struct window *window)
{
    size_t room = reader->length < WINDOW_BYTES ? reader->length : WINDOW_BYTES;
    if (!window->folded) {
        void *memory = reader_allocate(reader, window_size(room));
        if (memory) {
            window_place(window, memory, room);
        }
    }
    return !reader->no_memory;
}

static bool covers(const struct window *window, size_t start, size_t end)
{
    return window->folded && window->start <= start && end <= window->end;
}

/* The window that holds a part of the text: the line's if it lies there, else one that
 * is folded for it. NULL when there is no memory. */
static struct window *window_of(struct reader *reader, size_t start, size_t end)
{
    if (covers(&reader->line, start, end)) {
        return &reader->line;
    }
    if (!covers(&reader->own, start, end)) {
        if (!make_window(reader, &reader->own)) {
            return NULL;
        }
        window_fold(&reader->own, reader->lexicon, reader->text, start, end);
    }
    return &reader->own;
}

/* Finds the folded form of the sentence. */
static bool fold_sentence(struct reader *reader)
{
    reader->window = window_of(reader, reader->start, reader->end);
    if (!reader->window) {
        return false;
    }
    size_t first = window_folded(reader->window, reader->start);
    size_t end = window_folded(reader->window, reader->end);
    reader->window_first = first;
    reader->folded = reader->window->folded + first;
    reader->folded_length = end > first ? end - first : 0;
    return make_room(reader, reader->folded_length + 1);
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
        while (from < reader->passed_end && !is_space_byte(reader->text[from])) {
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
    reader->filter = filters_of(reader->lexicon, language);
    reader->no_memory = reader->no_memory || !reader->filter;
}

static uint32_t age_of(const struct skipped *skipped)
{
    return 1u + skipped->apart + skipped->newlines;
}

/* Keeps a sentence that was not read; `done`: one that was, for its age. */
static void skip_sentence(struct reader *reader, size_t start, size_t end, bool done)
{
    if (reader->skipped_count == SKIPPED) {
        reader->carried.age += age_of(&reader->skipped[0]);
        memmove(reader->skipped, reader->skipped + 1,
                (SKIPPED - 1) * sizeof *reader->skipped);
        reader->skipped_count--;
    }
    struct skipped *skipped = &reader->skipped[reader->skipped_count++];
    *skipped = (struct skipped){.passed = reader->passed_start,
                                .start = (uint32_t)start,
                                .end = (uint32_t)end,
                                .language = reader->language_index,
                                .apart = reader->passed_end > reader->passed_start,
                                .done = done};
}

static void read_range(struct reader *reader, size_t start, size_t end)
{
    reader->start = (uint32_t)start;
    reader->end = (uint32_t)end;
    reader->carried.age++;
    trim_sentence(reader);
    read_sentence(reader);
}

static uint32_t skipped_age(const struct reader *reader)
{
    uint32_t age = 0;
    for (int i = 0; i < reader->skipped_count; i++) {
        age += age_of(&reader->skipped[i]);
    }
    return age;
}

/* True if one of the skipped sentences from which a speaker may be carried may name
 * one; `age` is that of the sentence at hand. */
static bool may_speak(struct reader *reader, uint32_t age)
{
    const uint64_t speaking = ROLE_BIT(ROLE_SOURCE) | ROLE_BIT(ROLE_HEDGE);
    int language = reader->language_index;
    bool found = false;
    for (int i = reader->skipped_count - 1; i >= 0 && !found; i--) {
        const struct skipped *skipped = &reader->skipped[i];
        age += skipped->newlines;
        if (age > reader->asks_before) {
            break;
        }
        age += 1u + skipped->apart;
        if (skipped->done) {
            continue;
        }
        set_language(reader, skipped->language);
        reader->start = skipped->start;
        reader->end = skipped->end;
        trim_sentence(reader);
        if (!reader->no_memory && fold_sentence(reader)) {
            read_tokens(reader);
            found = (reader->sentence_roles & speaking) != 0;
        }
    }
    set_language(reader, language);
    return found;
}

static void read_skipped(struct reader *reader)
{
    int language = reader->language_index;
    for (int i = 0; i < reader->skipped_count && !reader->no_memory; i++) {
        const struct skipped *skipped = &reader->skipped[i];
        reader->carried.age += skipped->apart;
        if (skipped->done) {
            reader->carried.age++;
        } else {
            set_language(reader, skipped->language);
            reader->passed_start = skipped->passed;
            reader->passed_end = skipped->start;
            read_range(reader, skipped->start, skipped->end);
        }
        reader->carried.age += skipped->newlines;
    }
    set_language(reader, language);
    reader->skipped_count = 0;
}

/* Reads a sentence; those that were skipped before it, too, if its figures may be of a
 * speaker who is named there. */
static void read_after_skipped(struct reader *reader, size_t first, size_t last)
{
    const struct carried_source before = reader->carried;
    const uint32_t passed = reader->passed_start;
    const bool apart = reader->passed_end > passed;
    size_t figures = reader->figure_count;
    reader->carried.age += skipped_age(reader) + apart;
    uint32_t age = reader->carried.age + 1;
    reader->asks_before = 0;
    read_range(reader, first, last);
    if (reader->asks_before > 0 && may_speak(reader, 1u + apart)) {
        reader->carried = before;
        reader->figure_count = figures;
        read_skipped(reader);
        reader->passed_start = passed;
        reader->passed_end = (uint32_t)first;
        reader->carried.age += apart;
        read_range(reader, first, last);
    } else if (reader->carried.age != age) {
        reader->skipped_count = 0; /* it or the text before it has a speaker */
    } else {
        reader->carried = before;
        skip_sentence(reader, first, last, true);
    }
}

/* A speaker is carried within the paragraph. */
static void end_paragraph(struct reader *reader)
{
    if (reader->skipped_count > 0) {
        reader->skipped[reader->skipped_count - 1].newlines++;
    } else {
        reader->carried.age++;
    }
}

/* Reads the sentences that hold one of the window's candidates and start at or after
 * `done`; returns where the last one ends, which may be in a later line. */
static size_t read_window(struct reader *reader, size_t done)
{
    struct window *window = &reader->line;
    while (done < window->end && !reader->no_memory) {
        size_t folded = next_candidate(reader, window, window_folded(window, done));
        if (folded >= window->length) {
            break;
        }
        size_t candidate = window_text(window, folded);
        size_t first = sentence_start(reader, candidate, done);
        size_t last = sentence_end(reader, first, candidate);
        last = last > candidate ? last : candidate + 1;
        reader->passed_start = (uint32_t)done;
        reader->passed_end = (uint32_t)first;
        done = last;
        struct window *around = window_of(reader, first, last);
        if (around && !needs_reading(reader, around, window_folded(around, candidate),
                                     window_folded(around, last))) {
            skip_sentence(reader, first, last, false);
        } else if (reader->skipped_count > 0) {
            read_after_skipped(reader, first, last);
        } else {
            reader->carried.age += first > reader->passed_start;
            read_range(reader, first, last);
        }
    }
    return done;
}

/* The end of the next window of a line: cut at a blank if the line is too long. */
static size_t window_end(const struct reader *reader, size_t start, size_t end)
{
    size_t room = reader->line.room;
    if (end - start <= room) {
        return end;
    }
    end = start + room;
    size_t cut = end;
    while (cut > end - room / 4 && reader->text[cut - 1] != ' ') {
        cut--;
    }
    if (cut > end - room / 4) {
        return cut;
    }
    while (end > start + 1 && (reader->text[end] & 0xc0) == 0x80) {
        end--;
    }
    return end;
}

static void fold_line(struct reader *reader, size_t start, size_t end)
{
    window_fold(&reader->line, reader->lexicon, reader->text, start,
                window_end(reader, start, end));
}

/* Reads the sentences of a line that was folded as far as it fits. */
static size_t read_paragraph(struct reader *reader, size_t start, size_t end)
{
    size_t done = read_window(reader, start);
    while (reader->line.end < end && done < end && !reader->no_memory) {
        /* a sentence may have gone past the window */
        size_t next = done > reader->line.end ? done : reader->line.end;
        fold_line(reader, next, end);
        done = read_window(reader, done);
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
    while (end > 0 && is_space_byte(reader->text[end - 1])) {
        end--;
    }
    return end < 200 && !memchr(reader->text, '\n', end);
}

static void read_document(struct reader *reader)
{
    int only = only_language(reader);
    int language = only > 0 ? only : 0;
    set_language(reader, language);
    reader->words = make_word_cache(reader, reader->length);
    if (!make_window(reader, &reader->line)) {
        return;
    }
    decide_decimal(reader);
    reader->whole_text = is_one_line(reader);
    size_t start = 0;
    while (start < reader->length && !reader->no_memory) {
        const unsigned char *newline =
            memchr(reader->text + start, '\n', reader->length - start);
        size_t end = newline ? (size_t)(newline - reader->text) + 1 : reader->length;
        fold_line(reader, start, end);
        if (only < 0) {
            int found = detect_language(reader, language);
            if (found != language) {
                language = found;
                set_language(reader, language);
            }
        }
        size_t done = read_paragraph(reader, start, end);
        if (newline && newline_ends(reader, end - 1)) {
            end_paragraph(reader);
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
    memset(reader, 0, sizeof *reader);
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
