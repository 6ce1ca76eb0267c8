/* `mizan deliver`: sends what is due in the outbox, and shows what is in it. */
#include <stdio.h>
#include <string.h>

#include "base/text.h"
#include "cli/command.h"
#include "db/outbox.h"
#include "deliver/alerts.h"
#include "deliver/deliver.h"
#include "run/environment.h"
#include "run/supervise.h"
#include "value/json.h"
#include "value/record.h"
#include "value/table.h"

#define CEILING ((size_t)64 << 20)

struct outbox {
    const struct mz_arguments *arguments;
    struct mz_environment environment;
    struct mz_db *db;
    struct mz_arena *arena;
};

static enum mz_code open_outbox(struct outbox *outbox, enum mz_db_mode mode,
                                struct mz_error *error)
{
    enum mz_code code = mz_environment_init(
        &outbox->environment, NULL, mz_argument(outbox->arguments, "db"), error);
    if (code != MZ_OK) {
        return code;
    }
    outbox->arena = mz_arena_create(CEILING);
    return outbox->arena == NULL
               ? mz_fail(error, MZ_MEMORY, "not enough memory")
               : mz_db_open(outbox->environment.database, mode, &outbox->db, error);
}

static void close_outbox(struct outbox *outbox)
{
    mz_db_close(outbox->db);
    mz_arena_destroy(outbox->arena);
    if (outbox->environment.arena != NULL) {
        mz_environment_finish(&outbox->environment);
    }
}

/* ---- send ---- */

static void read_settings(const struct outbox *outbox, struct mz_deliver_settings *out)
{
    const struct mz_project *project = &outbox->environment.project;
    const struct mizan_value *deliver = mz_map_member(&project->all, "deliver");
    out->folder = project->folder;
    out->programs = project->programs;
    out->program_count = project->program_count;
    if (deliver == NULL) {
        return;
    }
    const struct mizan_value *attempts = mz_map_member(deliver, "attempts");
    const struct mizan_value *hosts = mz_map_member(deliver, "private");
    out->attempts = attempts == NULL ? 0 : attempts->as.integer;
    out->sendmail = mz_map_text(deliver, "sendmail");
    if (hosts != NULL && hosts->type == MIZAN_LIST) {
        const char **list =
            mz_arena_alloc(outbox->arena, hosts->as.list.count * sizeof *list);
        for (size_t i = 0; list != NULL && i < hosts->as.list.count; i++) {
            list[i] = hosts->as.list.items[i].as.text.data;
        }
        out->private_hosts = list;
        out->private_count = list == NULL ? 0 : hosts->as.list.count;
    }
}

static void print_end(const struct mz_arguments *arguments,
                      const struct mz_delivered *delivered)
{
    if (mz_argument(arguments, "json") != NULL) {
        printf("{\"sent\":%lld,\"failed\":%lld,\"dead\":%lld}\n",
               (long long)delivered->sent, (long long)delivered->failed,
               (long long)delivered->dead);
    } else if (mz_argument(arguments, "quiet") == NULL) {
        fprintf(stderr, "%lld sent, %lld to be tried again, %lld given up\n",
                (long long)delivered->sent, (long long)delivered->failed,
                (long long)delivered->dead);
    }
}

/* Lateness is looked for first: who runs `deliver` from time to time needs no more. */
static enum mz_code send_due(struct outbox *outbox, int64_t limit,
                             struct mz_delivered *delivered, struct mz_error *error)
{
    struct mz_deliver_settings settings = {
        .limit = limit,
        .follow = mz_argument(outbox->arguments, "follow") != NULL,
        .cancel = mz_cancel_flag()};
    enum mz_code code = open_outbox(outbox, MZ_DB_WRITE, error);
    if (code == MZ_OK) {
        code = mz_alerts_look(outbox->db, NULL, error);
    }
    if (code == MZ_OK) {
        read_settings(outbox, &settings);
        code = mz_deliver(outbox->db, &settings, delivered, error);
    }
    return code;
}

static int send_child(void *argument, struct mz_activity *activity)
{
    struct outbox outbox = {.arguments = argument};
    struct mz_delivered delivered = {0};
    struct mz_error error;
    int64_t limit;
    (void)activity;
    if (!mz_argument_number(outbox.arguments, "limit", 0, &limit)) {
        return mz_exit_status(MZ_USAGE);
    }
    enum mz_code code = send_due(&outbox, limit, &delivered, &error);
    if (code == MZ_OK) {
        print_end(outbox.arguments, &delivered);
    } else {
        mz_error_print(&error, stderr);
    }
    if (code == MZ_OK && mz_cancel_signal() != 0) {
        code = MZ_CANCELLED;
    } else if (code == MZ_OK && delivered.failed + delivered.dead > 0) {
        code = MZ_ITEMS_FAILED;
    }
    close_outbox(&outbox);
    return mz_child_status(code);
}

static int send_all(const struct mz_arguments *arguments)
{
    struct mz_supervision supervision = {.orderly = true};
    union {
        const struct mz_arguments *in;
        void *out;
    } argument = {arguments};
    return mz_supervise(send_child, argument.out, &supervision);
}

/* ---- look ---- */

static enum mz_code list_messages(struct outbox *outbox, struct mz_error *error)
{
    static const char *const states[] = {"due", "sent", "dead"};
    const char *state = mz_argument(outbox->arguments, "state");
    bool json = mz_argument(outbox->arguments, "json") != NULL;
    bool known = state == NULL;
    struct mizan_value rows;
    int64_t limit;
    for (size_t i = 0; i < sizeof states / sizeof states[0]; i++) {
        known = known || strcmp(state, states[i]) == 0;
    }
    if (!known) {
        return mz_fail(error, MZ_USAGE, "--state takes due, sent or dead, not '%s'",
                       state);
    }
    if (!mz_argument_number(outbox->arguments, "limit", 50, &limit)) {
        return MZ_USAGE;
    }
    enum mz_code code = open_outbox(outbox, MZ_DB_READ, error);
    if (code == MZ_OK) {
        code = mz_outbox_list(outbox->db, mz_argument(outbox->arguments, "pipeline"),
                              state, limit, outbox->arena, &rows, error);
    }
    if (code == MZ_OK && rows.as.list.count == 0) {
        fprintf(stderr, "no messages\n");
        return MZ_OK;
    }
    return code == MZ_OK
               ? mz_table_print(stdout, &rows, json ? MZ_TABLE_JSON : MZ_TABLE_AUTO, 0,
                                error)
               : code;
}

static void print_message(const struct mizan_value *message)
{
    for (size_t i = 0; i < message->as.map.count; i++) {
        const struct mizan_field *field = &message->as.map.fields[i];
        if (field->value.type == MIZAN_TEXT) {
            printf("%-11s %s\n", field->name.data, field->value.as.text.data);
        } else if (field->value.type == MIZAN_INTEGER) {
            printf("%-11s %lld\n", field->name.data,
                   (long long)field->value.as.integer);
        }
    }
}

static enum mz_code show_messages(struct outbox *outbox, struct mz_error *error)
{
    bool json = mz_argument(outbox->arguments, "json") != NULL;
    enum mz_code code = open_outbox(outbox, MZ_DB_READ, error);
    for (size_t i = 1; code == MZ_OK && i < mz_operand_count(outbox->arguments); i++) {
        struct mizan_value message;
        code = mz_outbox_get(outbox->db, mz_operand(outbox->arguments, i),
                             outbox->arena, &message, error);
        if (code == MZ_OK && json) {
            struct mizan_value rows = {.type = MIZAN_LIST, .as.list = {&message, 1}};
            code = mz_table_print(stdout, &rows, MZ_TABLE_JSON, 0, error);
        } else if (code == MZ_OK) {
            printf("%s", i > 1 ? "\n" : "");
            print_message(&message);
        }
    }
    return code;
}

/* ---- change ---- */

static enum mz_code change_messages(struct outbox *outbox, bool retry,
                                    struct mz_error *error)
{
    enum mz_code code = open_outbox(outbox, MZ_DB_WRITE, error);
    int64_t sum = 0;
    for (size_t i = 1; code == MZ_OK && i < mz_operand_count(outbox->arguments); i++) {
        const char *id = mz_operand(outbox->arguments, i);
        int64_t changed = 0;
        code = retry ? mz_outbox_retry(outbox->db, id, &changed, error)
                     : mz_outbox_drop(outbox->db, id, &changed, error);
        sum += changed;
    }
    if (code == MZ_OK) {
        fprintf(stderr, "%lld %s\n", (long long)sum,
                retry ? "due again: mizan deliver sends them" : "given up");
    }
    return code;
}

static enum mz_code refuse_verb(const char *verb, struct mz_error *error)
{
    static const char *const verbs[] = {"list", "show", "retry", "drop"};
    const char *nearest = mz_nearest(verb, verbs, sizeof verbs / sizeof verbs[0]);
    mz_fail(error, MZ_USAGE, "mizan deliver has no '%s'", verb);
    mz_error_help(error, "%s%s%slist, show, retry, drop, or nothing to send",
                  nearest == NULL ? "" : "did you mean '",
                  nearest == NULL ? "" : nearest,
                  nearest == NULL ? "" : "'? it is one of ");
    return MZ_USAGE;
}

int mz_command_deliver(const struct mz_arguments *arguments)
{
    struct outbox outbox = {.arguments = arguments};
    struct mz_error error = {.code = MZ_OK};
    const char *verb = mz_operand(arguments, 0);
    enum mz_code code;
    mz_end_with_parent();
    if (verb == NULL) {
        return send_all(arguments);
    }
    if (strcmp(verb, "list") == 0) {
        code = list_messages(&outbox, &error);
    } else if (strcmp(verb, "show") != 0 && strcmp(verb, "retry") != 0 &&
               strcmp(verb, "drop") != 0) {
        code = refuse_verb(verb, &error);
    } else if (mz_operand_count(arguments) < 2) {
        code = mz_fail(&error, MZ_USAGE, "mizan deliver %s needs the id of a message",
                       verb);
        mz_error_help(&error, "mizan deliver list shows them");
    } else if (strcmp(verb, "show") == 0) {
        code = show_messages(&outbox, &error);
    } else {
        code = change_messages(&outbox, strcmp(verb, "retry") == 0, &error);
    }
    close_outbox(&outbox);
    if (code != MZ_OK && error.message[0] == '\0') {
        return mz_exit_status(code); /* it was printed where it was found */
    }
    return code == MZ_OK ? 0 : mz_command_fail(&error);
}

int mz_command_alerts(const struct mz_arguments *arguments)
{
    struct outbox outbox = {.arguments = arguments};
    struct mz_error error;
    struct mizan_value rows;
    bool json = mz_argument(arguments, "json") != NULL;
    enum mz_code code = open_outbox(&outbox, MZ_DB_WRITE, &error);
    if (code == MZ_OK) {
        code = mz_alerts_look(outbox.db, NULL, &error);
    }
    if (code == MZ_OK) {
        code = mz_alerts_list(outbox.db, outbox.arena, &rows, &error);
    }
    if (code == MZ_OK && rows.as.list.count == 0) {
        fprintf(stderr, "nothing is wrong\n");
    } else if (code == MZ_OK) {
        code = mz_table_print(stdout, &rows, json ? MZ_TABLE_JSON : MZ_TABLE_AUTO, 0,
                              &error);
    }
    int status = code != MZ_OK
                     ? mz_command_fail(&error)
                     : mz_exit_status(rows.as.list.count > 0 ? MZ_ITEMS_FAILED : MZ_OK);
    close_outbox(&outbox);
    return status;
}
