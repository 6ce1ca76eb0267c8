/* The layout of figures.lexicon, shared by lexicon_compile (writes it) and lexicon.c
 * (maps it). Little care is needed to read it: every section is an array of one of
 * these structures, 8-byte aligned, and all of it is checked when it is opened. */
#ifndef MIZAN_FIGURES_LEXICON_FORMAT_H
#define MIZAN_FIGURES_LEXICON_FORMAT_H

#include <stdint.h>
#include <string.h>

#define LEXICON_MAGIC      "MZFIGLEX"
#define LEXICON_VERSION    9u
#define LEXICON_TABLE      65536u
#define LEXICON_BYTE_ORDER 0x01020304u

/* What a form can be. The order is free; the file's version changes with it. */
#define LEXICON_ROLES(XX)                                                              \
    XX(NUMBER, "numbers")                                                              \
    XX(SCALE, "scales")                                                                \
    XX(JOINER, "joiners")                                                              \
    XX(DECIMAL_WORD, "decimal")                                                        \
    XX(MINUS, "minus")                                                                 \
    XX(FRACTION, "fractions")                                                          \
    XX(MULTIPLE, "multiples")                                                          \
    XX(APPROX, "approximators")                                                        \
    XX(BOUND, "bounds")                                                                \
    XX(RANGE, "ranges")                                                                \
    XX(VAGUE, "vague")                                                                 \
    XX(PERCENT, "percent")                                                             \
    XX(MONEY, "money")                                                                 \
    XX(UNIT, "units")                                                                  \
    XX(PER, "per")                                                                     \
    XX(COUNTER, "counters")                                                            \
    XX(NOUN, "nouns")                                                                  \
    XX(RATIO, "ratios")                                                                \
    XX(ORDINAL, "ordinals")                                                            \
    XX(MONTH, "months")                                                                \
    XX(WEEKDAY, "weekdays")                                                            \
    XX(YEAR, "years")                                                                  \
    XX(TIME, "times")                                                                  \
    XX(SOURCE, "sources")                                                              \
    XX(WHO, "roles")                                                                   \
    XX(HEDGE, "hedges")                                                                \
    XX(CHANGE, "changes")                                                              \
    XX(STOP, "stops")                                                                  \
    XX(SKIP, "skips")                                                                  \
    XX(PARTICIPLE, "participles")                                                      \
    XX(LABEL, "labels")                                                                \
    XX(ABBREVIATION, "abbreviations")                                                  \
    XX(RESPECTIVELY, "respectively")                                                   \
    XX(PEOPLE, "people")                                                               \
    XX(EVIDENCE, "evidence")                                                           \
    XX(ARTICLE, "article")

enum lexicon_role {
#define XX(name, section) ROLE_##name,
    LEXICON_ROLES(XX)
#undef XX
        ROLE_COUNT
};

/* Attributes that every section shares … */
enum {
    ATTR_WEAK = 1u << 0,
    ATTR_ABBR = 1u << 1,
    ATTR_GLUED = 1u << 2,
    ATTR_DOT = 1u << 3,
    ATTR_AFTER = 1u << 4,
    ATTR_BEFORE = 1u << 5,
    ATTR_SUFFIX = 1u << 6, /* the form was written with a leading hyphen */
    /* … and those whose meaning depends on the section */
    ATTR_MONEY = 1u << 7,     /* scales */
    ATTR_LONE = 1u << 8,      /* scales, units, money, nouns */
    ATTR_APART = 1u << 7,     /* bounds: its subject may stand between */
    ATTR_ADDS = 1u << 7,      /* fractions */
    ATTR_ADDS_NEXT = 1u << 9, /* fractions */
    ATTR_WHOLE = 1u << 10,    /* fractions */
    ATTR_PREFIX = 1u << 7,    /* vague */
    ATTR_TENTHS = 1u << 7,    /* percent: x10 */
    ATTR_PART = 1u << 9,      /* money, units: the value multiplies */
    ATTR_DOUBT = 1u << 10,    /* money */
    ATTR_AGE = 1u << 10,      /* units */
    ATTR_NOUN = 1u << 11,     /* units */
    ATTR_SMALL = 1u << 12,    /* units: not in capitals */
    ATTR_FRAME = 1u << 7,     /* sources */
    ATTR_RELAY = 1u << 9,     /* sources */
    ATTR_NAME = 1u << 7,      /* roles, labels */
    ATTR_DOCUMENT = 1u << 7,  /* hedges */
    ATTR_OPEN = 1u << 7,      /* ranges, ratios: the piece before the first number */
    ATTR_MIDDLE = 1u << 8,    /* … between the two */
    ATTR_CLOSE = 1u << 9,     /* … after the second */
    ATTR_LIST = 1u << 10,     /* ranges: no range but a list */
    ATTR_NEEDS = 1u << 11,    /* the middle makes a range only with its opener */
    ATTR_SWAPPED = 1u << 12,  /* ratios: the denominator stands first */
    ATTR_DIVISION = 1u << 13  /* ratios: any number by any other */
};

/* The values of the sections that name one of a few words, in `value` of the sense. */
enum { SIDE_AROUND, SIDE_BELOW, SIDE_ABOVE };
enum {
    YEAR_YEAR,
    YEAR_DECADE,
    YEAR_CENTURY,
    YEAR_FISCAL,
    YEAR_QUARTER,
    YEAR_BC,
    YEAR_AD,
    YEAR_CLOCK,
    YEAR_HIJRI,
    YEAR_SOLAR_HIJRI
};
enum { TIME_IN, TIME_SINCE, TIME_UNTIL, TIME_BY, TIME_BEFORE, TIME_AFTER };
enum {
    CHANGE_UP,
    CHANGE_DOWN,
    CHANGE_CHANGED,
    CHANGE_WORD_BY,
    CHANGE_WORD_TO,
    CHANGE_WORD_FROM
};
enum { ORDER_DMY, ORDER_MDY, ORDER_YMD };
enum {
    PHRASE_FIRST,
    PHRASE_RUN,
    PHRASE_PLURAL,
    PHRASE_CAPITAL,
    PHRASE_ADJECTIVES,
    PHRASE_CONSTRUCT,
    PHRASE_KNOWN,
    PHRASE_BEFORE_VERB
};

enum {
    LANGUAGE_SPACES = 1u << 0,
    LANGUAGE_COMPOUNDS = 1u << 1,
    LANGUAGE_MYRIAD = 1u << 2,
    LANGUAGE_TEN_SCALE = 1u << 3,
    LANGUAGE_SCALE_FIRST = 1u << 4,
    LANGUAGE_UNITS_FIRST = 1u << 5,
    LANGUAGE_DIGITS_JOIN = 1u << 6,
    LANGUAGE_ORDINAL_DOT = 1u << 7,
    LANGUAGE_NOUN_BEFORE = 1u << 8,
    LANGUAGE_BARE_YEARS = 1u << 9,
    LANGUAGE_SHORT_TAIL = 1u << 10,
    LANGUAGE_TENS_JOINED = 1u << 11,
    LANGUAGE_SOLAR_HIJRI = 1u << 12
};

/* All the numbers of a section are of elements, not bytes. */
enum lexicon_section {
    SECTION_LANGUAGES, /* struct lexicon_language; [0] is und */
    SECTION_NODES,     /* struct lexicon_node, a double array over folded bytes */
    SECTION_TAILS,     /* bytes: u16 length, the bytes, u32 terminal */
    SECTION_TERMINALS, /* u32: the first sense of each terminal, one more at the end */
    SECTION_SENSES,    /* struct lexicon_sense, those of a terminal by language */
    SECTION_VALUES,    /* struct lexicon_value; [0] is none */
    SECTION_STRINGS,  /* u32: offset of each string in the text; [0] is the empty one */
    SECTION_TEXT,     /* bytes: strings closed by NUL */
    SECTION_EVIDENCE, /* struct lexicon_evidence, open addressing, a power of two */
    SECTION_CANDIDATES, /* u16: the filter bits of each language's figure words */
    SECTION_KNOWN,      /* u16: the filter bits of all first words of each language */
    SECTION_FOLDS,      /* u16: fold_code of the first 65,536 code points */
    SECTION_WORDS,      /* bytes: a bit for each of them, is_word_code */
    SECTION_SCRIPTS,    /* u8: script_of each of them */
    SECTION_COUNT
};

struct lexicon_span {
    uint64_t offset; /* from the start of the file, in bytes, a multiple of 8 */
    uint64_t count;
};

struct lexicon_header {
    char magic[8];
    uint32_t version;
    uint32_t byte_order;
    uint64_t size;     /* of the whole file */
    uint64_t checksum; /* of all bytes after the header */
    struct lexicon_span sections[SECTION_COUNT];
};

struct lexicon_language {
    char tag[12];
    uint32_t flags;
    uint32_t scripts; /* bits 1 << script */
    char decimal;
    uint8_t date_order;
    uint8_t noun_phrase;
    uint8_t reserved;
    /* strings: forms closed by NUL, the list closed by an empty one, longest first */
    uint32_t prefixes, joiner_prefixes, suffixes, plural_endings, adjective_endings;
    uint32_t letters; /* that speak for the language among those of its script */
    uint32_t definite, name_links, possessive;            /* where names end */
    uint32_t noun_links, outside_starts, outside_endings; /* where noun phrases end */
    uint32_t topics; /* particles behind what a sentence speaks of */
    uint32_t candidate_first, candidate_count;
    uint32_t known_first, known_count;
};

/* base >= 0: the child by byte c is node base + c, if its check is this node.
 * base < 0: a leaf; its tail starts at -base - 1. Byte 0 ends a key. */
struct lexicon_node {
    int32_t base;
    uint32_t check;
};

struct lexicon_sense {
    uint8_t language;
    uint8_t role;
    uint16_t attributes;
    uint16_t value; /* index of a value, or a word of the enumerations above */
    uint16_t text;  /* index of a string; ranges and ratios: the frame's number */
};

/* coefficient · 10^exponent / denominator */
struct lexicon_value {
    int64_t coefficient;
    int32_t exponent;
    uint32_t denominator;
};

struct lexicon_evidence {
    uint64_t word; /* folded bytes, the first one lowest; 0: free */
    uint64_t languages[2];
};

/* The forms with a leading hyphen live under this first byte. */
#define LEXICON_SUFFIX_MARK 0x02

/* The hash of a word's first eight folded bytes and its length: a bit of the filter. */
static inline uint16_t lexicon_filter_bit(uint64_t first_bytes, uint64_t length)
{
    return (uint16_t)(((first_bytes + length) * 0x9e3779b97f4a7c15ull) >> 48);
}

enum {
    FILTER_PREFIX = 255, /* length of an entry for the first four bytes of a compound */
    FILTER_CODE = 254    /* length of an entry for the first code point, no blanks */
};

/* Forms that can start a figure that has no digit. */
static inline int lexicon_is_candidate(const struct lexicon_sense *sense)
{
    unsigned attributes = sense->attributes;
    switch (sense->role) {
    case ROLE_NUMBER:
    case ROLE_MULTIPLE:
    case ROLE_VAGUE:
    case ROLE_ORDINAL: /* in a frame */
        return 1;
    case ROLE_SCALE:
    case ROLE_FRACTION:
        return (attributes & ATTR_ABBR) == 0;
    case ROLE_NOUN:
    case ROLE_UNIT:
    case ROLE_MONEY:
        return (attributes & ATTR_LONE) != 0;
    case ROLE_PERCENT:
        return (attributes & (ATTR_LONE | ATTR_WEAK)) == ATTR_LONE;
    case ROLE_HEDGE:
        return (attributes & ATTR_DOCUMENT) != 0; /* concerns figures elsewhere */
    case ROLE_YEAR:
        return sense->text != 0;
    case ROLE_MONTH:
        return (attributes & ATTR_WEAK) == 0;
    default:
        return 0;
    }
}

/* In four lanes of eight bytes, so that a file is checked as fast as it is read. The
 * byte order is that of the machine, as in the rest of the file. */
static inline uint64_t lexicon_checksum(const unsigned char *bytes, uint64_t length)
{
    uint64_t lanes[4] = {0x243f6a8885a308d3ull, 0x13198a2e03707344ull,
                         0xa4093822299f31d0ull, 0x082efa98ec4e6c89ull};
    uint64_t i = 0;
    for (; i + sizeof lanes <= length; i += sizeof lanes) {
        uint64_t words[4];
        memcpy(words, bytes + i, sizeof words);
        for (int k = 0; k < 4; k++) {
            lanes[k] = (lanes[k] ^ words[k]) * 0x9e3779b97f4a7c15ull;
            lanes[k] ^= lanes[k] >> 32;
        }
    }
    uint64_t sum = length;
    for (int k = 0; k < 4; k++) {
        sum = (sum ^ lanes[k]) * 0xc2b2ae3d27d4eb4full;
        sum ^= sum >> 29;
    }
    for (; i < length; i++) {
        sum = (sum ^ bytes[i]) * 0x100000001b3ull;
    }
    return sum;
}

#endif
