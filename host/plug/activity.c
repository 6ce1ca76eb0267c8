#include "plug/activity.h"

#include <fcntl.h>
#include <pthread.h>
#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/mman.h>
#include <unistd.h>

#include "base/clock.h"
#include "plug/internal.h"

/* Outer calls that are kept; a call nested deeper does not show. */
#define DEPTH 8
/* Room for the frame of the widest vector registers and a little work. */
#define SIGNAL_STACK ((size_t)64 * 1024)

static const int fatal_signals[] = {SIGSEGV, SIGBUS, SIGILL, SIGFPE, SIGABRT};
#define FATAL_SIGNALS (sizeof fatal_signals / sizeof fatal_signals[0])

/* What a slot shows, without its atomics. */
struct call {
    long long deadline;
    char what[64];
    char function[24];
    char stage[64];
    char record[512];
};

struct thread_calls {
    int slot; /* -1: all were taken */
    int depth;
    unsigned generation;
    void *signal_stack; /* NULL: the thread had one already */
    struct call outer[DEPTH];
};

/* The board of the process; activity.h allows this state. */
static struct {
    struct mz_activity *_Atomic shared;
    atomic_uint generation; /* grows with each attach: older slots are void */
    atomic_int taken[MZ_ACTIVITY_SLOTS];
    pid_t process;
    bool catching;
    bool exit_watched;
    struct sigaction previous[FATAL_SIGNALS];
    int guard; /* a file of ours that plugins have no business with; 0: none */
} board;

static pthread_once_t key_once = PTHREAD_ONCE_INIT;
static pthread_key_t key;
static _Thread_local struct thread_calls *this_thread;

struct mz_activity *mz_activity_create(void)
{
    void *memory = mmap(NULL, sizeof(struct mz_activity), PROT_READ | PROT_WRITE,
                        MAP_SHARED | MAP_ANONYMOUS, -1, 0);
    return memory == MAP_FAILED ? NULL : memory;
}

void mz_activity_destroy(struct mz_activity *activity)
{
    if (activity != NULL) {
        munmap(activity, sizeof *activity);
    }
}

/* ---- fatal signals ---- */

static void note_crash(void)
{
    struct mz_activity *shared = atomic_load(&board.shared);
    const struct thread_calls *calls = this_thread;
    /* A child that a plugin forked has the same board and handlers: not its story. */
    if (shared == NULL || calls == NULL || calls->slot < 0 || calls->depth == 0 ||
        calls->generation != atomic_load(&board.generation) ||
        getpid() != board.process) {
        return;
    }
    int none = 0;
    atomic_compare_exchange_strong(&shared->crashed_slot, &none, calls->slot + 1);
}

/* Runs in the signal: async-signal-safe calls only. */
static void on_fatal(int number, siginfo_t *information, void *context)
{
    note_crash();
    for (size_t i = 0; i < FATAL_SIGNALS; i++) {
        const struct sigaction *previous = &board.previous[i];
        if (fatal_signals[i] != number || previous->sa_handler == SIG_DFL ||
            previous->sa_handler == SIG_IGN) {
            continue;
        }
        /* A sanitizer's report, for example. */
        if ((previous->sa_flags & SA_SIGINFO) != 0) {
            previous->sa_sigaction(number, information, context);
        } else {
            previous->sa_handler(number);
        }
        return;
    }
    struct sigaction action;
    memset(&action, 0, sizeof action);
    action.sa_handler = SIG_DFL;
    sigaction(number, &action, NULL);
    /* Blocked until the handler returns, so that a core shows the plugin's frames. */
    raise(number);
}

static void fatal_action(struct sigaction *action)
{
    memset(action, 0, sizeof *action);
    action->sa_sigaction = on_fatal;
    action->sa_flags = SA_SIGINFO | SA_ONSTACK;
    sigemptyset(&action->sa_mask);
}

static void catch_signals(bool on)
{
    struct sigaction action;
    if (board.catching == on) {
        return;
    }
    fatal_action(&action);
    for (size_t i = 0; i < FATAL_SIGNALS; i++) {
        if (on) {
            sigaction(fatal_signals[i], &action, &board.previous[i]);
        } else {
            sigaction(fatal_signals[i], &board.previous[i], NULL);
        }
    }
    board.catching = on;
}

int mz_activity_reclaim(void)
{
    struct sigaction action;
    struct sigaction now;
    int changed = 0;
    fatal_action(&action);
    for (size_t i = 0; board.catching && i < FATAL_SIGNALS; i++) {
        if (sigaction(fatal_signals[i], NULL, &now) == 0 &&
            ((now.sa_flags & SA_SIGINFO) == 0 || now.sa_sigaction != on_fatal)) {
            sigaction(fatal_signals[i], &action, NULL);
            changed++;
        }
    }
    return changed;
}

void mz_activity_attach(struct mz_activity *activity)
{
    atomic_store(&board.shared, NULL);
    atomic_fetch_add(&board.generation, 1);
    for (size_t i = 0; i < MZ_ACTIVITY_SLOTS; i++) {
        atomic_store(&board.taken[i], 0);
    }
    board.process = getpid();
    if (activity != NULL && board.guard <= 0) {
        board.guard = open("/dev/null", O_RDONLY | O_CLOEXEC);
    }
    catch_signals(activity != NULL);
    /* A plugin that calls exit does so on its own thread, which tells it from others
     * that are at work. */
    if (activity != NULL && !board.exit_watched) {
        board.exit_watched = atexit(note_crash) == 0;
    }
    atomic_store(&board.shared, activity);
}

/* ---- threads and their slots ---- */

static void give_signal_stack(struct thread_calls *calls)
{
    stack_t now;
    if (sigaltstack(NULL, &now) != 0 || (now.ss_flags & SS_DISABLE) == 0) {
        return; /* a sanitizer's, which it unmaps itself when the thread ends */
    }
    void *memory = mmap(NULL, SIGNAL_STACK, PROT_READ | PROT_WRITE,
                        MAP_PRIVATE | MAP_ANONYMOUS, -1, 0);
    if (memory == MAP_FAILED) {
        return;
    }
    stack_t stack = {.ss_sp = memory, .ss_size = SIGNAL_STACK};
    if (sigaltstack(&stack, NULL) == 0) {
        calls->signal_stack = memory;
    } else {
        munmap(memory, SIGNAL_STACK);
    }
}

static void end_thread(void *argument)
{
    struct thread_calls *calls = argument;
    struct mz_activity *shared = atomic_load(&board.shared);
    this_thread = NULL;
    if (calls->slot >= 0 && shared != NULL &&
        calls->generation == atomic_load(&board.generation)) {
        atomic_store(&shared->slots[calls->slot].busy, 0);
        atomic_store(&board.taken[calls->slot], 0);
    }
    if (calls->signal_stack != NULL) {
        stack_t none = {.ss_flags = SS_DISABLE};
        sigaltstack(&none, NULL);
        munmap(calls->signal_stack, SIGNAL_STACK);
    }
    free(calls);
}

static void make_key(void)
{
    pthread_key_create(&key, end_thread);
}

static struct thread_calls *begin_thread(void)
{
    pthread_once(&key_once, make_key);
    struct thread_calls *calls = calloc(1, sizeof *calls);
    if (calls == NULL) {
        return NULL;
    }
    if (pthread_setspecific(key, calls) != 0) {
        free(calls);
        return NULL;
    }
    calls->slot = -1;
    give_signal_stack(calls);
    this_thread = calls;
    return calls;
}

static int take_slot(void)
{
    for (int i = 0; i < MZ_ACTIVITY_SLOTS; i++) {
        int none = 0;
        if (atomic_compare_exchange_strong(&board.taken[i], &none, 1)) {
            return i;
        }
    }
    return -1;
}

/* The thread's state with a slot of the present board; NULL: the board is off. */
static struct thread_calls *thread_calls(const struct mz_activity *shared)
{
    struct thread_calls *calls = this_thread;
    if (shared == NULL || (calls == NULL && (calls = begin_thread()) == NULL)) {
        return NULL;
    }
    unsigned generation = atomic_load(&board.generation);
    if (calls->generation != generation) {
        calls->generation = generation;
        calls->depth = 0;
        calls->slot = -1;
    }
    if (calls->slot < 0 && calls->depth == 0) {
        calls->slot = take_slot();
    }
    return calls;
}

/* ---- calls ---- */

static void put(char *out, size_t size, const char *text)
{
    size_t length = text == NULL ? 0 : strnlen(text, size);
    if (length == size) {
        length--;
        /* Cut before a character, not inside it. */
        while (length > 0 && ((unsigned char)text[length] & 0xC0U) == 0x80U) {
            length--;
        }
    }
    if (length > 0) {
        memcpy(out, text, length);
    }
    out[length] = '\0';
}

static void show(struct mz_activity_slot *slot, const struct call *call)
{
    memcpy(slot->what, call->what, sizeof slot->what);
    memcpy(slot->function, call->function, sizeof slot->function);
    memcpy(slot->stage, call->stage, sizeof slot->stage);
    memcpy(slot->record, call->record, sizeof slot->record);
    atomic_store(&slot->deadline, call->deadline);
    atomic_store(&slot->busy, 1);
}

static void keep(const struct mz_activity_slot *slot, struct call *call)
{
    memcpy(call->what, slot->what, sizeof call->what);
    memcpy(call->function, slot->function, sizeof call->function);
    memcpy(call->stage, slot->stage, sizeof call->stage);
    memcpy(call->record, slot->record, sizeof call->record);
    call->deadline = atomic_load(&slot->deadline);
}

void mz_activity_begin(const char *what, const char *function, const char *stage,
                       const char *record, int64_t limit_milliseconds)
{
    struct mz_activity *shared = atomic_load(&board.shared);
    struct thread_calls *calls = thread_calls(shared);
    if (calls == NULL) {
        return;
    }
    int depth = calls->depth++;
    if (calls->slot < 0 || depth > DEPTH) {
        return;
    }
    struct mz_activity_slot *slot = &shared->slots[calls->slot];
    struct call call = {0};
    if (depth > 0) {
        keep(slot, &calls->outer[depth - 1]);
        call.deadline = calls->outer[depth - 1].deadline;
    }
    if (limit_milliseconds > 0) {
        long long own = mz_clock_monotonic() + limit_milliseconds;
        /* A nested call has no more time than the one around it. */
        call.deadline = call.deadline == 0 || own < call.deadline ? own : call.deadline;
    }
    put(call.what, sizeof call.what, what);
    put(call.function, sizeof call.function, function);
    put(call.stage, sizeof call.stage, stage);
    put(call.record, sizeof call.record, record);
    show(slot, &call);
}

void mz_activity_end(void)
{
    struct mz_activity *shared = atomic_load(&board.shared);
    struct thread_calls *calls = shared == NULL ? NULL : this_thread;
    if (calls == NULL || calls->depth == 0 ||
        calls->generation != atomic_load(&board.generation)) {
        return;
    }
    int depth = --calls->depth;
    if (calls->slot < 0) {
        return;
    }
    struct mz_activity_slot *slot = &shared->slots[calls->slot];
    if (depth == 0) {
        atomic_store(&slot->deadline, 0);
        atomic_store(&slot->busy, 0);
    } else if (depth <= DEPTH) {
        show(slot, &calls->outer[depth - 1]);
    }
}

/* A call of another thread that goes on at this moment, or NULL. */
static const struct mz_activity_slot *call_beside(const struct mz_activity *shared,
                                                  int own)
{
    for (int i = 0; i < MZ_ACTIVITY_SLOTS; i++) {
        const struct mz_activity_slot *slot = &shared->slots[i];
        if (i != own && atomic_load(&slot->busy) == 1 &&
            strncmp(slot->what, "plugin ", 7) == 0) {
            return slot;
        }
    }
    return NULL;
}

/* Which of two calls at work closed them cannot be told: both are named. */
void mz_activity_check_files(void)
{
    struct mz_activity *shared = atomic_load(&board.shared);
    const struct thread_calls *calls = this_thread;
    if (shared == NULL || board.guard <= 0 || fcntl(board.guard, F_GETFD) != -1) {
        return;
    }
    if (calls != NULL && calls->slot >= 0) {
        struct mz_activity_slot *slot = &shared->slots[calls->slot];
        const struct mz_activity_slot *other = call_beside(shared, calls->slot);
        put(slot->function, sizeof slot->function, "closed the host's files");
        if (other != NULL) {
            char record[sizeof slot->record];
            snprintf(record, sizeof record, "or %s beside it", other->what);
            put(slot->record, sizeof slot->record, record);
        }
    }
    abort();
}

/* ---- for the watcher ---- */

const struct mz_activity_slot *mz_activity_overdue(const struct mz_activity *activity,
                                                   int64_t now)
{
    for (size_t i = 0; activity != NULL && i < MZ_ACTIVITY_SLOTS; i++) {
        const struct mz_activity_slot *slot = &activity->slots[i];
        long long deadline = atomic_load(&slot->deadline);
        if (atomic_load(&slot->busy) == 1 && deadline != 0 && deadline <= now) {
            return slot;
        }
    }
    return NULL;
}

void mz_activity_describe(const struct mz_activity_slot *slot, char *out, size_t size)
{
    /* Precisions: the text may be changing under the reader. */
    const char *stage = slot->stage[0] == '\0' ? "" : ", stage ";
    const char *comma = slot->record[0] == '\0' ? "" : ", ";
    snprintf(out, size, "%.*s (%.*s%s%.*s%s%.*s)", (int)sizeof slot->what - 1,
             slot->what, (int)sizeof slot->function - 1, slot->function, stage,
             (int)sizeof slot->stage - 1, slot->stage, comma,
             (int)sizeof slot->record - 1, slot->record);
}
