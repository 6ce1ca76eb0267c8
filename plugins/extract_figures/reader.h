/* What the stages of the reader share: the sentence in hand, its tokens, numbers,
 * quantities, times and speakers. One reader serves one call of figures_read and
 * lives in the caller's memory; a stage reads what the stages before it left here.
 *
 *   window.c    a line folded, with masks of its letters and digits
 *   detect.c    its language
 *   scan.c      where words and digits may make a figure
 *   candidate.c whether a sentence must be read for them
 *   sentence.c  where it starts and ends
 *   words.c     words and what the lexicon knows of them
 *   token.c     a sentence to tokens with their senses
 *   literal.c   digits with their signs to decimals
 *   time.c      dates, years, clock times, decades
 *   number.c    number words, digits and scales to one number
 *   unit.c      what a number counts in: percent, currency, measure, rate
 *   quantity.c  number with unit and qualifiers
 *   amount.c    amounts in more than one unit
 *   link.c      ranges, lists, ratios, conversions: quantities that belong together
 *   noun.c      what is counted
 *   noun_phrase.c  where the words for it end
 *   source.c    who says so, with speaker_name.c and speaker_find.c
 *   chain.c     which speakers say which figure
 *   figure.c    a quantity to a figure */
#ifndef MIZAN_FIGURES_READER_H
#define MIZAN_FIGURES_READER_H

#include "decimal.h"
#include "figures.h"
#include "filter.h"
#include "lexicon.h"
#include "window.h"

enum {
    SENTENCE_BYTES = 6144, /* a longer sentence is read in pieces of this size */
    /* Room for the densest piece, a table of digits: nothing that is read is left out.
     * Memory is taken by need, for the longest sentence so far. */
    TOKENS = SENTENCE_BYTES * 3,
    QUANTITIES = SENTENCE_BYTES / 2,
    TIMES = SENTENCE_BYTES / 4,
    SPEAKERS = 24,
    HEDGES = 24
};

enum token_kind {
    TOKEN_WORD,
    TOKEN_DIGITS,
    TOKEN_SIGN,
    TOKEN_PREFIX /* stripped from the word after it */
};

enum {
    TOKEN_SPACE = 1u << 0,   /* a blank stands before it */
    TOKEN_CAPITAL = 1u << 1, /* starts with a capital letter */
    TOKEN_AND = 1u << 2,     /* a prefix that means `and` */
    TOKEN_DEAD = 1u << 3,    /* part of a name, address or date: makes no figure */
    TOKEN_UPPER = 1u << 4,   /* two or more letters, all capitals */
    TOKEN_TIME = 1u << 5     /* part of a time that was read */
};

enum { SENSES_LANGUAGE, SENSES_SHARED, SENSES_SUFFIX, SENSE_LISTS };

struct token {
    const struct lexicon_sense *senses[SENSE_LISTS];
    uint64_t roles;      /* bits 1 << role of all senses */
    uint32_t from, to;   /* in the folded sentence */
    uint32_t start, end; /* in the text */
    uint32_t code;       /* of a sign; of a word its first code point */
    uint16_t literal;    /* of digits */
    uint8_t counts[SENSE_LISTS];
    uint8_t kind;
    uint8_t flags;
};

#define ROLE_BIT(role) (1ull << (role))

/* Words that may begin a quantity. */
#define QUANTITY_ROLES                                                                 \
    (ROLE_BIT(ROLE_NUMBER) | ROLE_BIT(ROLE_SCALE) | ROLE_BIT(ROLE_FRACTION) |          \
     ROLE_BIT(ROLE_DECIMAL_WORD) | ROLE_BIT(ROLE_VAGUE) | ROLE_BIT(ROLE_MULTIPLE) |    \
     ROLE_BIT(ROLE_ARTICLE) | ROLE_BIT(ROLE_NOUN) | ROLE_BIT(ROLE_UNIT) |              \
     ROLE_BIT(ROLE_MONEY) | ROLE_BIT(ROLE_PERCENT) | ROLE_BIT(ROLE_ORDINAL))

/* What the loops of the stages look for; a stage that begins at other roles adds them.
 */
#define ACTIVE_ROLES                                                                   \
    (QUANTITY_ROLES | ROLE_BIT(ROLE_MONTH) | ROLE_BIT(ROLE_YEAR) |                     \
     ROLE_BIT(ROLE_LABEL) | ROLE_BIT(ROLE_SOURCE) | ROLE_BIT(ROLE_HEDGE))

static inline bool is_active(const struct token *token)
{
    return (token->roles & ACTIVE_ROLES) != 0 || token->kind == TOKEN_DIGITS ||
           token->code == '+';
}

enum {
    LITERAL_GROUPED = 1u << 0,   /* has thousands signs */
    LITERAL_POINT = 1u << 1,     /* has a decimal sign */
    LITERAL_AMBIGUOUS = 1u << 2, /* `alternative` is as possible */
    LITERAL_NAME = 1u << 3,      /* a version, date or address: no number */
    LITERAL_FRACTION = 1u << 4   /* 3/4, 1 1/2, ¾ */
};

struct literal {
    figures_decimal value, alternative;
    uint32_t numerator, denominator;
    uint8_t flags;
    uint8_t digits; /* before the decimal sign */
    uint8_t significant;
};

struct number {
    int first, end; /* tokens, half open */
    figures_decimal value, alternative;
    figures_decimal base;            /* what the last scale multiplied */
    figures_decimal scale;           /* unset: none */
    uint64_t numerator, denominator; /* denominator > 0: a fraction */
    bool words;                      /* has number words */
    bool digits;                     /* has digits */
    bool weak;                       /* nothing but an article or pronoun */
    bool vague;                      /* `value` is a floor */
    bool lone;                       /* a scale without a multiplier */
    bool multiple;                   /* twice, threefold: unit times */
    bool ordinal;                    /* `the tenth`, in a frame */
    bool lone_unit; /* a dual: the number is in the unit or noun itself */
    uint8_t significant;
    int inner; /* token of a bound between number and scale; 0 none */
};

struct quantity {
    struct number number;
    int first, end;           /* tokens with unit and qualifiers */
    int core_first, core_end; /* tokens with unit, without qualifiers */
    const struct lexicon_sense *unit;
    int unit_first, unit_end;
    bool unit_before;
    const struct lexicon_sense *per_unit;
    int per_first, per_end; /* per_end > per_first: the denominator as text */
    figures_bound bound;
    bool approx, negative;
    figures_side side;
    int opener_first; /* its token; -1 none. Part of the span of ranges only */
    uint64_t opener;  /* frames whose first word stands before it */
    int noun_first, noun_end;
    int high;         /* index of the quantity that is the upper end; -1 none */
    int same;         /* index of the quantity that this one converts; -1 none */
    bool dead;        /* became part of another one, or is no figure */
    bool shared_unit; /* taken from a neighbour */
    bool list;
    bool counts; /* something is counted, though no noun follows */
    bool ratio;  /* two numbers in a frame: `four in ten` */
    float doubt; /* what lowers the confidence */
    figures_change change;
};

struct time_mark {
    int first, end;
    char text[40];      /* ISO 8601 */
    figures_slice kept; /* the same in the result's memory, once it is needed */
    float confidence;
    bool bare; /* a number that may be no year */
};

struct speaker {
    int first, end; /* tokens of the name */
    int verb_first, verb_end;
    figures_stance stance;
    figures_role role;
    bool relay; /* stands behind another speaker */
    bool frame;
    bool trailing; /* says what stands before it */
    bool common;   /* a noun without capital that stands before its verb */
};

struct hedge_mark {
    int at; /* token */
    figures_hedge hedge;
    const struct speaker *speaker; /* whose verb it is; NULL: nobody's */
    bool beside;                   /* stands at a figure and is of that one only */
};

struct carried_source {
    figures_source source[FIGURES_SOURCES];
    uint8_t count;
    uint32_t age; /* sentences since */
};

enum { SKIPPED = 6 };

/* A sentence that was not read because it holds no figure. If one follows soon, it is
 * read after all: the speaker of the figure may stand in it. */
struct skipped {
    uint32_t passed; /* where the text passed over before it starts */
    uint32_t start, end;
    uint8_t language;
    uint8_t apart;     /* sentences without any candidate stood before it */
    bool done;         /* it was read and has no speaker */
    uint32_t newlines; /* paragraphs that ended behind it */
};

struct reader {
    const figures_lexicon *lexicon;
    const struct lexicon_language *language; /* of the sentence */
    const struct filters *filter;            /* of the paragraph's language */
    uint8_t language_index;
    char decimal; /* the document's sign, 0 undecided */
    bool no_memory;
    const unsigned char *text;
    size_t length;
    const figures_options *options;
    const figures_memory *memory;
    uint64_t wanted[2]; /* languages to read, bits */
    size_t steps, sentences;

    struct window line;       /* of the paragraph, as far as it fits */
    struct window own;        /* of a sentence that does not lie in it */
    struct window *window;    /* where the sentence is */
    size_t window_first;      /* its first folded byte there */
    struct word_cache *words; /* words.h */

    uint32_t start, end;         /* of the sentence, in the text */
    bool whole_text;             /* the sentence is all there is */
    bool whole_text_only_number; /* … and it is nothing but a number */
    bool has_address;            /* a sign that only addresses have */
    const unsigned char *folded; /* the sentence; zeros or other text behind it */
    size_t folded_length;
    uint64_t sentence_roles; /* of all tokens */
    size_t room;             /* of the four arrays below, in tokens */
    struct token *tokens;
    int token_count;
    uint16_t *active; /* tokens at which a stage may begin: ACTIVE_ROLES and digits */
    int active_count;
    struct literal *literals;
    int literal_count;
    struct quantity *quantities;
    int quantity_count;
    struct time_mark *times;
    int time_count;
    int speaker_count;
    struct speaker speakers[SPEAKERS];
    struct hedge_mark hedges[HEDGES];
    int hedge_count;
    uint16_t *semicolons; /* before each token; set where chains are */
    figures_hedge document_hedge;
    struct carried_source carried;
    uint32_t passed_start,
        passed_end;                  /* the text without figures before the sentence */
    struct skipped skipped[SKIPPED]; /* the last ones, in order */
    int skipped_count;
    uint32_t asks_before; /* how many sentences back a figure looked for its speaker */

    const figures_source *last_chain; /* the chain of the figure before */
    uint8_t last_chain_count;
    figures_figure *figures;
    size_t figure_count, figure_room;
};

/* token.c */
void read_tokens(struct reader *reader);
/* The next sense of the same role and token after `sense`; the first one after NULL. */
const struct lexicon_sense *token_sense_next(const struct reader *reader, int token,
                                             int role,
                                             const struct lexicon_sense *sense);

/* What these ask of a token that lies outside the sentence is false or NULL. */
static inline bool token_is_sign(const struct reader *reader, int token, uint32_t code)
{
    return token >= 0 && token < reader->token_count &&
           reader->tokens[token].code == code &&
           reader->tokens[token].kind == TOKEN_SIGN;
}

static inline bool token_has(const struct reader *reader, int token, int role)
{
    return token >= 0 && token < reader->token_count &&
           (reader->tokens[token].roles & ROLE_BIT(role)) != 0;
}

/* No blank stands before it. */
static inline bool token_glued(const struct reader *reader, int token)
{
    return token > 0 && token < reader->token_count &&
           (reader->tokens[token].flags & TOKEN_SPACE) == 0;
}

/* The first sense of a role, NULL if there is none. */
static inline const struct lexicon_sense *token_sense(const struct reader *reader,
                                                      int token, int role)
{
    return token_has(reader, token, role) ? token_sense_next(reader, token, role, NULL)
                                          : NULL;
}

figures_slice token_slice(const struct reader *reader, int first, int end);

/* literal.c: reads digits at a place of the folded text, of which `length` bytes are
 * left; returns the folded length */
size_t read_literal(const struct reader *reader, const unsigned char *whole, size_t at,
                    size_t length, struct literal *literal);
/* The decimal sign that the document, else its language, writes. */
char decimal_habit(const struct reader *reader);
/* Looks for evidence of the document's decimal sign in its first part. */
void decide_decimal(struct reader *reader);

/* number.c: reads the longest number that starts at a token; false if there is none */
bool read_number(struct reader *reader, int at, int limit, struct number *number);

/* quantity.c, link.c, noun.c, time.c, source.c, figure.c: in this order */
void kill_names(struct reader *reader);
void read_times(struct reader *reader);
void read_quantities(struct reader *reader);
void link_quantities(struct reader *reader);
void read_nouns(struct reader *reader);
void read_speakers(struct reader *reader);
void make_figures(struct reader *reader);

/* quantity.c: bounds and approximations that stand after; returns where they end */
int read_qualifiers_after(struct reader *reader, struct quantity *quantity, int at);

/* amount.c: an amount goes on in a smaller unit; the second one links money with the
 * number of its cents, too, and is true if it did */
void link_small_units(struct reader *reader, struct quantity *left,
                      struct quantity *right);
bool link_amount(struct reader *reader, struct quantity *left, struct quantity *right);
/* 五六十, 十五六: two neighbouring digits are a range; true if it was one */
bool link_neighbours(struct reader *reader, struct quantity *left,
                     struct quantity *right);

/* link.c: a prefix that is an approximation where it stands alone, too (כ) */
bool is_approx_prefix(const struct reader *reader, const struct token *token);
/* chain.c: first prepare_chains once a sentence */
void prepare_chains(struct reader *reader);
void set_sources(struct reader *reader, figures_figure *figure,
                 const struct quantity *quantity);
/* The reserve that the text makes about a figure whose sources are set. */
figures_hedge hedge_of(const struct reader *reader, const figures_figure *figure,
                       const struct quantity *quantity);
void keep_speakers(struct reader *reader);
/* True if the sentence has a pronoun for a speaker that text passed over may name. */
bool asks_who_spoke(const struct reader *reader);
void take_last_speaker(struct reader *reader);

/* noun.c: the article that was taken off a word as a token of its own (ملايين القذائف);
 * the word itself if there is none */
int article_first(const struct reader *reader, int at);

/* noun_phrase.c: where the phrase that starts at `first` ends, before `limit`; `first`
 * if there is none. */
int noun_phrase_end(const struct reader *reader, int first, int limit);
/* Words that are never part of what is counted. */
bool stops_noun(const struct reader *reader, int token);
/* True if the word starts or ends with one of a language's list and is longer. */
bool token_has_piece(const struct reader *reader, int token, uint32_t list,
                     bool at_end);

/* scan.c: the first folded place at or after `from` where a figure may be; the window's
 * length if there is none */
size_t next_candidate(const struct reader *reader, const struct window *window,
                      size_t from);

/* candidate.c: true if a figure may be in the sentence whose first candidate is at the
 * folded place `at` and that ends before `end` */
bool needs_reading(struct reader *reader, const struct window *window, size_t at,
                   size_t end);

/* detect.c: the language of the paragraph that starts with the reader's line, by its
 * short words, its letters and its script; `before` is that of the paragraph before */
int detect_language(struct reader *reader, int before);

static inline bool is_space_byte(unsigned char byte)
{
    return byte == ' ' || byte == '\n' || byte == '\t' || byte == '\r';
}

/* sentence.c: where the sentence of a candidate starts, not before `floor`, and ends */
size_t sentence_start(const struct reader *reader, size_t candidate, size_t floor);
size_t sentence_end(const struct reader *reader, size_t start, size_t candidate);
/* True if a new line at that place ends a sentence. */
bool newline_ends(const struct reader *reader, size_t at);

/* Where a folded place of the sentence comes from, in the text. */
static inline uint32_t text_at(const struct reader *reader, size_t folded)
{
    size_t at = window_text(reader->window, reader->window_first + folded);
    return at < reader->end ? (uint32_t)at : reader->end;
}

/* extract.c */
void *reader_allocate(struct reader *reader, size_t size);
void trace_line(struct reader *reader, const char *format, ...)
    __attribute__((format(printf, 2, 3)));
figures_figure *new_figure(struct reader *reader);

#endif
