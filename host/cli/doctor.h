/* What `mizan doctor` finds: each finding with what to do next. */
#ifndef MIZAN_CLI_DOCTOR_H
#define MIZAN_CLI_DOCTOR_H

#include "db/db.h"
#include "run/environment.h"

enum mz_finding_level {
    MZ_FINDING_OK,   /* as it should be */
    MZ_FINDING_NOTE, /* worth knowing; nothing is wrong */
    MZ_FINDING_WRONG
};

struct mz_doctor {
    struct mz_environment *environment;
    struct mz_db *db; /* NULL: none, or not to be opened */
    struct mz_arena *arena;
    bool quick, json;
    int64_t wrong, shown;
};

/* Prints one finding; `next` is what to do, or NULL. */
void mz_doctor_say(struct mz_doctor *doctor, enum mz_finding_level level,
                   const char *subject, const char *next, const char *format, ...)
    MZ_PRINTF(5, 6);
/* The same for a failure, with its help as what to do. */
void mz_doctor_fail(struct mz_doctor *doctor, const char *subject,
                    const struct mz_error *error);

/* doctor_system.c: versions, clock, files and their permissions. */
void mz_doctor_versions(struct mz_doctor *doctor);
void mz_doctor_clock(struct mz_doctor *doctor);
void mz_doctor_files(struct mz_doctor *doctor);
void mz_doctor_secrets(struct mz_doctor *doctor);
/* doctor_content.c: the database and what is in it, plugins, pipelines. */
void mz_doctor_database(struct mz_doctor *doctor);
void mz_doctor_work(struct mz_doctor *doctor);
void mz_doctor_plugins(struct mz_doctor *doctor);
void mz_doctor_pipelines(struct mz_doctor *doctor);

#endif
