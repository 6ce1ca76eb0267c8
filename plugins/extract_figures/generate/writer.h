/* Collects the entries of one generated pack and writes them in the format of
 * ../packs/README.md, sorted: the same entries give the same bytes. */
#ifndef MIZAN_GENERATE_WRITER_H
#define MIZAN_GENERATE_WRITER_H

#include "text.h"

enum section {
    SECTION_NUMBERS,
    SECTION_SCALES,
    SECTION_JOINERS,
    SECTION_PERCENT,
    SECTION_MONEY,
    SECTION_UNITS,
    SECTION_PER,
    SECTION_ORDINALS,
    SECTION_MONTHS,
    SECTION_WEEKDAYS,
    SECTION_EVIDENCE,
    SECTION_COUNT
};

enum {
    ENTRY_WEAK = 1u << 0,
    ENTRY_ABBR = 1u << 1,
    ENTRY_GLUED = 1u << 2,
    ENTRY_DOT = 1u << 3,
    ENTRY_BEFORE = 1u << 4,
    ENTRY_LONE = 1u << 5,
    ENTRY_MONEY = 1u << 6,
    ENTRY_DOUBT = 1u << 7,
    ENTRY_TWO = 1u << 8, /* part=2: the form says two of the unit */
    /* a word that the rules of ICU need: no stop list is asked, and it gives way only
     * to what the language's own hand-written pack says of it; not written */
    ENTRY_LEARNED = 1u << 9
};

struct entry {
    int section;
    const char *form, *folded;
    const char *value; /* NULL: none */
    unsigned attributes;
};

struct writer {
    struct pool *pool;
    const char *tag;
    const struct list *stops;     /* key TAG: forms that are dropped, but for numbers */
    const struct list *weak;      /* key TAG: forms that get `weak` */
    const struct list *functions; /* key TAG: words that are no abbreviation */
    const struct hand_forms *hand;   /* of the language's hand-written pack */
    const struct hand_forms *shared; /* of und.pack */
    struct entry *entries;
    size_t count;
    struct index index;
    size_t conflicts; /* forms that came again with another value */
};

/* The forms, folded, that a hand-written pack lists in any section. */
struct hand_form {
    char *form;
    bool number; /* a number word, scale, joiner or fraction */
};

struct hand_forms {
    struct hand_form *forms;
    size_t count;
    struct index index;
    bool number_section; /* while the pack is read */
};

/* Adds the forms of a pack. A file that is not there adds none. */
void hand_forms_read(struct hand_forms *hand, struct pool *pool, const char *path);
bool hand_forms_have(const struct hand_forms *hand, const char *folded);
/* For the learner: a form that the pack has, but not as a part of numbers. */
bool hand_forms_forbid(const void *hand, const char *form, size_t length);
void hand_forms_finish(struct hand_forms *hand);

/* Adds a form as ICU has it. Left out: what the hand-written pack lists in any section,
 * empty forms, forms with digits or with signs that the format needs, dropped forms,
 * short forms and number words that the language has as other words, and forms that the
 * section has already (the first wins). A full stop at the end becomes the attribute
 * `dot`. True if the form was added. */
bool writer_add(struct writer *writer, int section, const char *form, const char *value,
                unsigned attributes);
/* The entry of a form in a section, NULL if there is none. */
const struct entry *writer_find(const struct writer *writer, int section,
                                const char *form);

/* Writes the file; `properties` is the body of [language] or NULL.
 * False after a message on an error. */
bool writer_write(struct writer *writer, const char *path, const char *properties);
void writer_finish(struct writer *writer);

#endif
