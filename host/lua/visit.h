/* mizan.source: a function of the script that is called once for each source, as a
 * coroutine. It reads as if it blocked; where it would wait, the visit comes back and
 * is resumed later, so that many of them wait at once.
 *
 * A visit runs between units, in the state of the run and on its thread. */
#ifndef MIZAN_LUA_VISIT_H
#define MIZAN_LUA_VISIT_H

#include "lua/pipeline.h"

struct mz_visit;

/* What the run does for a visit. */
struct mz_visit_services {
    /* Takes a document, which is copied. MZ_CANCELLED: no more are wanted; the visit is
     * not resumed again. */
    enum mz_code (*emit)(void *owner, const struct mizan_record *document,
                         struct mz_error *error);
    /* Begins a request; it and what it points to stay until the answer is taken or the
     * visit ends. */
    enum mz_code (*ask)(void *owner, const struct mizan_http_request *request,
                        struct mz_error *error);
    /* Takes the answer, once the visit is resumed after MZ_VISIT_ASKED. */
    enum mz_code (*answer)(void *owner, struct mz_arena *arena,
                           struct mizan_http_response *response,
                           struct mz_error *error);
    /* Gives up what was asked and not answered. */
    void (*drop)(void *owner);
    void (*unchanged)(void *owner);
    /* A failure is none of `found` being false: the script is stopped by it, or a
     * cursor would begin anew. */
    enum mz_code (*state_get)(void *owner, const char *key, struct mz_arena *arena,
                              struct mizan_slice *out, bool *found,
                              struct mz_error *error);
    void (*state_set)(void *owner, const char *key, struct mizan_slice value);
};

enum mz_visit_state {
    MZ_VISIT_EMITTED, /* may be resumed at once */
    MZ_VISIT_ASKED,   /* to be resumed when the answer is there */
    MZ_VISIT_ENDED
};

/* Makes the coroutine of one source. `services` and `source` are borrowed. */
MZ_NODISCARD enum mz_code
mz_visit_begin(struct mz_lua *lua, const struct mz_pipeline *pipeline,
               const struct mz_stage *stage, const struct mizan_record *source,
               const struct mz_visit_services *services, void *owner,
               struct mz_visit **out, struct mz_error *error);
/* Runs it until it waits or ends. A failure of the script is an error whose message
 * begins with its place; the visit has ended then. */
MZ_NODISCARD enum mz_code mz_visit_resume(struct mz_visit *visit,
                                          enum mz_visit_state *state,
                                          struct mz_error *error);
/* Closes the coroutine, wherever it is. NULL is fine. */
void mz_visit_end(struct mz_visit *visit);

#endif
