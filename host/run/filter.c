/* System calls by seccomp: an allow-list of what a run, its libraries and plugins need.
 * Whatever is not on it answers EPERM, which the caller tells like any other failure.
 */
#include "run/walls.h"

#include <errno.h>
#include <fcntl.h>
#include <linux/prctl.h>
#include <sched.h>
#include <seccomp.h>
#include <stddef.h>
#include <sys/socket.h>
#include <unistd.h>

/* Names that this machine's kernel or architecture has not are passed over. */
static const char *const allowed[] = {
    /* memory */
    "brk", "mmap", "mmap2", "munmap", "mprotect", "mremap", "madvise", "msync",
    "mincore", "mlock", "munlock", "membarrier",
    /* files */
    "open", "openat", "openat2", "creat", "close", "close_range", "read", "readv",
    "pread64", "preadv", "preadv2", "write", "writev", "pwrite64", "pwritev",
    "pwritev2", "lseek", "_llseek", "stat", "stat64", "lstat", "lstat64", "fstat",
    "fstat64", "fstatat64", "newfstatat", "statx", "statfs", "statfs64", "fstatfs",
    "fstatfs64", "access", "faccessat", "faccessat2", "readlink", "readlinkat",
    "getdents", "getdents64", "getcwd", "chdir", "fchdir", "mkdir", "mkdirat", "rmdir",
    "unlink", "unlinkat", "rename", "renameat", "renameat2", "link", "linkat",
    "symlink", "symlinkat", "truncate", "truncate64", "ftruncate", "ftruncate64",
    "fallocate", "fadvise64", "fsync", "fdatasync", "sync_file_range", "sync", "syncfs",
    "flock", "fcntl", "fcntl64", "dup", "dup2", "dup3", "pipe", "pipe2", "sendfile",
    "sendfile64", "copy_file_range", "splice", "umask", "chmod", "fchmod", "fchmodat",
    "chown", "fchown", "lchown", "fchownat", "utime", "utimes", "utimensat",
    "futimesat", "memfd_create", "getxattr", "lgetxattr", "fgetxattr", "inotify_init1",
    "inotify_add_watch", "inotify_rm_watch",
    /* waiting */
    "poll", "ppoll", "select", "_newselect", "pselect6", "epoll_create",
    "epoll_create1", "epoll_ctl", "epoll_wait", "epoll_pwait", "epoll_pwait2",
    "eventfd", "eventfd2", "timerfd_create", "timerfd_settime", "timerfd_gettime",
    "signalfd", "signalfd4", "nanosleep", "clock_nanosleep", "pause", "restart_syscall",
    /* time */
    "time", "gettimeofday", "clock_gettime", "clock_gettime64", "clock_getres", "times",
    "timer_create", "timer_settime", "timer_gettime", "timer_delete",
    "timer_getoverrun", "setitimer", "getitimer", "alarm",
    /* threads and signals of this process */
    "futex", "futex_waitv", "set_robust_list", "get_robust_list", "set_tid_address",
    "rseq", "gettid", "sched_yield", "sched_getaffinity", "sched_setaffinity",
    "sched_getparam", "sched_getscheduler", "sched_get_priority_max",
    "sched_get_priority_min", "getpriority", "arch_prctl", "rt_sigaction",
    "rt_sigprocmask", "rt_sigreturn", "rt_sigsuspend", "rt_sigpending",
    "rt_sigtimedwait", "sigaltstack", "sigreturn", "exit", "exit_group", "wait4",
    "waitid", "waitpid",
    /* what it is and where */
    "getpid", "getppid", "getpgrp", "getpgid", "getsid", "getuid", "geteuid", "getgid",
    "getegid", "getresuid", "getresgid", "getgroups", "getuid32", "geteuid32",
    "getgid32", "getegid32", "uname", "sysinfo", "getrusage", "getrlimit", "getcpu",
    "getrandom", "capget",
    /* sockets that are there already; making them is below */
    "connect", "getsockname", "getpeername", "getsockopt", "setsockopt", "send",
    "sendto", "sendmsg", "sendmmsg", "recv", "recvfrom", "recvmsg", "recvmmsg",
    "shutdown", "socketpair"};

static bool allow(scmp_filter_ctx filter, const char *name)
{
    int number = seccomp_syscall_resolve_name(name);
    if (number < 0) {
        return true;
    }
    return seccomp_rule_add(filter, SCMP_ACT_ALLOW, number, 0) == 0;
}

/* A local socket too leads out of the walls, to whatever daemon would start something
 * for this user: it is for resolvers and local databases, and for allowed programs. */
static bool allow_sockets(scmp_filter_ctx filter, bool network, bool programs)
{
    static const int families[] = {AF_UNIX, AF_INET, AF_INET6, AF_NETLINK};
    size_t count = network ? sizeof families / sizeof families[0] : programs ? 1 : 0;
    for (size_t i = 0; i < count; i++) {
        if (seccomp_rule_add(filter, SCMP_ACT_ALLOW, SCMP_SYS(socket), 1,
                             SCMP_A0(SCMP_CMP_EQ, (scmp_datum_t)families[i])) != 0) {
            return false;
        }
    }
    /* The resolver binds its netlink socket. */
    return !network || allow(filter, "bind");
}

/* Threads only, unless programs may be run. The flags of clone3 lie in memory where no
 * filter sees them; told that there is none, the C library takes clone. */
static bool allow_processes(scmp_filter_ctx filter, bool programs)
{
    static const char *const names[] = {"clone",  "fork",     "vfork",
                                        "execve", "execveat", "setpgid",
                                        "setsid", "kill",     "prlimit64"};
    if (seccomp_rule_add(filter, SCMP_ACT_ERRNO(ENOSYS), SCMP_SYS(clone3), 0) != 0) {
        return false;
    }
    if (!programs) {
        return seccomp_rule_add(
                   filter, SCMP_ACT_ALLOW, SCMP_SYS(clone), 1,
                   SCMP_A0(SCMP_CMP_MASKED_EQ, CLONE_THREAD, CLONE_THREAD)) == 0;
    }
    for (size_t i = 0; i < sizeof names / sizeof names[0]; i++) {
        if (!allow(filter, names[i])) {
            return false;
        }
    }
    return true;
}

/* All but those that type into a terminal (TIOCSTI, TIOCLINUX). The kernel reads the
 * request's low 32 bits, a filter all 64, so "not this one" must be said by bits: those
 * pass which differ from 0x5410 in a bit of its number and kind, 1 to 3 left aside.
 * That keeps 0x5410 to 0x541e away where even, all of which set something of a
 * terminal. */
static bool allow_ioctl(scmp_filter_ctx filter)
{
    static const uint32_t kept_away = 0x5410, looked_at = 0xfff1;
    for (unsigned int i = 0; i < 16; i++) {
        uint32_t bit = UINT32_C(1) << i;
        if ((bit & looked_at) != 0 &&
            seccomp_rule_add(filter, SCMP_ACT_ALLOW, SCMP_SYS(ioctl), 1,
                             SCMP_A1(SCMP_CMP_MASKED_EQ, bit, ~kept_away & bit)) != 0) {
            return false;
        }
    }
    return true;
}

/* Signals to itself alone, or none but a question; limits are read, not set. */
static bool allow_with_care(scmp_filter_ctx filter, bool programs)
{
    static const int names_of_thread[] = {PR_SET_NAME, PR_GET_NAME, PR_SET_PDEATHSIG};
    scmp_datum_t self = (scmp_datum_t)getpid();
    for (size_t i = 0; i < sizeof names_of_thread / sizeof names_of_thread[0]; i++) {
        if (seccomp_rule_add(filter, SCMP_ACT_ALLOW, SCMP_SYS(prctl), 1,
                             SCMP_A0(SCMP_CMP_EQ, (scmp_datum_t)names_of_thread[i])) !=
            0) {
            return false;
        }
    }
    if (seccomp_rule_add(filter, SCMP_ACT_ALLOW, SCMP_SYS(tgkill), 1,
                         SCMP_A0(SCMP_CMP_EQ, self)) != 0 ||
        !allow_ioctl(filter)) {
        return false;
    }
    /* What closes a program in further before it starts can only take away. */
    static const int closing[] = {PR_SET_NO_NEW_PRIVS, PR_SET_SECCOMP};
    for (size_t i = 0; programs && i < sizeof closing / sizeof closing[0]; i++) {
        if (seccomp_rule_add(filter, SCMP_ACT_ALLOW, SCMP_SYS(prctl), 1,
                             SCMP_A0(SCMP_CMP_EQ, (scmp_datum_t)closing[i])) != 0) {
            return false;
        }
    }
    return programs || (seccomp_rule_add(filter, SCMP_ACT_ALLOW, SCMP_SYS(kill), 1,
                                         SCMP_A1(SCMP_CMP_EQ, 0)) == 0 &&
                        seccomp_rule_add(filter, SCMP_ACT_ALLOW, SCMP_SYS(kill), 1,
                                         SCMP_A0(SCMP_CMP_EQ, self)) == 0 &&
                        seccomp_rule_add(filter, SCMP_ACT_ALLOW, SCMP_SYS(prlimit64), 1,
                                         SCMP_A2(SCMP_CMP_EQ, 0)) == 0);
}

bool mz_filter_enforce(const struct mz_filter_settings *settings)
{
    scmp_filter_ctx filter = seccomp_init(SCMP_ACT_ERRNO(EPERM));
    if (filter == NULL) {
        return false;
    }
    bool done = true;
    for (size_t i = 0; done && i < sizeof allowed / sizeof allowed[0]; i++) {
        done = allow(filter, allowed[i]);
    }
    done = done && allow_sockets(filter, settings->network, settings->programs) &&
           allow_processes(filter, settings->programs) &&
           allow_with_care(filter, settings->programs) && seccomp_load(filter) == 0;
    seccomp_release(filter);
    return done;
}
