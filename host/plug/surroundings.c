/* A plugin may not change what the whole process shares. Looked at after its code ran
 * for the first time (loading, open): that is where libraries do such things. */
#include "plug/internal.h"

#include <fcntl.h>
#include <locale.h>
#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

#include "base/log.h"

/* Asking umask() itself would change it for the other threads meanwhile. */
static int read_umask(void)
{
    char text[512];
    int file = open("/proc/self/status", O_RDONLY | O_CLOEXEC);
    if (file < 0) {
        return -1;
    }
    ssize_t size = read(file, text, sizeof text - 1);
    close(file);
    if (size <= 0) {
        return -1;
    }
    text[size] = '\0';
    const char *line = strstr(text, "\nUmask:");
    return line == NULL ? -1 : (int)strtol(line + 7, NULL, 8);
}

void mz_surroundings_note(struct mz_surroundings *before)
{
    const char *locale = setlocale(LC_ALL, NULL); /* NOLINT: only reads */
    snprintf(before->locale, sizeof before->locale, "%s", locale == NULL ? "" : locale);
    before->umask = read_umask();
    if (getcwd(before->folder, sizeof before->folder) == NULL) {
        before->folder[0] = '\0';
    }
    memset(before->signals, 0, sizeof before->signals);
    for (int number = 1; number < MZ_NOTED_SIGNALS; number++) {
        (void)sigaction(number, NULL, &before->signals[number]);
    }
    sigemptyset(&before->blocked);
    (void)pthread_sigmask(SIG_SETMASK, NULL, &before->blocked);
}

/* What was put back: for the log and for a list. */
struct changes {
    const char *label;
    char *list; /* 128 bytes, or NULL */
    int count;
};

static void note_change(struct changes *changes, const char *what)
{
    mz_log(MZ_LOG_WARNING, NULL, "plugin %s changed %s of the process; it is set back",
           changes->label, what);
    if (changes->list != NULL) {
        size_t used = strlen(changes->list);
        snprintf(changes->list + used, 128 - used, "%s%s", used == 0 ? "" : ", ", what);
    }
    changes->count++;
}

static void restore_signals(const struct mz_surroundings *before,
                            struct changes *changes)
{
    bool changed = false;
    for (int number = 1; number < MZ_NOTED_SIGNALS; number++) {
        const struct sigaction *was = &before->signals[number];
        struct sigaction now;
        memset(&now, 0, sizeof now);
        /* The handlers of this program change only with it: address and flags tell. */
        if (sigaction(number, NULL, &now) == 0 &&
            (now.sa_handler != was->sa_handler || now.sa_flags != was->sa_flags)) {
            changed = sigaction(number, was, NULL) == 0 || changed;
        }
    }
    sigset_t blocked;
    sigemptyset(&blocked);
    (void)pthread_sigmask(SIG_SETMASK, NULL, &blocked);
    for (int number = 1; number < MZ_NOTED_SIGNALS; number++) {
        changed = changed || sigismember(&blocked, number) !=
                                 sigismember(&before->blocked, number);
    }
    (void)pthread_sigmask(SIG_SETMASK, &before->blocked, NULL);
    if (mz_activity_reclaim() > 0 || changed) {
        note_change(changes, "the signals");
    }
}

int mz_surroundings_restore(const struct mz_surroundings *before, const char *label,
                            char changed[128])
{
    struct changes changes = {.label = label, .list = changed};
    char folder[MZ_PATH];
    if (changed != NULL) {
        changed[0] = '\0';
    }
    const char *locale = setlocale(LC_ALL, NULL); /* NOLINT: only reads */
    if (locale != NULL && before->locale[0] != '\0' &&
        strcmp(locale, before->locale) != 0) {
        setlocale(LC_ALL, before->locale); /* NOLINT: before the threads of the run */
        note_change(&changes, "the locale");
    }
    int now = read_umask();
    if (before->umask >= 0 && now >= 0 && now != before->umask) {
        umask((mode_t)before->umask);
        note_change(&changes, "the umask");
    }
    if (before->folder[0] != '\0' && (getcwd(folder, sizeof folder) == NULL ||
                                      strcmp(folder, before->folder) != 0)) {
        if (chdir(before->folder) == 0) {
            note_change(&changes, "the working folder");
        }
    }
    restore_signals(before, &changes);
    return changes.count;
}
