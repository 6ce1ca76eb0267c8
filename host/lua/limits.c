/* The budget of CPU time. A timer on the thread's CPU clock ticks while Lua
 * runs; when the ticks are used up the signal arms a hook in the running
 * coroutine, and from then on every instruction raises, so that neither pcall
 * nor a coroutine goes on. No hook stands before that (PERFORMANCE.md, W5).
 *
 * A tick that arrives outside Lua stops the timer, so time in plugins is not
 * counted and a plugin meets at most one signal between two entries; the next
 * entry starts it again. */
#include "lua/internal.h"

#include <errno.h>
#include <string.h>
#include <sys/types.h>
#include <unistd.h>

#define TICK_MILLISECONDS 10

#ifndef sigev_notify_thread_id
#define sigev_notify_thread_id _sigev_un._tid
#endif

static int tick_signal(void)
{
    return SIGRTMIN + 3;
}

static void on_deadline(lua_State *L, lua_Debug *activation)
{
    struct mz_lua *lua = mz_lua_of(L);
    (void)activation;
    if (!lua->tripped) {
        lua_sethook(L, NULL, 0, 0); /* left in a coroutine of an earlier unit */
        return;
    }
    lua_sethook(L, on_deadline, LUA_MASKCOUNT, 1);
    if (!lua->tripped_seen) {
        lua->tripped_seen = true;
        mz_failure_place(lua, L);
    }
    lua_pushlightuserdata(L, lua);
    lua_error(L);
}

static void arm(lua_State *L)
{
    lua_sethook(L, on_deadline, LUA_MASKCALL | LUA_MASKRET | LUA_MASKCOUNT, 1);
}

static bool set_timer(struct mz_lua *lua, long milliseconds)
{
    struct itimerspec period;
    memset(&period, 0, sizeof period);
    period.it_value.tv_nsec = milliseconds * 1000000;
    period.it_interval.tv_nsec = milliseconds * 1000000;
    return timer_settime(lua->timer, 0, &period, NULL) == 0;
}

static void on_tick(int number, siginfo_t *info, void *context)
{
    (void)number;
    (void)context;
    if (info->si_code != SI_TIMER) {
        return;
    }
    struct mz_lua *lua = info->si_value.sival_ptr;
    int saved = errno;
    if (!lua->inside) {
        set_timer(lua, 0);
        lua->ticking = 0;
    } else {
        lua->ticks = lua->ticks + 1 + info->si_overrun;
        if (lua->ticks >= lua->tick_limit) {
            lua->tripped = 1;
            arm(lua->running);
        }
    }
    errno = saved;
}

void mz_limit_set(struct mz_lua *lua, int64_t milliseconds)
{
    int64_t ticks = (milliseconds + TICK_MILLISECONDS - 1) / TICK_MILLISECONDS;
    lua->budget = milliseconds;
    lua->ticks = 0;
    lua->tick_limit = ticks > INT32_MAX ? INT32_MAX : (int)ticks;
    lua->tripped = 0;
    lua->tripped_seen = false;
    lua_sethook(lua->main, NULL, 0, 0);
}

/* The timer counts one thread; a state that moved to another gets a new one. */
static bool make_timer(struct mz_lua *lua)
{
    struct sigaction action;
    memset(&action, 0, sizeof action);
    action.sa_sigaction = on_tick;
    action.sa_flags = SA_SIGINFO | SA_RESTART;
    sigemptyset(&action.sa_mask);
    if (sigaction(tick_signal(), &action, NULL) != 0) {
        return false;
    }
    sigset_t open;
    sigemptyset(&open);
    sigaddset(&open, tick_signal());
    pthread_sigmask(SIG_UNBLOCK, &open, NULL);

    struct sigevent event;
    memset(&event, 0, sizeof event);
    event.sigev_notify = SIGEV_THREAD_ID;
    event.sigev_signo = tick_signal();
    event.sigev_value.sival_ptr = lua;
    event.sigev_notify_thread_id = gettid();
    if (timer_create(CLOCK_THREAD_CPUTIME_ID, &event, &lua->timer) != 0) {
        return false;
    }
    lua->has_timer = true;
    lua->thread = pthread_self();
    lua->ticking = 0;
    return true;
}

bool mz_limit_enter(struct mz_lua *lua)
{
    if (!lua->has_timer || !pthread_equal(lua->thread, pthread_self())) {
        mz_limit_finish(lua);
        if (!make_timer(lua)) {
            return false;
        }
    }
    lua->running = lua->main;
    lua->inside = 1;
    if (!lua->ticking) {
        lua->ticking = 1;
        if (!set_timer(lua, TICK_MILLISECONDS)) {
            lua->ticking = 0;
            lua->inside = 0;
            return false;
        }
    }
    if (lua->tripped) {
        arm(lua->main);
    }
    return true;
}

void mz_limit_leave(struct mz_lua *lua)
{
    lua->inside = 0;
}

void mz_limit_finish(struct mz_lua *lua)
{
    if (lua->has_timer) {
        timer_delete(lua->timer);
        lua->has_timer = false;
    }
}

lua_State *mz_limit_switch(struct mz_lua *lua, lua_State *to)
{
    lua_State *from = lua->running;
    lua->running = to;
    /* A signal before the line above armed only `from`. */
    if (lua->tripped) {
        arm(to);
    } else if (lua_gethook(to) != NULL) {
        lua_sethook(to, NULL, 0, 0);
    }
    return from;
}
