/* The unit: one document and all that comes of it. It owns the arena in which
 * everything of it lives, from the fetch to the commit. */
#ifndef MIZAN_RUN_UNIT_H
#define MIZAN_RUN_UNIT_H

#include <stdbool.h>
#include <stddef.h>

#include "base/arena.h"
#include "db/home.h"
#include "lua/pipeline.h"
#include "value/record.h"

/* A list of records that grows in an arena. */
struct mz_records {
    struct mizan_record **items;
    size_t count, capacity;
};
/* False when the arena is exhausted. */
bool mz_records_add(struct mz_records *records, struct mz_arena *arena,
                    struct mizan_record *record);

/* A value of per-source state that waits for a commit. */
struct mz_change {
    const char *key;
    struct mizan_slice value;
    struct mz_change *next;
};

/* A record that a stage rejected, or the failure of the whole unit. */
struct mz_letter {
    enum mz_outcome outcome; /* MZ_REJECT or MZ_ERROR */
    const char *stage, *place, *reason, *traceback, *record;
    struct mz_letter *next;
};

/* What one store stage is to be given, in pipeline order. */
struct mz_delivery {
    size_t stage;
    struct mz_records records;
    struct mz_delivery *next;
};

#define MZ_SLICE_STATE 1024 /* bytes that an extractor may note with a cursor */

/* A cursor with its state. */
struct mz_slice_place {
    uint64_t offset;
    size_t size;
    char state[MZ_SLICE_STATE];
};

struct mz_unit {
    struct mz_arena *arena;
    struct mizan_record *document;
    const struct mizan_record *source; /* lives as long as the run */
    const char *source_id, *url;
    const char *headers; /* JSON of what was sent and came back, or NULL */
    size_t stage;        /* the fetch stage that it comes from */
    struct mz_change *changes, **last_change;
    struct mz_change *held; /* its source's, for the commit of the last slice */
    bool retried;           /* comes from a raw body that was kept, not from a source */
    bool replayed;          /* … because somebody asked for it: `mizan dead replay` */
    const char *stored_id, *stored_previous; /* of a replayed unit that was stored */
    int64_t attempt;                         /* counted from 1 */
    size_t first_stage; /* that it goes into; 0: the one after the fetch */
    /* When its leading stages ran ahead of its turn (stages_ahead.c): the stage that
     * follows them, else 0, and what they passed on. */
    size_t next_stage;
    struct mz_records passed;
    /* filled by the stages */
    struct mz_letter *letters, **last_letter;
    struct mz_letter spare; /* noted when there is no memory for a letter */
    struct mz_delivery *deliveries, **last_delivery;
    size_t rejected;
    bool failed;
    struct mz_document_row row;
    bool current; /* its version becomes that of the address */
    /* Long documents: slices.c. */
    const char *body_file; /* where the body lies; NULL: in the document */
    int body;              /* the open file, or -1 */
    uint64_t body_size;
    struct mizan_record *whole; /* the document as it was identified */
    uint64_t mark;              /* of the arena, behind it */
    struct mz_slice_place begin, following;
    bool more;          /* slices follow this one */
    bool failed_before; /* an earlier slice of this run failed */
    size_t slice;       /* counted from 0 */
};

#define MZ_UNIT_TOO_LARGE "the document needs more memory than one unit may use"

/* The most memory that one unit may use, in bytes. */
#define MZ_UNIT_CEILING ((size_t)512 << 20)

/* A unit with an arena of its own; NULL when out of memory. */
struct mz_unit *mz_unit_create(size_t ceiling);
void mz_unit_destroy(struct mz_unit *unit); /* NULL is fine */
/* False when the arena is exhausted. */
bool mz_unit_change(struct mz_unit *unit, const char *key, struct mizan_slice value);
/* Notes a letter; texts are copied. A MZ_ERROR letter makes the unit failed. False when
 * the arena is exhausted: the unit is failed then and one letter says so; for it the
 * name of the stage must outlive the unit. */
bool mz_unit_letter(struct mz_unit *unit, const struct mz_letter *letter);

/* A field of a record as text, or NULL. */
const char *mz_record_text(const struct mizan_record *record, const char *name);
int64_t mz_record_integer(const struct mizan_record *record, const char *name,
                          int64_t otherwise);

#endif
