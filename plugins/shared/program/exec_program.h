/* A program, run to its end: a list of arguments, no shell, a process
 * group of its own, in which it and what it started are killed when its time is over, a
 * small environment (PATH, HOME, LANG) and no open files but its three streams. */
#ifndef SHARED_EXEC_PROGRAM_H
#define SHARED_EXEC_PROGRAM_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#define EXEC_NOTE 1024 /* bytes kept of the end of standard error */

enum exec_status {
    EXEC_ENDED,      /* look at `code` */
    EXEC_NO_PROGRAM, /* errno says why it could not be started */
    EXEC_LATE,
    EXEC_TOO_MUCH,
    EXEC_CANCELLED,
    EXEC_NO_MEMORY
};

struct exec_program {
    char *const *arguments; /* argv, ended by NULL */
    const char *folder;     /* to work in */
    const char *input;      /* may be NULL when input_size is 0 */
    size_t input_size;
    int64_t timeout;    /* milliseconds */
    size_t output_most; /* bytes */
    bool (*cancelled)(void *owner);
    void *owner;
    /* For a program that reads what strangers wrote; 0 and false: as this process. */
    size_t memory_most; /* bytes of its address space */
    int64_t cpu_most;   /* seconds */
    bool walled;        /* no socket, no file that it writes, no core */
};

struct exec_result {
    char *output; /* malloc'ed, the caller's */
    size_t size, room;
    int code;             /* exit status, or minus the signal */
    char note[EXEC_NOTE]; /* the last lines of its standard error */
};

enum exec_status exec_run(const struct exec_program *program,
                          struct exec_result *result);

#endif
