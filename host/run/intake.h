/* What comes in: threads that pull the fetch plugins, a source each, and hand units
 * over through a bounded queue, so that a busy run slows the fetching down. The run's
 * thread takes units in the order of documents, of sources as turns.h says. */
#ifndef MIZAN_RUN_INTAKE_H
#define MIZAN_RUN_INTAKE_H

#include "net/net.h"
#include "run/intake_pending.h"
#include "run/stages.h"

struct mz_intake;

/* One source of a fetch stage. */
struct mz_source {
    const struct mizan_record *record; /* of type "source" */
    const char *id;                    /* unique in the pipeline */
    size_t stage;                      /* that fetches it */
};

struct mz_intake_settings {
    struct mz_stages *stages;
    const char *database; /* URL, for reading validators and state; NULL: `try`, none */
    const struct mz_source *sources;
    size_t source_count;
    int64_t document_limit; /* documents of the whole run, 0: none */
    const char *contact;    /* for the User-Agent; NULL: none was given */
    /* On the run's thread, before a source of the script reads this key of its state:
     * what earlier units of it left is committed. NULL: nothing ever waits. */
    void (*settle_state)(void *owner, const char *source_id, const char *key);
    void *owner;
};

enum mz_intake_kind {
    MZ_INTAKE_UNIT,
    MZ_INTAKE_SOURCE_END,
    MZ_INTAKE_END,
    MZ_INTAKE_NOTHING /* mz_intake_take_unless: there is something else to do */
};

struct mz_intake_item {
    enum mz_intake_kind kind;
    struct mz_unit *unit; /* MZ_INTAKE_UNIT: the taker's; else NULL */
    /* MZ_INTAKE_SOURCE_END, valid until the next take: */
    const struct mizan_record *source;
    const char *source_id;
    const struct mz_change *changes;             /* state after the last document */
    const struct mz_kept_validators *validators; /* of feeds and index pages */
    enum mz_code failure;                        /* MZ_OK, or why the source failed */
    const char *message;
};

/* The sources of all fetch stages, in their order: of each its option of type sources,
 * or one whose id is the stage's name. */
MZ_NODISCARD enum mz_code mz_sources_list(const struct mz_pipeline *pipeline,
                                          struct mz_arena *arena,
                                          const struct mz_source **out, size_t *count,
                                          struct mz_error *error);

/* Makes the unit one of this source. */
void mz_source_owns(const struct mz_source *source, struct mz_unit *unit);

MZ_NODISCARD enum mz_code mz_intake_start(const struct mz_intake_settings *settings,
                                          struct mz_intake **out,
                                          struct mz_error *error);
/* Waits for the next item; after MZ_INTAKE_END, which also comes when the run is told
 * to stop, there is nothing more. */
void mz_intake_take(struct mz_intake *intake, struct mz_intake_item *item);
/* The same, but does not wait while `busy` is true, or while a plugin waits for units
 * that were taken to be settled; it is asked again every 50 ms at least, and
 * mz_intake_wake lets it be asked at once. */
void mz_intake_take_unless(struct mz_intake *intake, bool (*busy)(void *owner),
                           void *owner, struct mz_intake_item *item);
/* To be called for every unit that was taken, when it is committed or has failed: a
 * plugin that asks for state of its own waits for it. */
void mz_intake_settled(struct mz_intake *intake, const struct mz_unit *unit);
/* The memory that the end of a source lies in, when it was what was taken last, becomes
 * the caller's. */
struct mz_arena *mz_intake_keep(struct mz_intake *intake);
void mz_intake_wake(struct mz_intake *intake); /* from any thread */
/* Stops fetching, waits for the thread and frees what was not taken. */
void mz_intake_destroy(struct mz_intake *intake);

#endif
