#include <string.h>

#include "db/review.h"
#include "db/schedule.h"
#include "value/record.h"
#include "web/page.h"

/* The two things that visitors may change: a verdict on a figure, a request for a run.
 * Each is one transaction on a connection of its own that is closed again. */

#define CHANGES 16

static const char *given(struct mz_web_call *call, const char *name)
{
    const char *value = call->parameter(call->context, name);
    return value == NULL ? "" : value;
}

/* What `correct` changes: the fields of the form that are those of a figure. */
static struct mizan_value changes_of(struct mz_web_call *call)
{
    static const char *const names[] = {"value", "low",     "high", "unit",
                                        "bound", "counted", "topic"};
    struct mizan_value map = {.type = MIZAN_MAP};
    struct mizan_field *fields = mz_arena_zero(call->arena, CHANGES * sizeof *fields);
    map.as.map.fields = fields;
    for (size_t i = 0; fields != NULL && i < sizeof names / sizeof *names; i++) {
        const char *value = given(call, names[i]);
        if (value[0] != '\0') {
            fields[map.as.map.count].name =
                (struct mizan_slice){names[i], strlen(names[i])};
            fields[map.as.map.count++].value = mz_text(value);
        }
    }
    return map;
}

static enum mz_code add_verdict(struct mz_web_call *call, struct mz_db *db,
                                struct mz_error *error)
{
    struct mizan_value changes = changes_of(call);
    const char *verdict = given(call, "verdict");
    bool corrects = strcmp(verdict, "correct") == 0;
    const struct mz_review review = {.figure_id = call->segments[1],
                                     .verdict = verdict,
                                     .who = given(call, "who"),
                                     .note = given(call, "note"),
                                     .changes = corrects ? &changes : NULL};
    if (review.who[0] == '\0') {
        return mz_fail(error, MZ_INPUT, "a verdict needs the name of who gives it");
    }
    if (corrects && changes.as.map.count == 0) {
        return mz_fail(error, MZ_INPUT, "a correction says what is right");
    }
    return mz_review_add(db, &review, error);
}

static enum mz_code add_request(struct mz_web_call *call, struct mz_db *db,
                                struct mz_error *error)
{
    return mz_request_add(db, "run", call->segments[1], NULL, "web", error);
}

/* Runs `change` in a transaction and leads back to the page. */
static enum mz_code change(struct mz_web_call *call,
                           enum mz_code (*work)(struct mz_web_call *call,
                                                struct mz_db *db,
                                                struct mz_error *error),
                           struct mz_error *error)
{
    struct mz_db *db = NULL;
    if (call->segments[1] == NULL) {
        return mz_web_missing(error, "page", call->path);
    }
    enum mz_code code = mz_db_open(call->database, MZ_DB_WRITE, &db, error);
    if (code == MZ_OK) {
        code = mz_db_begin(db, error);
    }
    if (code == MZ_OK) {
        code = work(call, db, error);
        if (code == MZ_OK) {
            code = mz_db_commit(db, error);
        }
        if (code != MZ_OK) {
            mz_db_rollback(db);
        }
    }
    mz_db_close(db);
    call->forward = call->path;
    return code;
}

enum mz_code mz_web_verdict(struct mz_web_call *call, struct mz_error *error)
{
    return change(call, add_verdict, error);
}

enum mz_code mz_web_request_run(struct mz_web_call *call, struct mz_error *error)
{
    return change(call, add_request, error);
}
