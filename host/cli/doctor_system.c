/* The machine under the program: versions, clock, files. */
#include "base/library.h"
#include "cli/doctor.h"

#include <dirent.h>
#include <errno.h>
#include <inttypes.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <sys/statvfs.h>
#include <sys/timex.h>
#include <sys/vfs.h>
#include <unistd.h>

#include "base/clock.h"
#include "cron/zone.h"
#include "mizan/plugin.h"
#include "value/digest.h"
#include "value/record.h"

#define MINUTE       ((int64_t)60 * 1000)
#define LEAST_FREE   ((uint64_t)256 << 20)
#define MOST_LEXICON ((size_t)256 << 20)
#define LEXICON      "figures.lexicon"
/* From <linux/magic.h>, as far as it names file systems of networks. */
#define NFS_MAGIC  0x6969
#define SMB_MAGIC  0x517B
#define SMB2_MAGIC 0xFE534D42
#define CIFS_MAGIC 0xFF534D42

/* ---- versions ---- */

/* libcurl is loaded when it is needed: here to ask its version. */
static void curl_version_of(struct mz_doctor *doctor)
{
    static const struct mz_symbol symbols[] = {{"curl_version", 0}};
    static const struct mz_library library = {"libcurl.so.4", "libcurl4",
                                              "fetching and delivering", symbols, 1};
    struct mz_error error;
    const char *(*version)(void) = NULL;
    if (mz_library_load(&library, &version, &error) != MZ_OK) {
        mz_doctor_say(doctor, MZ_FINDING_WRONG, "libcurl", "apt install libcurl4", "%s",
                      error.message);
        return;
    }
    mz_doctor_say(doctor, MZ_FINDING_OK, "libcurl", NULL, "%s", version());
}

static void sqlite_version(struct mz_doctor *doctor)
{
    struct mizan_value rows;
    struct mz_error error;
    if (doctor->db != NULL &&
        mz_db_rows(doctor->db, "SELECT sqlite_version() AS v", NULL, 0, doctor->arena,
                   &rows, &error) == MZ_OK) {
        mz_doctor_say(doctor, MZ_FINDING_OK, "sqlite", NULL, "%s",
                      mz_map_text(&rows.as.list.items[0], "v"));
    }
}

/* The words of all languages, with what ICU knows of them, compiled beside the plugin.
 */
static void lexicon_version(struct mz_doctor *doctor)
{
    char path[MZ_PATH], folder[MZ_PATH], digest[MZ_DIGEST_TEXT];
    char *data = NULL;
    size_t size = 0;
    struct mz_error error;
    if (!mz_registry_path(doctor->environment->registry, "extract_figures.so", path)) {
        mz_doctor_say(doctor, MZ_FINDING_WRONG, "lexicon",
                      "reinstall mizan, or set MIZAN_PLUGIN_PATH",
                      "the plugin extract.figures was not found");
        return;
    }
    mz_path_folder(folder, path);
    if (!mz_path_join(path, folder, LEXICON) ||
        mz_file_read(path, MOST_LEXICON, &data, &size, &error) != MZ_OK) {
        mz_doctor_say(doctor, MZ_FINDING_WRONG, "lexicon", "reinstall mizan",
                      "%s beside extract_figures.so cannot be read", LEXICON);
        return;
    }
    mz_digest(data, size, digest);
    mz_doctor_say(doctor, MZ_FINDING_OK, "lexicon", NULL, "%s, %zu bytes, sha256 %.12s",
                  path, size, digest);
    free(data);
}

static void zone_version(struct mz_doctor *doctor)
{
    char release[16];
    struct mz_error error;
    const struct mz_zone *zone;
    mz_zone_release(NULL, release);
    if (mz_zone_load(NULL, "Europe/Berlin", doctor->arena, &zone, &error) != MZ_OK) {
        mz_doctor_say(doctor, MZ_FINDING_WRONG, "tzdata", "apt install tzdata",
                      "no time zones: schedules with tz = cannot be read");
        return;
    }
    mz_doctor_say(doctor, MZ_FINDING_OK, "tzdata", NULL, "%s",
                  release[0] == '\0' ? "of an unknown release" : release);
}

void mz_doctor_versions(struct mz_doctor *doctor)
{
    mz_doctor_say(doctor, MZ_FINDING_OK, "mizan", NULL, "%s, plugin ABI %d.%d",
                  MIZAN_VERSION, MIZAN_ABI_MAJOR, MIZAN_ABI_MINOR);
    sqlite_version(doctor);
    curl_version_of(doctor);
    lexicon_version(doctor);
    zone_version(doctor);
}

/* ---- clock ---- */

/* The latest time that the database knows of runs; 0: none. */
static int64_t latest_run(struct mz_doctor *doctor)
{
    struct mizan_value rows;
    struct mz_error error;
    int64_t time = 0;
    if (doctor->db == NULL ||
        mz_db_rows(doctor->db, "SELECT max(started_at) AS t FROM run", NULL, 0,
                   doctor->arena, &rows, &error) != MZ_OK) {
        return 0;
    }
    const char *text = mz_map_text(&rows.as.list.items[0], "t");
    return text != NULL && mz_time_parse(text, strlen(text), &time) ? time : 0;
}

static int64_t file_time(const char *path)
{
    struct stat status;
    return stat(path, &status) == 0 ? (int64_t)status.st_mtim.tv_sec * 1000 : 0;
}

void mz_doctor_clock(struct mz_doctor *doctor)
{
    struct timex clock = {0};
    char now_text[MZ_TIME_TEXT], then[MZ_TIME_TEXT];
    int64_t now = mz_clock_now(), run = latest_run(doctor);
    int64_t program = file_time("/proc/self/exe");
    mz_time_format(now, now_text);
    if (run > now + MINUTE) {
        mz_doctor_say(doctor, MZ_FINDING_WRONG, "clock",
                      "set the clock; ticks until then count as done",
                      "it says %s, but a run began at %s", now_text,
                      mz_time_format(run, then));
    } else if (program > now + MINUTE) {
        mz_doctor_say(doctor, MZ_FINDING_WRONG, "clock", "set the clock",
                      "it says %s, but this program was installed at %s", now_text,
                      mz_time_format(program, then));
    } else if (adjtimex(&clock) == TIME_ERROR) {
        mz_doctor_say(doctor, MZ_FINDING_NOTE, "clock",
                      "install an NTP client when several machines share a database",
                      "%s; nothing keeps it in step with the world", now_text);
    } else {
        mz_doctor_say(doctor, MZ_FINDING_OK, "clock", NULL, "%s, kept in step",
                      now_text);
    }
}

/* ---- files ---- */

/* The path of a database in a file, or NULL. */
static const char *database_file(const struct mz_doctor *doctor)
{
    const char *url = doctor->environment->database;
    return strncmp(url, "sqlite:", 7) == 0 ? url + 7 : NULL;
}

static void check_mode(struct mz_doctor *doctor, const char *what, const char *path,
                       const struct stat *status)
{
    if ((status->st_mode & 022) != 0) {
        char next[MZ_PATH + 32];
        snprintf(next, sizeof next, "chmod go-w '%s'", path);
        mz_doctor_say(doctor, MZ_FINDING_WRONG, what, next,
                      "%s may be changed by others (mode %04o)", path,
                      (unsigned)(status->st_mode & 07777));
    } else if (status->st_uid != geteuid()) {
        mz_doctor_say(doctor, MZ_FINDING_NOTE, what,
                      "run as that user, or change the owner",
                      "%s belongs to user %u, this program runs as %u", path,
                      (unsigned)status->st_uid, (unsigned)geteuid());
    } else {
        mz_doctor_say(doctor, MZ_FINDING_OK, what, NULL, "%s, mode %04o", path,
                      (unsigned)(status->st_mode & 07777));
    }
}

static void check_disk(struct mz_doctor *doctor, const char *folder)
{
    struct statvfs space;
    struct statfs system;
    if (statfs(folder, &system) == 0) {
        unsigned long type = (unsigned long)system.f_type & 0xFFFFFFFFUL;
        if (type == NFS_MAGIC || type == SMB_MAGIC || type == SMB2_MAGIC ||
            type == CIFS_MAGIC) {
            mz_doctor_say(doctor, MZ_FINDING_WRONG, "disk",
                          "move it to a local disk, or use postgres://",
                          "%s is a network folder: SQLite cannot lock there", folder);
        }
    }
    if (statvfs(folder, &space) != 0) {
        return;
    }
    uint64_t left = (uint64_t)space.f_bavail * space.f_frsize;
    bool low = left < LEAST_FREE;
    mz_doctor_say(doctor, low ? MZ_FINDING_WRONG : MZ_FINDING_OK, "disk",
                  low ? "make room: mizan gc --vacuum clears up" : NULL,
                  "%" PRIu64 " MiB free in %s", left >> 20, folder);
}

void mz_doctor_files(struct mz_doctor *doctor)
{
    const char *path = database_file(doctor);
    char folder[MZ_PATH];
    struct stat status;
    if (path == NULL || stat(path, &status) != 0) {
        return;
    }
    check_mode(doctor, "database file", path, &status);
    mz_path_folder(folder, path);
    if (stat(folder, &status) == 0) {
        check_mode(doctor, "state folder", folder, &status);
    }
    check_disk(doctor, folder);
}

/* ---- secrets ---- */

static void check_secret(struct mz_doctor *doctor, const char *path)
{
    struct stat status;
    char next[MZ_PATH + 64];
    if (stat(path, &status) != 0) {
        mz_doctor_say(doctor, MZ_FINDING_WRONG, "secret", NULL, "%s cannot be read: %s",
                      path, strerror(errno));
    } else if (!S_ISREG(status.st_mode)) {
        mz_doctor_say(doctor, MZ_FINDING_WRONG, "secret", "secrets are files",
                      "%s is no regular file", path);
    } else if (status.st_uid != geteuid()) {
        snprintf(next, sizeof next, "chown %u '%s'", (unsigned)geteuid(), path);
        mz_doctor_say(doctor, MZ_FINDING_WRONG, "secret", next,
                      "%s belongs to another user and is refused", path);
    } else if ((status.st_mode & 0177) != 0) {
        snprintf(next, sizeof next, "chmod 600 '%s'", path);
        mz_doctor_say(doctor, MZ_FINDING_WRONG, "secret", next,
                      "%s may be read or changed by others (mode %04o) and is refused",
                      path, (unsigned)(status.st_mode & 07777));
    } else {
        mz_doctor_say(doctor, MZ_FINDING_OK, "secret", NULL, "%s, mode %04o", path,
                      (unsigned)(status.st_mode & 07777));
    }
}

void mz_doctor_secrets(struct mz_doctor *doctor)
{
    char folder[MZ_PATH], path[MZ_PATH];
    struct stat status;
    if (!mz_path_join(folder, doctor->environment->project.folder, "secrets") ||
        stat(folder, &status) != 0) {
        return;
    }
    check_mode(doctor, "secrets", folder, &status);
    DIR *entries = opendir(folder);
    const struct dirent *entry;
    /* NOLINTNEXTLINE(concurrency-mt-unsafe): no other thread has this stream */
    while (entries != NULL && (entry = readdir(entries)) != NULL) {
        if (entry->d_name[0] != '.' && mz_path_join(path, folder, entry->d_name)) {
            check_secret(doctor, path);
        }
    }
    if (entries != NULL) {
        closedir(entries);
    }
}
