/* A pipeline as the scheduler needs it, read from what `mizan describe --json` says. */
#ifndef MIZAN_SCHED_DEFINITION_H
#define MIZAN_SCHED_DEFINITION_H

#include "base/arena.h"
#include "sched/core.h"

/* Zones that were read, each once. They live until the end. */
struct mz_zones;
struct mz_zones *mz_zones_create(void); /* NULL when out of memory */
void mz_zones_destroy(struct mz_zones *zones);

/* A list of texts in one allocation each. */
struct mz_texts {
    char **items;
    size_t count;
};

struct mz_definition {
    char *name, *hash;
    struct mz_texts files;  /* the script and its modules, absolute */
    struct mz_texts labels; /* that a host must have */
    struct mz_texts after;  /* pipelines whose end triggers it */
    char *arrival;          /* pattern of files that trigger it, absolute; or NULL */
    char *timing;           /* cron and zone: another text, another schedule */
    struct mz_plan plan;    /* plan.name is `name` */
};

/* Reads the description; `folder` is what a relative pattern of files is relative to.
 * MZ_INPUT or MZ_CONFIGURATION with a sentence. */
MZ_NODISCARD enum mz_code mz_definition_read(const char *json, size_t size,
                                             const char *folder, struct mz_zones *zones,
                                             struct mz_definition *out,
                                             struct mz_error *error);
void mz_definition_finish(struct mz_definition *definition);

/* What the files are now: path, size and change of each, and the program's version. It
 * is freed by the caller; NULL when out of memory. */
char *mz_definition_signature(const struct mz_texts *files);

#endif
