/* `mizan export-units`: what systemd or cron needs to run the project's pipelines. */
#include <dirent.h>
#include <stdio.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

#include "base/clock.h"
#include "base/file.h"
#include "base/text.h"
#include "cli/calendar.h"
#include "cli/command.h"
#include "cli/pipeline_files.h"
#include "lua/timetable.h"
#include "run/run.h"
#include "run/supervise.h"
#include "value/record.h"

#define MOST_UNIT ((size_t)1 << 20)
#define ARENA     ((size_t)16 << 20)

struct units {
    const struct mz_arguments *arguments;
    struct mz_environment environment;
    struct mz_arena *arena;
    struct mz_buffer crontab;
    char program[MZ_PATH];
    const char *to;   /* folder, or NULL: standard output */
    const char *user; /* NULL: one that systemd makes up */
    size_t count, without, broken;
};

/* ---- the words of units ---- */

/* A word of an Exec line or a path: % is doubled, blanks are quoted. */
static const char *word(struct units *units, const char *text)
{
    struct mz_buffer out;
    bool quoted = strpbrk(text, " \t\"'\\") != NULL;
    mz_buffer_init(&out, MOST_UNIT);
    mz_buffer_text(&out, quoted ? "\"" : "");
    for (; *text != '\0'; text++) {
        if (*text == '%') {
            mz_buffer_text(&out, "%%");
        } else if (*text == '"' || *text == '\\') {
            mz_buffer_printf(&out, "\\%c", *text);
        } else {
            mz_buffer_byte(&out, *text);
        }
    }
    mz_buffer_text(&out, quoted ? "\"" : "");
    const char *copy =
        mz_buffer_ok(&out) ? mz_arena_string(units->arena, out.data) : NULL;
    mz_buffer_finish(&out);
    return copy == NULL ? "" : copy;
}

/* Everything that a run does not need is taken from it. Its own walls stand inside of
 * these: landlock and seccomp must stay callable. */
static const char walls[] =
    "UMask=0077\n"
    "NoNewPrivileges=yes\n"
    "CapabilityBoundingSet=\n"
    "AmbientCapabilities=\n"
    "ProtectSystem=strict\n"
    "PrivateTmp=yes\n"
    "PrivateDevices=yes\n"
    "DevicePolicy=closed\n"
    "ProtectClock=yes\n"
    "ProtectControlGroups=yes\n"
    "ProtectHostname=yes\n"
    "ProtectKernelLogs=yes\n"
    "ProtectKernelModules=yes\n"
    "ProtectKernelTunables=yes\n"
    "ProtectProc=invisible\n"
    "ProcSubset=pid\n"
    "RestrictAddressFamilies=AF_UNIX AF_INET AF_INET6\n"
    "RestrictNamespaces=yes\n"
    "RestrictRealtime=yes\n"
    "RestrictSUIDSGID=yes\n"
    "RemoveIPC=yes\n"
    "LockPersonality=yes\n"
    "MemoryDenyWriteExecute=yes\n"
    "KeyringMode=private\n"
    "SystemCallArchitectures=native\n"
    "SystemCallFilter=@system-service\n"
    "SystemCallFilter=landlock_create_ruleset landlock_add_rule landlock_restrict_self "
    "seccomp\n"
    "SystemCallFilter=~@privileged @resources @keyring\n"
    "SystemCallFilter=setrlimit prlimit64 sched_setaffinity setpriority\n"
    "SystemCallErrorNumber=EPERM\n"
    "IPAddressDeny=link-local multicast\n"
    "TasksMax=256\n"
    "MemoryMax=4G\n";

static void add_credentials(struct units *units, struct mz_buffer *out)
{
    char folder[MZ_PATH], path[MZ_PATH];
    const struct dirent *entry;
    if (!mz_path_join(folder, units->environment.project.folder, "secrets")) {
        return;
    }
    DIR *entries = opendir(folder);
    /* NOLINTNEXTLINE(concurrency-mt-unsafe): no other thread has this stream */
    while (entries != NULL && (entry = readdir(entries)) != NULL) {
        if (entry->d_name[0] != '.' && mz_path_join(path, folder, entry->d_name)) {
            mz_buffer_printf(out, "LoadCredential=%s:%s\n", entry->d_name,
                             word(units, path));
        }
    }
    if (entries != NULL) {
        closedir(entries);
    }
}

/* Who it runs as, where, and what it may write. */
static void add_place(struct units *units, struct mz_buffer *out)
{
    const char *folder = units->environment.project.folder;
    bool home = mz_starts_with(folder, "/home/") || mz_starts_with(folder, "/root") ||
                mz_starts_with(folder, "/run/user/");
    mz_buffer_printf(out, "WorkingDirectory=%s\n", word(units, folder));
    mz_buffer_text(out, "StateDirectory=mizan\nStateDirectoryMode=0700\n");
    if (units->user != NULL) {
        mz_buffer_printf(out, "User=%s\nReadWritePaths=%s\n", units->user,
                         word(units, folder));
    } else {
        mz_buffer_text(out, "DynamicUser=yes\nUser=mizan\n");
        if (strcmp(units->environment.database_reason, "default: beside mizan.lua") ==
            0) {
            mz_buffer_text(out,
                           "Environment=MIZAN_DB=sqlite:/var/lib/mizan/mizan.db\n");
        }
        add_credentials(units, out);
    }
    if (strcmp(units->environment.database_reason, "--db") == 0) {
        mz_buffer_printf(out, "Environment=%s\n",
                         word(units, mz_arena_printf(units->arena, "MIZAN_DB=%s",
                                                     units->environment.database)));
    }
    mz_buffer_printf(out, "ProtectHome=%s\n", home ? "read-only" : "yes");
    mz_buffer_text(out, walls);
}

static void add_unit(struct mz_buffer *out, const char *about)
{
    mz_buffer_printf(
        out,
        "# Made by mizan export-units; make it anew when a schedule or the "
        "project's place changes.\n"
        "[Unit]\nDescription=%s\n"

        "Wants=network-online.target\nAfter=network-online.target\n",
        about);
}

/* ---- writing them ---- */

static enum mz_code write_unit(struct units *units, const char *name,
                               struct mz_buffer *unit, struct mz_error *error)
{
    char path[MZ_PATH];
    enum mz_code code = MZ_OK;
    if (!mz_buffer_ok(unit)) {
        code = mz_fail(error, MZ_LIMIT, "the unit %s is too large", name);
    } else if (units->to == NULL) {
        printf("### %s\n%s\n", name, unit->data);
    } else if (!mz_path_join(path, units->to, name)) {
        code = mz_fail(error, MZ_USAGE, "the folder %s has too long a name", units->to);
    } else {
        code = mz_file_write(path, unit->data, unit->size, error);
    }
    if (code == MZ_OK && units->to != NULL && chmod(path, 0644) != 0) {
        code = mz_fail_errno(error, MZ_IO, "the mode of %s cannot be set", path);
    }
    units->count++;
    mz_buffer_finish(unit);
    return code;
}

static enum mz_code write_serve(struct units *units, struct mz_error *error)
{
    struct mz_buffer unit;
    mz_buffer_init(&unit, MOST_UNIT);
    add_unit(&unit, "mizan: pipelines when they are due");
    mz_buffer_printf(
        &unit,
        "\n[Service]\nType=notify\nNotifyAccess=main\nExecStart=%s serve\n"
        "ExecReload=kill -HUP $MAINPID\nKillMode=mixed\nTimeoutStopSec=60\n"
        "Restart=on-failure\nRestartSec=5\nWatchdogSec=60\n",
        word(units, units->program));
    add_place(units, &unit);
    mz_buffer_text(&unit, "\n[Install]\nWantedBy=multi-user.target\n");
    return write_unit(units, "mizan-serve.service", &unit, error);
}

static void add_oneshot(struct units *units, struct mz_buffer *unit, const char *words)
{
    mz_buffer_printf(unit,
                     "\n[Service]\nType=oneshot\nExecStart=%s %s\n"
                     "SuccessExitStatus=1 75\nKillMode=mixed\nTimeoutStopSec=60\n",
                     word(units, units->program), words);
    add_place(units, unit);
}

static enum mz_code write_deliver(struct units *units, struct mz_error *error)
{
    struct mz_buffer unit;
    mz_buffer_init(&unit, MOST_UNIT);
    add_unit(&unit, "mizan: messages of the outbox");
    add_oneshot(units, &unit, "deliver");
    enum mz_code code = write_unit(units, "mizan-deliver.service", &unit, error);
    if (code != MZ_OK) {
        return code;
    }
    mz_buffer_init(&unit, MOST_UNIT);
    mz_buffer_text(&unit, "# Made by mizan export-units.\n[Unit]\n"
                          "Description=mizan: messages of the outbox, every minute\n\n"
                          "[Timer]\nOnCalendar=*-*-* *:*:30\nAccuracySec=5s\n\n"
                          "[Install]\nWantedBy=timers.target\n");
    return write_unit(units, "mizan-deliver.timer", &unit, error);
}

static enum mz_code write_timer(struct units *units, const struct mz_pipeline *pipeline,
                                struct mz_buffer *lines, struct mz_error *error)
{
    const struct mz_timetable *timetable = pipeline->timetable;
    struct mz_buffer unit;
    mz_buffer_init(&unit, MOST_UNIT);
    mz_buffer_printf(
        &unit, "# %s %s\n[Unit]\nDescription=mizan: when %s is due\n\n[Timer]\n%s",
        timetable->expression, mz_zone_name(timetable->zone), pipeline->name,
        lines->data);
    if (timetable->jitter > 0) {
        mz_buffer_printf(&unit, "RandomizedDelaySec=%lldms\n",
                         (long long)timetable->jitter);
    }
    mz_buffer_printf(&unit,
                     "AccuracySec=1s\nPersistent=%s\n\n[Install]\n"
                     "WantedBy=timers.target\n",
                     strcmp(timetable->catchup, "none") == 0 ? "no" : "yes");
    return write_unit(units,
                      mz_arena_printf(units->arena, "mizan-%s.timer", pipeline->name),
                      &unit, error);
}

/* ---- cron ---- */

/* The name of the zone that cron lives in, "UTC" when the machine does not say. */
static void machine_zone(char out[MZ_ZONE_NAME])
{
    char target[MZ_PATH];
    ssize_t size = readlink("/etc/localtime", target, sizeof target - 1);
    const char *name = "UTC";
    if (size > 0) {
        target[size] = '\0';
        const char *found = strstr(target, "zoneinfo/");
        name = found == NULL ? name : found + strlen("zoneinfo/");
    }
    snprintf(out, MZ_ZONE_NAME, "%s", name);
    if (strcmp(out, "Etc/UTC") == 0) {
        snprintf(out, MZ_ZONE_NAME, "UTC");
    }
}

/* What every cron reads as this program does: five fields of numbers and names. */
static bool is_plain(const struct mz_timetable *timetable)
{
    const char *text = timetable->expression;
    int fields = 0;
    for (const char *p = text; *p != '\0'; fields++) {
        p += strspn(p, " \t");
        p += strcspn(p, " \t");
    }
    return fields == 5 && !timetable->cron.hashed &&
           text[strspn(text, "0123456789*/,- \t")] == '\0';
}

/* The minutes at which a tick can be, as the machine's clock shows them now. */
static void add_minutes(struct units *units, const struct mz_timetable *timetable,
                        const char *machine)
{
    const struct mz_zone *zone = NULL;
    struct mz_zone_span here = {0}, there;
    struct mz_error error;
    int64_t now = mz_clock_now() / 1000;
    uint64_t minutes = 0;
    if (mz_zone_load(NULL, machine, units->arena, &zone, &error) == MZ_OK) {
        mz_zone_span_at(zone, now, &here);
    }
    mz_zone_span_at(timetable->zone, now, &there);
    int64_t shift = ((here.offset - there.offset) / 60 % 60 + 60) % 60;
    for (int64_t i = 0; i < 60; i++) {
        if (timetable->cron.every != 0 || (timetable->cron.minutes >> i & 1U) != 0) {
            minutes |= UINT64_C(1) << (i + shift) % 60;
        }
    }
    const char *comma = "";
    for (int i = 0; minutes != (UINT64_C(1) << 60) - 1 && i < 60; i++) {
        if ((minutes >> i & 1U) != 0) {
            mz_buffer_printf(&units->crontab, "%s%d", comma, i);
            comma = ",";
        }
    }
    mz_buffer_text(&units->crontab, comma[0] == '\0' ? "* * * * *" : " * * * *");
}

/* A word of a shell's command in a crontab: there % ends it, unless it is escaped. */
static void add_shell_word(struct mz_buffer *out, const char *text)
{
    mz_buffer_byte(out, '\'');
    for (; *text != '\0'; text++) {
        if (*text == '\'') {
            mz_buffer_text(out, "'\\''");
        } else {
            mz_buffer_text(out, *text == '%' ? "\\" : "");
            mz_buffer_byte(out, *text);
        }
    }
    mz_buffer_byte(out, '\'');
}

static void add_command(struct units *units, struct mz_buffer *out, const char *words)
{
    mz_buffer_text(out, " cd ");
    add_shell_word(out, units->environment.project.folder);
    mz_buffer_text(out, " && ");
    add_shell_word(out, units->program);
    mz_buffer_printf(out, " %s", words);
}

/* Where cron reads another zone or another language, it asks at every hour: --tick
 * finds that nothing is due, or that it was done. */
static void add_crontab(struct units *units, const struct mz_pipeline *pipeline)
{
    const struct mz_timetable *timetable = pipeline->timetable;
    struct mz_buffer *out = &units->crontab;
    char machine[MZ_ZONE_NAME];
    machine_zone(machine);
    bool same =
        is_plain(timetable) && strcmp(machine, mz_zone_name(timetable->zone)) == 0;
    mz_buffer_printf(out, "\n# %s: %s %s%s\n", pipeline->name, timetable->expression,
                     mz_zone_name(timetable->zone),
                     same ? "" : "; cron asks more often, --tick knows when");
    if (same) {
        mz_buffer_text(out, timetable->expression);
    } else {
        add_minutes(units, timetable, machine);
    }
    add_command(units, out, "run --quiet --tick ");
    add_shell_word(out, pipeline->file);
    mz_buffer_byte(out, '\n');
}

static enum mz_code write_pipeline(struct units *units,
                                   const struct mz_pipeline *pipeline,
                                   struct mz_error *error)
{
    struct mz_buffer lines, unit;
    const struct mz_timetable *timetable = pipeline->timetable;
    mz_buffer_init(&lines, MOST_UNIT);
    add_crontab(units, pipeline);
    if (!mz_calendar_lines(&lines, &timetable->cron, mz_zone_name(timetable->zone))) {
        fprintf(stderr,
                "%s: systemd has no words for '%s': mizan serve or cron runs it\n",
                pipeline->name, timetable->expression);
        units->without++;
        mz_buffer_finish(&lines);
        return MZ_OK;
    }
    mz_buffer_init(&unit, MOST_UNIT);
    add_unit(&unit,
             mz_arena_printf(units->arena, "mizan: the pipeline %s", pipeline->name));
    add_oneshot(units, &unit,
                mz_arena_printf(units->arena, "run --quiet --tick %s",
                                word(units, pipeline->file)));
    enum mz_code code = write_unit(
        units, mz_arena_printf(units->arena, "mizan-%s.service", pipeline->name), &unit,
        error);
    if (code == MZ_OK) {
        code = write_timer(units, pipeline, &lines, error);
    }
    mz_buffer_finish(&lines);
    return code;
}

static enum mz_code add_file(void *context, const char *path, struct mz_error *error)
{
    struct units *units = context;
    struct mz_loaded loaded;
    struct mz_error failure;
    if (mz_loaded_init(&loaded, path, NULL, NULL, 0, &failure) != MZ_OK) {
        fprintf(stderr, "%s cannot be loaded: %s\n", path, failure.message);
        units->broken++;
        return MZ_OK;
    }
    enum mz_code code = loaded.pipeline->timetable != NULL
                            ? write_pipeline(units, loaded.pipeline, error)
                            : MZ_OK;
    mz_loaded_finish(&loaded);
    return code;
}

/* ---- the command ---- */

static enum mz_code write_crontab(struct units *units, struct mz_error *error)
{
    struct mz_buffer whole;
    mz_buffer_init(&whole, MOST_UNIT);
    mz_buffer_printf(
        &whole,
        "# For cron, in place of the timers. A line that comes twice, or a "
        "minute too late, does\n# no harm: --tick runs each tick once.\n"
        "SHELL=/bin/sh\n%s\n# messages and lateness\n* * * * *",
        units->crontab.data == NULL ? "" : units->crontab.data);
    add_command(units, &whole, "deliver --quiet\n");
    return write_unit(units, "mizan.crontab", &whole, error);
}

static enum mz_code write_all(struct units *units, struct mz_error *error)
{
    enum mz_code code = MZ_OK;
    if (units->to != NULL) {
        code = mz_folder_create(units->to, error);
    }
    if (code == MZ_OK) {
        code = write_serve(units, error);
    }
    if (code == MZ_OK) {
        code = write_deliver(units, error);
    }
    if (code == MZ_OK) {
        code = mz_pipeline_files(units->environment.project.folder, add_file, units,
                                 error);
    }
    return code == MZ_OK ? write_crontab(units, error) : code;
}

static void print_next(const struct units *units)
{
    if (units->to == NULL) {
        return;
    }
    fprintf(stderr,
            "%zu files in %s. Either the scheduler:\n"
            "  systemctl enable --now mizan-serve.service mizan-deliver.timer\n"
            "or timers, one for each pipeline:\n"
            "  systemctl enable --now mizan-deliver.timer mizan-NAME.timer\n",
            units->count, units->to);
}

static enum mz_code prepare(struct units *units, struct mz_error *error)
{
    units->to = mz_argument(units->arguments, "to");
    units->user = mz_argument(units->arguments, "user");
    if (units->user != NULL &&
        (units->user[0] == '\0' ||
         units->user[strspn(units->user, "abcdefghijklmnopqrstuvwxyz"
                                         "ABCDEFGHIJKLMNOPQRSTUVWXYZ0123456789_-")] !=
             '\0')) {
        return mz_fail(error, MZ_USAGE, "'%.60s' is no name of a user", units->user);
    }
    units->arena = mz_arena_create(ARENA);
    mz_buffer_init(&units->crontab, MOST_UNIT);
    ssize_t size =
        readlink("/proc/self/exe", units->program, sizeof units->program - 1);
    if (units->arena == NULL || size <= 0) {
        return mz_fail(error, MZ_INTERNAL, "the program's own place is not known");
    }
    units->program[size] = '\0';
    return mz_environment_init(&units->environment, mz_operand(units->arguments, 0),
                               mz_argument(units->arguments, "db"), error);
}

static int units_child(void *argument, struct mz_activity *activity)
{
    struct units units = {.arguments = argument};
    struct mz_error error;
    (void)activity;
    enum mz_code code = prepare(&units, &error);
    if (code == MZ_OK) {
        code = write_all(&units, &error);
    }
    if (code == MZ_OK) {
        print_next(&units);
    }
    mz_buffer_finish(&units.crontab);
    mz_arena_destroy(units.arena);
    if (units.environment.arena != NULL) {
        mz_environment_finish(&units.environment);
    }
    if (code != MZ_OK) {
        return mz_command_fail(&error);
    }
    return mz_exit_status(units.broken > 0 || units.without > 0 ? MZ_ITEMS_FAILED
                                                                : MZ_OK);
}

int mz_command_export_units(const struct mz_arguments *arguments)
{
    struct mz_supervision supervision = {0};
    union {
        const struct mz_arguments *in;
        void *out;
    } argument = {arguments};
    return mz_supervise(units_child, argument.out, &supervision);
}
