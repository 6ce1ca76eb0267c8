#include <stdio.h>
#include <string.h>

#include "base/clock.h"
#include "cli/command.h"
#include "run/run.h"

#define MOST_SHARDS 256

/* --tick, --tick=TIME, --force; false after printing what is wrong. */
static bool read_tick(const struct mz_arguments *arguments,
                      struct mz_run_settings *settings)
{
    const char *tick = mz_argument(arguments, "tick");
    struct mz_error error;
    settings->tick = tick != NULL;
    settings->force = mz_argument(arguments, "force") != NULL;
    if (!mz_argument_number(arguments, "shard", 0, &settings->shard)) {
        return false;
    }
    if (settings->shard != 0 &&
        (tick == NULL || settings->shard < 1 || settings->shard > MOST_SHARDS)) {
        mz_fail(&error, MZ_USAGE, "--shard=N goes with --tick, N from 1 to %d",
                MOST_SHARDS);
    } else if (settings->force && tick == NULL) {
        mz_fail(&error, MZ_USAGE, "--force goes with --tick");
        mz_error_help(&error, "a run by hand is always done");
    } else if (tick != NULL && tick[0] != '\0' &&
               !mz_time_parse(tick, strlen(tick), &settings->tick_at)) {
        mz_fail(&error, MZ_USAGE, "--tick takes a time, not '%s'", tick);
        mz_error_help(&error, "write it like --tick=2025-09-03T10:17:00Z");
    } else {
        return true;
    }
    mz_error_print(&error, stderr);
    return false;
}

int mz_command_run(const struct mz_arguments *arguments)
{
    struct mz_run_settings settings = {.file = mz_operand(arguments, 0),
                                       .database = mz_argument(arguments, "db"),
                                       .json = mz_argument(arguments, "json") != NULL,
                                       .quiet =
                                           mz_argument(arguments, "quiet") != NULL};
    if (!mz_argument_number(arguments, "limit", 0, &settings.limit)) {
        return mz_exit_status(MZ_USAGE);
    }
    if (!read_tick(arguments, &settings)) {
        return mz_exit_status(MZ_USAGE);
    }
    settings.parameter_count =
        mz_argument_all(arguments, "param", &settings.parameters);
    return mz_run(&settings);
}

/* Options that say two things at once, or that nothing would look at. */
static bool try_fits(const struct mz_arguments *arguments)
{
    static const struct {
        const char *option, *other;
        bool together;
        const char *what;
    } rules[] = {{"stage", "from", false, "--stage and --from say two things"},
                 {"stage", "to", false, "--stage and --to say two things"},
                 {"dead", NULL, false, "--dead and an INPUT say two things"},
                 {"dead", "doc", false, "--dead and --doc say two things"},
                 {"dead", "url", false, "--dead and --url say two things"},
                 {"doc", "url", false, "--doc and --url say two things"},
                 {"live", "url", true, "--live goes with --url"},
                 {"live", NULL, false, "--live and an INPUT say two things"},
                 {"type", NULL, true, "--type goes with an INPUT"},
                 {"doc", NULL, false, "--doc and an INPUT say two things"}};
    struct mz_error error;
    for (size_t i = 0; i < sizeof rules / sizeof rules[0]; i++) {
        const char *other = rules[i].other == NULL
                                ? mz_operand(arguments, 1)
                                : mz_argument(arguments, rules[i].other);
        if (mz_argument(arguments, rules[i].option) != NULL &&
            (other != NULL) != rules[i].together) {
            mz_fail(&error, MZ_USAGE, "%s", rules[i].what);
            mz_error_help(&error, "mizan help try tells more");
            mz_error_print(&error, stderr);
            return false;
        }
    }
    return true;
}

int mz_command_try(const struct mz_arguments *arguments)
{
    const char *stage = mz_argument(arguments, "stage");
    struct mz_try_settings settings = {.file = mz_operand(arguments, 0),
                                       .input = mz_operand(arguments, 1),
                                       .database = mz_argument(arguments, "db"),
                                       .from = mz_argument(arguments, "from"),
                                       .to = mz_argument(arguments, "to"),
                                       .document = mz_argument(arguments, "doc"),
                                       .letter = mz_argument(arguments, "dead"),
                                       .live = mz_argument(arguments, "live") != NULL,
                                       .watch = mz_argument(arguments, "watch") != NULL,
                                       .url = mz_argument(arguments, "url"),
                                       .media_type = mz_argument(arguments, "type"),
                                       .lang = mz_argument(arguments, "lang"),
                                       .json = mz_argument(arguments, "json") != NULL};
    if (!mz_argument_number(arguments, "limit", 1, &settings.limit)) {
        return mz_exit_status(MZ_USAGE);
    }
    if (!try_fits(arguments)) {
        return mz_exit_status(MZ_USAGE);
    }
    if (stage != NULL) {
        settings.from = stage;
        settings.to = stage;
    }
    settings.parameter_count =
        mz_argument_all(arguments, "param", &settings.parameters);
    return mz_try(&settings);
}
