#include "deliver/message.h"

#define FIRST_WAIT   ((int64_t)10 * 1000)
#define LONGEST_WAIT ((int64_t)2 * 60 * 60 * 1000)

int64_t mz_message_wait(int64_t attempts, double chance)
{
    int64_t wait = FIRST_WAIT;
    for (int64_t i = 1; i < attempts && wait < LONGEST_WAIT; i++) {
        wait *= 2;
    }
    wait = wait < LONGEST_WAIT ? wait : LONGEST_WAIT;
    return wait / 2 + (int64_t)((double)(wait / 2) * chance);
}
