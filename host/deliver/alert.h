/* Private to host/deliver: one pipeline under its rules. */
#ifndef MIZAN_DELIVER_ALERT_H
#define MIZAN_DELIVER_ALERT_H

#include "deliver/alerts.h"

enum mz_alert_kind { MZ_ALERT_FAILURE, MZ_ALERT_LATE, MZ_ALERT_FEW, MZ_ALERT_KINDS };

enum mz_condition { MZ_CONDITION_UNKNOWN, MZ_CONDITION_GOOD, MZ_CONDITION_BAD };

struct mz_watched_pipeline {
    struct mz_arena *arena;
    const char *name;
    const char *run_id; /* that ended just now, or NULL */
    const char *cron, *tz;
    struct mizan_value rules; /* a map */
    int64_t now, watched_from;
    /* For each kind: whether it was told and is not over, and since when. */
    bool told[MZ_ALERT_KINDS];
    const char *since[MZ_ALERT_KINDS];
    /* Filled by mz_alert_judge: how it is now, and the sentence that says so. */
    enum mz_condition is[MZ_ALERT_KINDS];
    const char *reason[MZ_ALERT_KINDS];
};

const char *mz_alert_name(enum mz_alert_kind kind);
/* A whole number of the rules, or `otherwise`. */
int64_t mz_alert_number(const struct mz_watched_pipeline *watched, const char *name,
                        int64_t otherwise);
/* alert_conditions.c: reads the runs of the pipeline; writes nothing. */
enum mz_code mz_alert_judge(struct mz_db *db, struct mz_watched_pipeline *watched,
                            struct mz_error *error);
/* alert_message.c: in a transaction, a message to each target of the rules. `over`: it
 * recovered. */
enum mz_code mz_alert_tell(struct mz_db *db, const struct mz_watched_pipeline *watched,
                           enum mz_alert_kind kind, bool over, struct mz_error *error);

#endif
