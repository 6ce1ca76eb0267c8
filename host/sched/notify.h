/* What a service manager is told (sd_notify): a datagram to $NOTIFY_SOCKET. */
#ifndef MIZAN_SCHED_NOTIFY_H
#define MIZAN_SCHED_NOTIFY_H

#include <stdint.h>

/* `state` is "READY=1", "STOPPING=1", "WATCHDOG=1" …; nothing happens when nobody asks
 * for it. */
void mz_notify(const char *state);
/* Milliseconds between two signs of life, 0: nobody wants any. */
int64_t mz_notify_interval(void);

#endif
