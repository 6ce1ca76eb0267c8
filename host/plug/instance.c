/* Calls into plugins. Each shows on the activity board while it lasts, carries a
 * deadline, and ends in an error with a sentence when the status is not MIZAN_OK. */
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "base/clock.h"
#include "plug/activity.h"
#include "plug/internal.h"
#include "plug/plugin.h"
#include "plug/task.h"

/* Functions whose caller gives no limit, in milliseconds. */
#define CLEAN_UP_LIMIT 10000

struct mz_instance {
    struct mz_plugin *plugin;
    void *own; /* the plugin's; may be NULL */
    char stage[64];
};

/* What of the task is the call's and goes back to its former value. */
struct call {
    struct mz_plugin *plugin;
    const char *function;
    struct mizan_task *task;
    struct mizan_task before;
    struct mz_error noted; /* what host->fail or a service wrote */
    int64_t limit;
    size_t calls;
};

static void begin(struct call *call, struct mz_plugin *plugin, const char *function,
                  struct mizan_task *task, int64_t limit)
{
    char what[MZ_PLUGIN_LABEL + 8];
    call->plugin = plugin;
    call->function = function;
    call->task = task;
    call->before = *task;
    call->limit = limit;
    call->calls = 1;
    call->noted.code = MZ_OK;
    call->noted.message[0] = '\0';
    call->noted.help[0] = '\0';
    task->plugin = plugin->label;
    task->folder = plugin->folder;
    task->error = &call->noted;
    if (limit > 0) {
        int64_t deadline = mz_clock_monotonic() + limit;
        if (task->deadline == 0 || deadline < task->deadline) {
            task->deadline = deadline;
        }
    }
    snprintf(what, sizeof what, "plugin %s", plugin->label);
    mz_activity_begin(what, function, task->stage, task->record, limit);
}

static void count(const struct mizan_task *task, struct mizan_task *of,
                  const char *name, size_t times)
{
    if (task->services != NULL && task->services->count != NULL && times > 0) {
        task->services->count(of, name, (int64_t)times);
    }
}

static bool stopped(const struct mizan_task *task)
{
    return task->cancel != NULL && atomic_load(task->cancel) != 0;
}

static enum mz_code fail_cancelled(const struct call *call, bool late,
                                   struct mz_error *error)
{
    const char *label = call->plugin->label;
    if (stopped(call->task) || !late) {
        return mz_fail(error, MZ_CANCELLED, "%s: %s was stopped", label,
                       call->function);
    }
    if (call->limit > 0) {
        mz_fail(error, MZ_DEADLINE, "%s: %s took longer than its %lld ms", label,
                call->function, (long long)call->limit);
    } else {
        mz_fail(error, MZ_DEADLINE, "%s: %s ran past the deadline", label,
                call->function);
    }
    return MZ_DEADLINE;
}

/* The sentence for a status that came without one that fits it. */
static enum mz_code fail_bare(const struct call *call, int32_t status,
                              struct mz_error *error)
{
    const char *label = call->plugin->label;
    const char *name = mz_status_name(status);
    enum mz_code code = mz_status_code(status);
    if (name == NULL) {
        mz_fail(error, MZ_INTERNAL, "%s: %s returned %d, which is no status", label,
                call->function, (int)status);
        mz_error_help(error, "the plugin is at fault: return MIZAN_OK or one of enum "
                             "mizan_status");
        return MZ_INTERNAL;
    }
    if (call->noted.message[0] != '\0') {
        mz_fail(error, code,
                "%s: %s returned %s without a reason; noted before that: %s", label,
                call->function, name, call->noted.message);
    } else {
        mz_fail(error, code, "%s: %s returned %s (%s) without a reason", label,
                call->function, name, mz_code_text(code));
    }
    mz_error_help(error, "the plugin is at fault: it should say why with host->fail");
    return code;
}

static void (*failure_hook)(struct mz_error *error); /* task.h allows this state */

void mz_set_failure_hook(void (*hook)(struct mz_error *error))
{
    failure_hook = hook;
}

/* Ends the call; `status` becomes the code and the sentence. */
static enum mz_code finish(struct call *call, int32_t status, struct mz_error *error)
{
    struct mizan_task *task = call->task;
    enum mz_code code = mz_status_code(status);
    bool late = task->deadline != 0 && mz_clock_monotonic() >= task->deadline;
    mz_activity_check_files();
    mz_activity_end();
    count(&call->before, task, "plugin_calls", call->calls);
    if (status != MIZAN_OK) {
        count(&call->before, task, "plugin_failures", 1);
        /* A service may have noted a finer code than the status can carry. */
        bool fits = call->noted.message[0] != '\0' && status < 0 &&
                    (call->noted.code == code || status == MIZAN_ERROR_FAILED);
        if (status == MIZAN_ERROR_CANCELLED) {
            code = fail_cancelled(call, late, error);
        } else if (fits) {
            code = call->noted.code;
            if (error != NULL) {
                *error = call->noted;
            }
        } else {
            code = fail_bare(call, status, error);
        }
    }
    if (code != MZ_OK && failure_hook != NULL && error != NULL) {
        failure_hook(error);
    }
    task->plugin = call->before.plugin;
    task->folder = call->before.folder;
    task->error = call->before.error;
    task->deadline = call->before.deadline;
    return code;
}

enum mz_code mz_instance_open(struct mz_plugin *plugin, struct mizan_task *task,
                              const struct mizan_options *options, int64_t limit,
                              struct mz_instance **out, struct mz_error *error)
{
    struct call call;
    struct mz_surroundings before;
    *out = NULL;
    struct mz_instance *instance = calloc(1, sizeof *instance);
    if (instance == NULL) {
        return mz_fail(error, MZ_MEMORY, "no memory for a stage of %s", plugin->label);
    }
    instance->plugin = plugin;
    snprintf(instance->stage, sizeof instance->stage, "%s",
             task->stage == NULL ? "" : task->stage);
    mz_surroundings_note(&before);
    begin(&call, plugin, "open", task, limit);
    int32_t status =
        plugin->descriptor.open(mz_host_table(), task, options, &instance->own);
    enum mz_code code = finish(&call, status, error);
    mz_surroundings_restore(&before, plugin->label, NULL);
    if (code != MZ_OK) {
        free(instance);
        return code;
    }
    *out = instance;
    return MZ_OK;
}

void mz_instance_close(struct mz_instance *instance)
{
    char what[MZ_PLUGIN_LABEL + 8];
    if (instance == NULL) {
        return;
    }
    snprintf(what, sizeof what, "plugin %s", instance->plugin->label);
    mz_activity_begin(what, "close", instance->stage, NULL, CLEAN_UP_LIMIT);
    instance->plugin->descriptor.close(instance->own);
    mz_activity_end();
    free(instance);
}

struct mz_plugin *mz_instance_plugin(const struct mz_instance *instance)
{
    return instance->plugin;
}

bool mz_instance_consumes(const struct mz_instance *instance, const char *type)
{
    const char *const *types = instance->plugin->descriptor.consumes;
    if (types == NULL) {
        return true;
    }
    for (; *types != NULL; types++) {
        if (strcmp(*types, type) == 0) {
            return true;
        }
    }
    return false;
}

/* The caller asked for a function that this kind of plugin has not. */
static enum mz_code no_function(const struct mz_instance *instance,
                                const char *function, struct mz_error *error)
{
    return mz_fail(error, MZ_INTERNAL, "%s has no function %s", instance->plugin->label,
                   function);
}

enum mz_code mz_instance_fetch(struct mz_instance *instance, struct mizan_task *task,
                               const struct mizan_record *source, int64_t limit,
                               struct mz_error *error)
{
    struct call call;
    const struct mizan_plugin *descriptor = &instance->plugin->descriptor;
    if (descriptor->fetch == NULL) {
        return no_function(instance, "fetch", error);
    }
    begin(&call, instance->plugin, "fetch", task, limit);
    return finish(&call, descriptor->fetch(instance->own, task, source), error);
}

enum mz_code mz_instance_extract(struct mz_instance *instance, struct mizan_task *task,
                                 struct mizan_record *record, int64_t limit,
                                 struct mz_error *error)
{
    struct call call;
    const struct mizan_plugin *descriptor = &instance->plugin->descriptor;
    if (descriptor->extract == NULL) {
        return no_function(instance, "extract", error);
    }
    begin(&call, instance->plugin, "extract", task, limit);
    return finish(&call, descriptor->extract(instance->own, task, record), error);
}

enum mz_code mz_instance_store(struct mz_instance *instance, struct mizan_task *task,
                               struct mizan_record *const *records, size_t given,
                               int64_t limit, struct mz_error *error)
{
    struct call call;
    const struct mizan_plugin *descriptor = &instance->plugin->descriptor;
    int32_t status = MIZAN_OK;
    size_t taken = 0;
    if (descriptor->store == NULL) {
        return no_function(instance, "store", error);
    }
    begin(&call, instance->plugin, "store", task, limit);
    while (taken < given && status == MIZAN_OK) {
        status = descriptor->store(instance->own, task, records[taken++]);
    }
    call.calls = taken;
    return finish(&call, status, error);
}

enum mz_code mz_instance_finish_unit(struct mz_instance *instance,
                                     struct mizan_task *task, int64_t limit,
                                     struct mz_error *error)
{
    struct call call;
    const struct mizan_plugin *descriptor = &instance->plugin->descriptor;
    if (descriptor->finish_unit == NULL) {
        return MZ_OK;
    }
    begin(&call, instance->plugin, "finish_unit", task, limit);
    return finish(&call, descriptor->finish_unit(instance->own, task), error);
}

void mz_instance_discard_unit(struct mz_instance *instance, struct mizan_task *task)
{
    struct call call;
    const struct mizan_plugin *descriptor = &instance->plugin->descriptor;
    if (descriptor->discard_unit == NULL) {
        return;
    }
    begin(&call, instance->plugin, "discard_unit", task, CLEAN_UP_LIMIT);
    descriptor->discard_unit(instance->own, task);
    (void)!finish(&call, MIZAN_OK, NULL);
}
