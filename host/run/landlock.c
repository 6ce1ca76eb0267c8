/* Landlock by its system calls: Debian 12 has no library for it, and its header is that
 * of an older kernel, so that what came later is named here. */
#include "run/walls.h"

#include <errno.h>
#include <fcntl.h>
#include <linux/landlock.h>
#include <stdlib.h>
#include <string.h>
#include <sys/prctl.h>
#include <sys/stat.h>
#include <sys/syscall.h>
#include <unistd.h>

/* Of the kernel's include/uapi/linux/landlock.h, by version. */
#define ACCESS_REFER          (UINT64_C(1) << 13) /* 2 */
#define ACCESS_TRUNCATE       (UINT64_C(1) << 14) /* 3 */
#define ACCESS_IOCTL_DEV      (UINT64_C(1) << 15) /* 5 */
#define SCOPE_ABSTRACT_SOCKET (UINT64_C(1) << 0)  /* 6 */
#define SCOPE_SIGNAL          (UINT64_C(1) << 1)  /* 6 */

/* struct landlock_ruleset_attr as of version 6. */
struct ruleset_attributes {
    uint64_t files, network, scoped;
};

struct mz_landlock {
    int ruleset;
    int version;
    uint64_t handled;
};

#define READ_FILE (LANDLOCK_ACCESS_FS_READ_FILE)
#define READ      (READ_FILE | LANDLOCK_ACCESS_FS_READ_DIR)
#define WRITE                                                                          \
    (LANDLOCK_ACCESS_FS_WRITE_FILE | LANDLOCK_ACCESS_FS_REMOVE_DIR |                   \
     LANDLOCK_ACCESS_FS_REMOVE_FILE | LANDLOCK_ACCESS_FS_MAKE_DIR |                    \
     LANDLOCK_ACCESS_FS_MAKE_REG | LANDLOCK_ACCESS_FS_MAKE_SYM | ACCESS_REFER |        \
     ACCESS_TRUNCATE)
#define OTHERS                                                                         \
    (LANDLOCK_ACCESS_FS_MAKE_CHAR | LANDLOCK_ACCESS_FS_MAKE_SOCK |                     \
     LANDLOCK_ACCESS_FS_MAKE_FIFO | LANDLOCK_ACCESS_FS_MAKE_BLOCK | ACCESS_IOCTL_DEV)
/* What a rule on something that is no folder may hold. */
#define OF_FILES                                                                       \
    (READ_FILE | LANDLOCK_ACCESS_FS_WRITE_FILE | LANDLOCK_ACCESS_FS_EXECUTE |          \
     ACCESS_TRUNCATE)

static uint64_t known_to(int version)
{
    uint64_t all = READ | WRITE | OTHERS | LANDLOCK_ACCESS_FS_EXECUTE;
    if (version < 2) {
        all &= ~ACCESS_REFER;
    }
    if (version < 3) {
        all &= ~ACCESS_TRUNCATE;
    }
    if (version < 5) {
        all &= ~ACCESS_IOCTL_DEV;
    }
    return all;
}

struct mz_landlock *mz_landlock_create(int *version)
{
    long found = syscall(SYS_landlock_create_ruleset, NULL, (size_t)0,
                         LANDLOCK_CREATE_RULESET_VERSION);
    *version = found > 0 ? (int)found : 0;
    struct mz_landlock *landlock = found > 0 ? calloc(1, sizeof *landlock) : NULL;
    if (landlock == NULL) {
        return NULL;
    }
    struct ruleset_attributes attributes = {.files = known_to(*version)};
    size_t size = sizeof attributes.files;
    if (*version >= 6) {
        attributes.scoped = SCOPE_ABSTRACT_SOCKET | SCOPE_SIGNAL;
        size = sizeof attributes;
    }
    landlock->version = *version;
    landlock->handled = attributes.files;
    landlock->ruleset =
        (int)syscall(SYS_landlock_create_ruleset, &attributes, size, 0U);
    if (landlock->ruleset < 0) {
        free(landlock);
        *version = 0;
        return NULL;
    }
    return landlock;
}

void mz_landlock_allow(struct mz_landlock *landlock, const char *path,
                       enum mz_landlock_access access)
{
    struct stat status;
    uint64_t wanted = READ;
    int file = landlock == NULL ? -1 : open(path, O_PATH | O_CLOEXEC);
    if (file < 0) {
        return;
    }
    if (access == MZ_ACCESS_WRITE) {
        wanted |= WRITE;
    } else if (access == MZ_ACCESS_RUN) {
        wanted |= LANDLOCK_ACCESS_FS_EXECUTE;
    }
    if (fstat(file, &status) == 0 && !S_ISDIR(status.st_mode)) {
        wanted &= OF_FILES;
    }
    struct landlock_path_beneath_attr rule = {
        .allowed_access = wanted & landlock->handled, .parent_fd = file};
    (void)syscall(SYS_landlock_add_rule, landlock->ruleset, LANDLOCK_RULE_PATH_BENEATH,
                  &rule, 0U);
    close(file);
}

bool mz_landlock_enforce(struct mz_landlock *landlock)
{
    if (landlock == NULL) {
        return false;
    }
    bool done = syscall(SYS_landlock_restrict_self, landlock->ruleset, 0U) == 0;
    close(landlock->ruleset);
    free(landlock);
    return done;
}
