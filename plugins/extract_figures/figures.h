/* The figure extractor: finds the figures of a text, as FIGURES.md (the contract) says.
 * libc only, no global mutable state: any number of threads may extract at once with
 * one lexicon. All offsets are byte offsets into the text as it was given. */
#ifndef MIZAN_FIGURES_H
#define MIZAN_FIGURES_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#define FIGURES_VERSION "1"

typedef struct figures_lexicon figures_lexicon;

typedef enum figures_status {
    FIGURES_OK = 0,
    FIGURES_NO_MEMORY,   /* the allocator returned NULL */
    FIGURES_NO_FILE,     /* the lexicon cannot be opened or mapped */
    FIGURES_BAD_LEXICON, /* truncated, damaged, or made for another machine or version
                          */
    FIGURES_BAD_OPTION,  /* an unknown language */
    FIGURES_TOO_LONG     /* a text of 4 GiB or more */
} figures_status;

typedef struct figures_error {
    figures_status status;
    char text[256]; /* one sentence, no newline at its end */
} figures_error;

/* Memory of a result: `allocate` returns at least `size` bytes aligned for any type, or
 * NULL. Nothing is ever handed back one by one: the caller drops the arena. */
typedef struct figures_memory {
    void *(*allocate)(void *user, size_t size);
    void *user;
} figures_memory;

/* An exact decimal: (limb[3]·10^27 + limb[2]·10^18 + limb[1]·10^9 + limb[0]) ·
 * 10^exponent. At most 36 digits. */
typedef struct figures_decimal {
    uint32_t limb[4];
    int16_t exponent;
    bool negative;
    bool set; /* false: no value */
} figures_decimal;

/* Bytes that figures_decimal_text may write, the closing NUL included. */
#define FIGURES_DECIMAL_TEXT 80

/* Writes the decimal as a JSON number, without exponent below 10^21; returns its
 * length. */
size_t figures_decimal_text(const figures_decimal *decimal, char *out);

typedef enum figures_kind {
    FIGURES_MONEY,
    FIGURES_PERCENT,
    FIGURES_MEASURE,
    FIGURES_COUNT,
    FIGURES_RATIO,
    FIGURES_NUMBER,
    FIGURES_TIME,
    FIGURES_ORDINAL
} figures_kind;

typedef enum figures_bound {
    FIGURES_EXACT,
    FIGURES_RANGE,
    FIGURES_AT_LEAST,
    FIGURES_MORE_THAN,
    FIGURES_AT_MOST,
    FIGURES_LESS_THAN,
    FIGURES_VAGUE
} figures_bound;

typedef enum figures_side { FIGURES_AROUND, FIGURES_BELOW, FIGURES_ABOVE } figures_side;

typedef enum figures_hedge {
    FIGURES_NO_HEDGE,
    FIGURES_ESTIMATED,
    FIGURES_CLAIMED,
    FIGURES_UNCONFIRMED,
    FIGURES_PLANNED,
    FIGURES_POSSIBLE,
    FIGURES_DENIED
} figures_hedge;

typedef enum figures_change {
    FIGURES_NO_CHANGE,
    FIGURES_UP_BY,
    FIGURES_DOWN_BY,
    FIGURES_UP_TO,
    FIGURES_DOWN_TO,
    FIGURES_CHANGED
} figures_change;

typedef enum figures_role {
    FIGURES_NO_ROLE,
    FIGURES_OUTLET,
    FIGURES_AGENCY,
    FIGURES_SPOKESPERSON,
    FIGURES_AUTHOR,
    FIGURES_ORIGIN
} figures_role;

typedef enum figures_stance {
    FIGURES_ASSERTS,
    FIGURES_ESTIMATES,
    FIGURES_DENIES,
    FIGURES_DOUBTS,
    FIGURES_QUOTES
} figures_stance;

/* A piece of text: UTF-8, not closed by NUL, owned by the input text, the lexicon or
 * the result's memory. */
typedef struct figures_slice {
    const char *bytes;
    size_t length;
} figures_slice;

typedef struct figures_source {
    figures_slice name; /* as the text has it */
    figures_role role;
    figures_slice verb; /* as the text has it; empty for a frame (`according to`) */
    figures_stance stance;
    uint32_t start, end; /* of the name */
} figures_source;

#define FIGURES_SOURCES 4

typedef struct figures_figure {
    uint32_t start, end;
    figures_kind kind;
    figures_bound bound;
    figures_decimal value; /* with FIGURES_VAGUE the floor, with FIGURES_RANGE unset */
    figures_decimal low, high; /* set with FIGURES_RANGE only */
    bool approx;
    figures_side side;
    figures_slice unit;          /* empty: none */
    figures_slice fraction;      /* `2/3`; empty: none */
    figures_decimal alternative; /* another reading of value, if .set */
    bool converts; /* same_start and same_end hold the figure that this one converts */
    uint32_t same_start, same_end;
    figures_slice per;
    figures_slice counted;
    figures_slice as_of;
    figures_slice time;
    const figures_source *source; /* nearest speaker first */
    uint8_t source_count;
    figures_hedge hedge;
    figures_change change;
    uint32_t sentence_start, sentence_end;
    figures_slice language; /* BCP 47 */
    float confidence;       /* 0 to 1 */
    uint8_t significant;    /* digits that the text gives: 9.8 billion has 2 */
} figures_figure;

typedef struct figures_result {
    figures_figure *figures; /* in text order */
    size_t count;
    size_t sentences; /* sentences that were read by the grammar */
    size_t steps;     /* steps of work done: grows in proportion to the text */
} figures_result;

/* One line of explanation for people: a token, a rule that fired, a reading that lost.
 */
typedef void figures_trace(void *user, const char *line);

typedef struct figures_options {
    const char *const *languages; /* BCP 47 tags; a region is ignored */
    size_t language_count;        /* 0: every language of the lexicon, by detection */
    bool ordinals;                /* return figures of kind ordinal */
    bool times;                   /* return figures of kind time */
    char decimal;         /* '.' or ',': habit of this source; 0: the language's */
    figures_trace *trace; /* NULL: none */
    void *trace_user;
} figures_options;

/* Maps the file read-only. On failure *out is NULL and *error says why. */
figures_status figures_lexicon_open(const char *path, figures_lexicon **out,
                                    figures_error *error);

/* The same over memory that the caller keeps alive and unchanged, 8-byte aligned. */
figures_status figures_lexicon_from(const void *bytes, size_t length,
                                    figures_lexicon **out, figures_error *error);

/* Accepts NULL. Every result made with it loses its units and languages. */
void figures_lexicon_close(figures_lexicon *lexicon);

size_t figures_lexicon_languages(const figures_lexicon *lexicon);
/* The tag of language `index`, valid until close; NULL past the end. */
const char *figures_lexicon_language(const figures_lexicon *lexicon, size_t index);

/* Extracts the figures of a text. The result's slices point into text, lexicon and
 * memory, all of which must outlive it. Time and memory grow linearly with the text.
 * `options` may be NULL: all languages, no ordinals, no times. */
figures_status figures_read(const figures_lexicon *lexicon, figures_slice text,
                            const figures_options *options,
                            const figures_memory *memory, figures_result *result,
                            figures_error *error);

/* Writes one figure as the contract's JSON object, in pieces, without a newline. `text`
 * is the text it was extracted from. Invalid UTF-8 in names is written as U+FFFD. */
typedef void figures_write(void *user, const char *bytes, size_t length);
void figures_print_json(const figures_figure *figure, const char *text,
                        figures_write *write, void *user);

/* The contract's words for the enumerations. */
const char *figures_kind_name(figures_kind kind);
const char *figures_bound_name(figures_bound bound);
const char *figures_hedge_name(figures_hedge hedge);    /* NULL for none */
const char *figures_change_name(figures_change change); /* NULL for none */
const char *figures_role_name(figures_role role);       /* NULL for none */
const char *figures_stance_name(figures_stance stance);
const char *figures_side_name(figures_side side); /* NULL for around */

#endif
