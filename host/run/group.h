/* Units that wait for a commit together. They went through the stages; nothing of them
 * is in the home database before the commit, which comes when they are many, large or
 * have waited, when nothing else is to be done, and whenever somebody wants to know
 * what one of them leaves behind. No transaction is open meanwhile. */
#ifndef MIZAN_RUN_GROUP_H
#define MIZAN_RUN_GROUP_H

#include "run/commit.h"

struct mz_group;

struct mz_group_settings {
    struct mz_committer *committer;
    size_t most; /* units, from limits.commit; 0: as many as is good */
    /* Called for each item of a commit that was made, before it is destroyed. */
    enum mz_code (*made)(void *owner, const struct mz_commit_item *item,
                         struct mz_error *error);
    void *owner;
};

struct mz_group *mz_group_create(const struct mz_group_settings *settings);
/* Drops what waits: it was never done. NULL is fine. */
void mz_group_destroy(struct mz_group *group);
/* The unit is the group's, whatever comes of it. */
MZ_NODISCARD enum mz_code mz_group_add(struct mz_group *group, struct mz_unit *unit,
                                       enum mz_unit_news news, struct mz_error *error);
/* The same for the end of a source; `arena` holds what it refers to. */
MZ_NODISCARD enum mz_code mz_group_add_source(struct mz_group *group,
                                              const struct mz_intake_item *source,
                                              struct mz_arena *arena,
                                              struct mz_error *error);
/* From now on each unit has a commit of its own. */
void mz_group_part(struct mz_group *group);
MZ_NODISCARD enum mz_code mz_group_commit(struct mz_group *group,
                                          struct mz_error *error);
bool mz_group_is_empty(const struct mz_group *group);
/* True when what waits has waited for long enough. */
bool mz_group_is_due(const struct mz_group *group);
/* True when the next commit changes what is known of the address. */
bool mz_group_has(const struct mz_group *group, const char *url);
/* Commits what waits when it changes this key of the source's state. */
MZ_NODISCARD enum mz_code mz_group_settle_state(struct mz_group *group,
                                                const char *source_id, const char *key,
                                                struct mz_error *error);

#endif
