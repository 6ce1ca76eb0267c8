/* The database and what is in it, plugins, pipelines. */
#include "cli/doctor.h"

#include <stdio.h>
#include <string.h>

#include "base/clock.h"
#include "base/secret.h"
#include "cli/handover.h"
#include "cli/pipeline_files.h"
#include "db/care.h"
#include "plug/probe.h"
#include "run/run.h"
#include "value/record.h"

#define LOOK_LIMIT 60000 /* milliseconds for one plugin or pipeline */
#define HOUR       ((int64_t)60 * 60 * 1000)

/* ---- the database ---- */

static void open_database(struct mz_doctor *doctor)
{
    struct mz_environment *environment = doctor->environment;
    struct mz_error error;
    enum mz_code code =
        mz_db_open(environment->database, MZ_DB_READ, &doctor->db, &error);
    if (code == MZ_NO_FILE) {
        mz_doctor_say(doctor, MZ_FINDING_NOTE, "database", "the first run makes it",
                      "%s is not there yet (%s)", environment->database,
                      environment->database_reason);
    } else if (code != MZ_OK) {
        mz_doctor_fail(doctor, "database", &error);
    } else {
        mz_doctor_say(doctor, MZ_FINDING_OK, "database", NULL, "%s (%s)",
                      mz_db_location(doctor->db), environment->database_reason);
    }
}

void mz_doctor_database(struct mz_doctor *doctor)
{
    struct mizan_value sentences;
    struct mz_error error;
    open_database(doctor);
    if (doctor->db == NULL) {
        return;
    }
    if (mz_db_damage(doctor->db, !doctor->quick, doctor->arena, &sentences, &error) !=
        MZ_OK) {
        mz_doctor_fail(doctor, "integrity", &error);
        return;
    }
    for (size_t i = 0; i < sentences.as.list.count; i++) {
        mz_doctor_say(doctor, MZ_FINDING_WRONG, "integrity",
                      "stop all runs and put the last backup in its place", "%s",
                      sentences.as.list.items[i].as.text.data);
    }
    if (sentences.as.list.count == 0) {
        mz_doctor_say(doctor, MZ_FINDING_OK, "integrity", NULL, "%s",
                      doctor->quick ? "the structure is whole" : "every page is whole");
    }
}

/* ---- what waits in it ---- */

static int64_t count(struct mz_doctor *doctor, const char *sql, int64_t before)
{
    const struct mizan_value time = mz_time(before);
    struct mizan_value rows;
    struct mz_error error;
    if (mz_db_rows(doctor->db, sql, &time, 1, doctor->arena, &rows, &error) != MZ_OK) {
        mz_doctor_fail(doctor, "database", &error);
        return 0;
    }
    return mz_map_member(&rows.as.list.items[0], "n")->as.integer;
}

void mz_doctor_work(struct mz_doctor *doctor)
{
    static const struct {
        const char *subject, *sql, *sentence, *next;
        enum mz_finding_level level;
    } rows[] = {
        {"outbox",
         "SELECT count(*) AS n FROM outbox WHERE state = 'dead' AND next_at > $1",
         "messages were given up within the last day",
         "mizan deliver list --state dead; mizan deliver retry dead", MZ_FINDING_WRONG},
        {"outbox",
         "SELECT count(*) AS n FROM outbox WHERE state = 'due' AND attempts = 0"
         " AND next_at < $1",
         "messages wait for more than a day: nothing delivers",
         "run mizan deliver from a timer, or mizan deliver --follow", MZ_FINDING_WRONG},
        {"units", "SELECT count(*) AS n FROM attempt WHERE set_aside = 1 AND '' < $1",
         "documents were set aside after five attempts",
         "mizan dead list; mizan dead replay ID", MZ_FINDING_NOTE},
        {"alerts", "SELECT count(*) AS n FROM alert WHERE '' < $1",
         "alerts are not over", "mizan alerts", MZ_FINDING_NOTE},
        {"runs",
         "SELECT count(*) AS n FROM run WHERE status = 'running' AND started_at < $1"
         " AND NOT EXISTS(SELECT 1 FROM lease l WHERE l.run_id = run.id)",
         "runs are noted as running that nobody holds",
         "they ended with their machine; the next run of the pipeline goes on",
         MZ_FINDING_NOTE},
    };
    if (doctor->db == NULL) {
        return;
    }
    for (size_t i = 0; i < sizeof rows / sizeof rows[0]; i++) {
        int64_t n = count(doctor, rows[i].sql, mz_clock_now() - 24 * HOUR);
        if (n > 0) {
            mz_doctor_say(doctor, rows[i].level, rows[i].subject, rows[i].next,
                          "%lld %s", (long long)n, rows[i].sentence);
        }
    }
}

/* ---- plugins ---- */

struct look {
    struct mz_doctor *doctor;
    const char *file;
};

struct seen {
    struct mz_error error; /* code MZ_OK: nothing is wrong */
    size_t count;
    char names[MZ_MOST_SECRETS][MZ_SECRET_NAME]; /* secrets that are named */
};

/* In a child of its own: loading runs the plugin's constructors. */
static void look_at_plugin(void *argument, void *result)
{
    const struct look *look = argument;
    struct seen *seen = result;
    const struct mz_environment *environment = look->doctor->environment;
    struct mz_plugin_entry *entries;
    size_t count;
    if (mz_registry_list_file(environment->registry, look->file, environment->arena,
                              &entries, &count, &seen->error) != MZ_OK) {
        return;
    }
    for (size_t i = 0; i < count; i++) {
        if (entries[i].plugin == NULL) {
            mz_fail(&seen->error, MZ_PLUGIN_REFUSED, "%s: %s", entries[i].path,
                    entries[i].refusal);
        }
    }
}

void mz_doctor_plugins(struct mz_doctor *doctor)
{
    const char *const *files;
    size_t number, good = 0;
    struct mz_error error;
    if (mz_registry_files(doctor->environment->registry, doctor->environment->arena,
                          &files, &number, &error) != MZ_OK) {
        mz_doctor_fail(doctor, "plugins", &error);
        return;
    }
    for (size_t i = 0; i < number; i++) {
        struct look look = {doctor, files[i]};
        struct seen seen = {.error = {.code = MZ_OK}};
        if (mz_probe(look_at_plugin, &look, &seen, sizeof seen, LOOK_LIMIT, &error) !=
            MZ_OK) {
            seen.error = error;
        }
        if (seen.error.code != MZ_OK) {
            mz_doctor_say(doctor, MZ_FINDING_WRONG, "plugin",
                          seen.error.help[0] != '\0' ? seen.error.help
                                                     : "mizan plugin check tells more",
                          "%s: %s", files[i], seen.error.message);
        } else {
            good++;
        }
    }
    mz_doctor_say(doctor, number > 0 ? MZ_FINDING_OK : MZ_FINDING_WRONG, "plugins",
                  number > 0 ? NULL : "set MIZAN_PLUGIN_PATH, or reinstall mizan",
                  "%zu of %zu load", good, number);
}

/* ---- pipelines ---- */

static void look_at_pipeline(void *argument, void *result)
{
    const struct look *look = argument;
    struct seen *seen = result;
    struct mz_loaded loaded;
    if (mz_loaded_init(&loaded, look->file, NULL, NULL, 0, &seen->error) != MZ_OK) {
        return;
    }
    seen->error.code = MZ_OK;
    const char *names[MZ_MOST_SECRETS];
    seen->count = mz_named_secrets(&loaded, loaded.environment.arena, names);
    for (size_t i = 0; i < seen->count; i++) {
        snprintf(seen->names[i], MZ_SECRET_NAME, "%s", names[i]);
    }
    mz_loaded_finish(&loaded);
}

static void check_secrets(struct mz_doctor *doctor, const char *path,
                          const struct seen *seen)
{
    char secret[MZ_SECRET_MOST + 1];
    size_t size;
    struct mz_error error;
    for (size_t i = 0; i < seen->count; i++) {
        if (mz_secret_read(seen->names[i], doctor->environment->project.folder, secret,
                           &size, &error) != MZ_OK) {
            mz_doctor_say(doctor, MZ_FINDING_WRONG, "secret",
                          error.help[0] == '\0' ? NULL : error.help, "%s: %s", path,
                          error.message);
        }
        mz_secret_wipe(secret, sizeof secret);
    }
}

struct pipelines {
    struct mz_doctor *doctor;
    size_t count, good;
};

static enum mz_code check_pipeline(void *context, const char *path,
                                   struct mz_error *error)
{
    struct pipelines *pipelines = context;
    struct mz_doctor *doctor = pipelines->doctor;
    struct look look = {doctor, path};
    struct seen seen = {.error = {.code = MZ_OK}};
    if (mz_probe(look_at_pipeline, &look, &seen, sizeof seen, LOOK_LIMIT, error) !=
        MZ_OK) {
        seen.error = *error;
    }
    pipelines->count++;
    if (seen.error.code != MZ_OK) {
        mz_doctor_say(doctor, MZ_FINDING_WRONG, "pipeline",
                      seen.error.help[0] != '\0' ? seen.error.help
                                                 : "mizan check FILE tells more",
                      "%s: %s", path, seen.error.message);
    } else {
        pipelines->good++;
        check_secrets(doctor, path, &seen);
    }
    return MZ_OK;
}

void mz_doctor_pipelines(struct mz_doctor *doctor)
{
    struct pipelines pipelines = {.doctor = doctor};
    struct mz_error error;
    if (mz_pipeline_files(doctor->environment->project.folder, check_pipeline,
                          &pipelines, &error) != MZ_OK) {
        mz_doctor_fail(doctor, "pipelines", &error);
        return;
    }
    mz_doctor_say(doctor, MZ_FINDING_OK, "pipelines", NULL, "%zu of %zu load",
                  pipelines.good, pipelines.count);
}
