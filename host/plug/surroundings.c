/* A plugin may not change what the whole process shares. Looked at after its code ran
 * for the first time (loading, open): that is where libraries do such things. */
#include "plug/internal.h"

#include <fcntl.h>
#include <locale.h>
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
}

int mz_surroundings_restore(const struct mz_surroundings *before, const char *label)
{
    int changed = 0;
    const char *locale = setlocale(LC_ALL, NULL); /* NOLINT: only reads */
    if (locale != NULL && before->locale[0] != '\0' &&
        strcmp(locale, before->locale) != 0) {
        mz_log(MZ_LOG_WARNING, NULL,
               "plugin %s changed the locale of the process; it is set back to %s",
               label, before->locale);
        setlocale(LC_ALL, before->locale); /* NOLINT: before the threads of the run */
        changed++;
    }
    int now = read_umask();
    if (before->umask >= 0 && now >= 0 && now != before->umask) {
        mz_log(MZ_LOG_WARNING, NULL,
               "plugin %s changed the umask of the process; it is set back to %04o",
               label, (unsigned)before->umask);
        umask((mode_t)before->umask);
        changed++;
    }
    if (mz_activity_reclaim() > 0) {
        mz_log(MZ_LOG_WARNING, NULL,
               "plugin %s took a fatal signal for itself; mizan's handler is back",
               label);
        changed++;
    }
    return changed;
}
