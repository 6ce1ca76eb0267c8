#include "net/name.h"

#include <netdb.h>
#include <pthread.h>
#include <stdatomic.h>
#include <stdbool.h>
#include <stdlib.h>
#include <string.h>
#include <sys/socket.h>

/* Freed by whichever of the two is done with it last. */
struct mz_name_check {
    char *host;
    atomic_int users;
    atomic_int answer;
};

static void leave(struct mz_name_check *check)
{
    if (atomic_fetch_sub(&check->users, 1) == 1) {
        free(check->host);
        free(check);
    }
}

static void *resolve(void *argument)
{
    struct mz_name_check *check = argument;
    struct addrinfo *list = NULL;
    const struct addrinfo wanted = {.ai_socktype = SOCK_STREAM};
    int result = getaddrinfo(check->host, NULL, &wanted, &list);
    bool absent = result == EAI_NONAME || result == EAI_NODATA;
    if (result == 0) {
        freeaddrinfo(list);
    }
    atomic_store(&check->answer, absent ? MZ_NAME_ABSENT : MZ_NAME_UNKNOWN);
    leave(check);
    return NULL;
}

struct mz_name_check *mz_name_check_begin(const char *host)
{
    struct mz_name_check *check = calloc(1, sizeof *check);
    pthread_t thread;
    if (check == NULL) {
        return NULL;
    }
    check->host = strdup(host);
    atomic_init(&check->users, 2);
    atomic_init(&check->answer, MZ_NAME_WAITING);
    if (check->host == NULL || pthread_create(&thread, NULL, resolve, check) != 0) {
        free(check->host);
        free(check);
        return NULL;
    }
    (void)pthread_detach(thread);
    return check;
}

enum mz_name_answer mz_name_check_look(struct mz_name_check *check)
{
    return (enum mz_name_answer)atomic_load(&check->answer);
}

void mz_name_check_end(struct mz_name_check *check)
{
    if (check != NULL) {
        leave(check);
    }
}
