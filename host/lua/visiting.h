/* The visit in work, for the files that give `ctx` its functions in a source. */
#ifndef MIZAN_LUA_VISITING_H
#define MIZAN_LUA_VISITING_H

#include "lua/box.h"
#include "lua/visit.h"

struct mz_visit {
    struct mz_lua *lua;
    const struct mz_pipeline *pipeline;
    const struct mz_stage *stage;
    const struct mizan_record *source;
    const struct mz_visit_services *services;
    void *owner;
    int coroutine;            /* in the registry */
    struct mz_arena *request; /* of what was asked last */
    struct mz_arena *answer;  /* of one answer, until it is in Lua */
    uint64_t epoch;
    int ticks; /* of CPU time since the last document */
    bool started, ended;
    enum mz_visit_state state;
    bool asked; /* an answer is outstanding */
};

/* Yields the running coroutine to the run, which goes on with `resumed`. `what` is the
 * function that waits ("ctx.http:get"). */
int mz_visit_yield(lua_State *L, lua_KFunction resumed, lua_KContext context);
/* Raises when the coroutine cannot wait here, naming the C function in the way. */
void mz_visit_may_wait(lua_State *L, const char *what);
/* The visit in work; raises when there is none. `what` as above. */
struct mz_visit *mz_visit_in_work(lua_State *L, const char *what);
/* ctx:emit(document) */
int mz_visit_emit(lua_State *L);
/* The functions of ctx.http, http.c. */
extern const luaL_Reg mz_http_functions[];

/* ---- secret_box.c ---- */

void mz_secret_box_open(lua_State *L);
/* mizan.secret "NAME" or mizan.secret { name = …, host = … } */
int mz_secret_make(lua_State *L);
bool mz_is_secret(lua_State *L, int index);
/* Pushes the text of the secret at `index`, for a request to `url`; raises when it is
 * not to be had or not bound to that host. The text must not get to the script. */
void mz_secret_reveal(lua_State *L, int index, const struct mz_visit *visit,
                      const char *url);

/* mizan.auth */
extern const luaL_Reg mz_auth_functions[];
/* Pushes the value of the header Authorization that the auth at `index` means; false
 * when something else is there. */
bool mz_push_authorization(lua_State *L, int index, const struct mz_visit *visit,
                           const char *url);
/* Whether the auth at `index` is OAuth 2 and has no token that is good. */
bool mz_auth_wants_token(lua_State *L, int index);
/* Pushes address, header Authorization and body of the request for one. */
void mz_auth_push_request(lua_State *L, int index, const struct mz_visit *visit);
/* Takes the token at the top, popped, good for so many seconds (0: not said). */
void mz_auth_take_token(lua_State *L, int index, int64_t seconds);
/* A request with the auth at `index`, which may be any value, went well. */
void mz_auth_prove(lua_State *L, int index);
/* It was refused: true when its token had worked before and another is to be had. */
bool mz_auth_renew(lua_State *L, int index);

#endif
