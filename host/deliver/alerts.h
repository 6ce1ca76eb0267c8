/* Alerts: a function of the state of the database. A pipeline is watched by the rules
 * of its last run; what is wrong is told when it begins and when it is over, not at
 * each failure, by messages of the outbox in the transaction that notes it. */
#ifndef MIZAN_DELIVER_ALERTS_H
#define MIZAN_DELIVER_ALERTS_H

#include "db/db.h"

/* What a pipeline says of alerts:
 * {"on":["failure","late","few","recovery"],"after":1,"late":3600000,"few":30,
 *  "to":[{"kind":"webhook","target":"https://…","settings":{"secret":"NAME"}},…]}
 * `after` is how many runs in a row fail before it is told, `late` milliseconds after a
 * tick, `few` percent of the median of the last ten runs. */
struct mz_alert_rule {
    const char *pipeline;
    const char *rules;     /* JSON, or NULL: nothing is watched */
    const char *cron, *tz; /* NULL: no schedule, never late */
};

/* In a transaction of its own, and without one when nothing changed. */
MZ_NODISCARD enum mz_code mz_alerts_watch(struct mz_db *db,
                                          const struct mz_alert_rule *rule,
                                          struct mz_error *error);
/* After the run has ended, however it did: judges failure, too few figures and
 * lateness of its pipeline. `told` (may be NULL) counts the alerts that began or ended.
 */
MZ_NODISCARD enum mz_code mz_alerts_run_ended(struct mz_db *db, const char *pipeline,
                                              const char *run_id, int64_t *told,
                                              struct mz_error *error);
/* Now and then: judges the lateness of all pipelines. */
MZ_NODISCARD enum mz_code mz_alerts_look(struct mz_db *db, int64_t *told,
                                         struct mz_error *error);
/* What is wrong now: rows {pipeline, alert, since, reason, run}. */
MZ_NODISCARD enum mz_code mz_alerts_list(struct mz_db *db, struct mz_arena *arena,
                                         struct mizan_value *rows,
                                         struct mz_error *error);

#endif
