/* `mizan doctor`: is everything as it should be, and if not, what to do. */
#include <stdarg.h>
#include <stdio.h>
#include <string.h>

#include "cli/command.h"
#include "cli/doctor.h"
#include "run/supervise.h"
#include "value/json.h"

#define CEILING ((size_t)64 << 20)

static const char *const levels[] = {
    [MZ_FINDING_OK] = "ok", [MZ_FINDING_NOTE] = "note", [MZ_FINDING_WRONG] = "wrong"};

static void say_json(const char *const *members, size_t count)
{
    struct mz_buffer out;
    mz_buffer_init(&out, (size_t)1 << 20);
    for (size_t i = 0; i + 1 < count; i += 2) {
        if (members[i + 1] != NULL) {
            mz_buffer_text(&out, out.size == 0 ? "{" : ",");
            mz_json_text(&out, members[i], strlen(members[i]));
            mz_buffer_byte(&out, ':');
            mz_json_text(&out, members[i + 1], strlen(members[i + 1]));
        }
    }
    mz_buffer_text(&out, "}\n");
    if (mz_buffer_ok(&out)) {
        fwrite(out.data, 1, out.size, stdout);
    }
    mz_buffer_finish(&out);
}

void mz_doctor_say(struct mz_doctor *doctor, enum mz_finding_level level,
                   const char *subject, const char *next, const char *format, ...)
{
    char sentence[2048];
    va_list arguments;
    va_start(arguments, format);
    vsnprintf(sentence, sizeof sentence, format, arguments);
    va_end(arguments);
    doctor->wrong += level == MZ_FINDING_WRONG ? 1 : 0;
    doctor->shown++;
    if (doctor->json) {
        const char *const members[] = {"level",   levels[level], "subject", subject,
                                       "finding", sentence,      "next",    next};
        say_json(members, sizeof members / sizeof members[0]);
        return;
    }
    printf("%-6s %-14s %s\n", levels[level], subject, sentence);
    if (next != NULL) {
        printf("%-6s %-14s → %s\n", "", "", next);
    }
}

void mz_doctor_fail(struct mz_doctor *doctor, const char *subject,
                    const struct mz_error *error)
{
    mz_doctor_say(doctor, MZ_FINDING_WRONG, subject,
                  error->help[0] == '\0' ? NULL : error->help, "%s", error->message);
}

static void examine(struct mz_doctor *doctor)
{
    mz_doctor_say(doctor, MZ_FINDING_OK, "project", NULL, "%s",
                  doctor->environment->project.folder);
    mz_doctor_database(doctor);
    mz_doctor_work(doctor);
    mz_doctor_files(doctor);
    mz_doctor_secrets(doctor);
    mz_doctor_versions(doctor);
    mz_doctor_clock(doctor);
    mz_db_close(doctor->db); /* no handle crosses a fork */
    doctor->db = NULL;
    fflush(stdout);
    mz_doctor_plugins(doctor);
    mz_doctor_pipelines(doctor);
}

static int doctor_child(void *argument, struct mz_activity *activity)
{
    const struct mz_arguments *arguments = argument;
    struct mz_environment environment;
    struct mz_error error;
    struct mz_doctor doctor = {.environment = &environment,
                               .quick = mz_argument(arguments, "quick") != NULL,
                               .json = mz_argument(arguments, "json") != NULL};
    (void)activity;
    if (mz_environment_init(&environment, NULL, mz_argument(arguments, "db"), &error) !=
        MZ_OK) {
        mz_doctor_fail(&doctor, "project", &error);
        return mz_exit_status(MZ_ITEMS_FAILED);
    }
    doctor.arena = mz_arena_create(CEILING);
    if (doctor.arena != NULL) {
        examine(&doctor);
    }
    mz_arena_destroy(doctor.arena);
    mz_environment_finish(&environment);
    if (!doctor.json) {
        fflush(stdout);
        fprintf(stderr, "%lld of %lld findings say that something is wrong\n",
                (long long)doctor.wrong, (long long)doctor.shown);
    }
    return mz_exit_status(doctor.wrong > 0 ? MZ_ITEMS_FAILED : MZ_OK);
}

int mz_command_doctor(const struct mz_arguments *arguments)
{
    struct mz_supervision supervision = {0};
    union {
        const struct mz_arguments *in;
        void *out;
    } argument = {arguments};
    return mz_supervise(doctor_child, argument.out, &supervision);
}
