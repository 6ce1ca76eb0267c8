#include "sched/notify.h"

#include <stddef.h>
#include <stdlib.h>
#include <string.h>
#include <sys/socket.h>
#include <sys/un.h>
#include <unistd.h>

#include "base/text.h"

void mz_notify(const char *state)
{
    const char *path = getenv("NOTIFY_SOCKET");
    struct sockaddr_un address = {.sun_family = AF_UNIX};
    if (path == NULL || (path[0] != '/' && path[0] != '@') ||
        strlen(path) >= sizeof address.sun_path) {
        return;
    }
    memcpy(address.sun_path, path, strlen(path));
    if (path[0] == '@') {
        address.sun_path[0] = '\0'; /* the abstract name space */
    }
    int file = socket(AF_UNIX, SOCK_DGRAM | SOCK_CLOEXEC, 0);
    if (file < 0) {
        return;
    }
    socklen_t size = (socklen_t)(offsetof(struct sockaddr_un, sun_path) + strlen(path));
    union {
        const struct sockaddr_un *in;
        const struct sockaddr *out;
    } any = {&address};
    /* Who listens there may be gone: the work goes on without. */
    (void)!sendto(file, state, strlen(state), MSG_NOSIGNAL, any.out, size);
    close(file);
}

int64_t mz_notify_interval(void)
{
    const char *time = getenv("WATCHDOG_USEC");
    const char *process = getenv("WATCHDOG_PID");
    int64_t value = 0, pid = 0;
    if (time == NULL || !mz_parse_integer(time, &value) || value <= 0 ||
        (process != NULL && mz_parse_integer(process, &pid) &&
         pid != (int64_t)getpid())) {
        return 0;
    }
    return value / 2000 > 0 ? value / 2000 : 1;
}
