/* How a failure of a script becomes a sentence with a place. The message
 * handler runs on the stack of the failure and writes into fixed memory, so
 * that it works when Lua's memory is used up; it calls a script's __tostring
 * only under protection. */
#include "lua/internal.h"

#include <stdarg.h>
#include <stdio.h>
#include <string.h>

#include "base/text.h"
#include "lua/source_map.h"

#define TRACEBACK_FRAMES 20

static void copy_text(char *out, size_t size, const char *text)
{
    size_t length = strnlen(text, size - 1);
    memcpy(out, text, length);
    out[length] = '\0';
}

int mz_file_index(const struct mz_lua *lua, const char *chunk_name)
{
    if (chunk_name[0] != '@') {
        return -1;
    }
    for (size_t i = 0; i < lua->file_count; i++) {
        if (strcmp(lua->files[i].name, chunk_name + 1) == 0) {
            return (int)i;
        }
    }
    return -1;
}

bool mz_user_place(lua_State *L, int *file, int *line)
{
    struct mz_lua *lua = mz_lua_of(L);
    lua_Debug frame;
    *file = -1;
    *line = 0;
    for (int level = 0; lua_getstack(L, level, &frame); level++) {
        lua_getinfo(L, "Sl", &frame);
        if (frame.source[0] == '@' && frame.currentline > 0) {
            *file = mz_file_index(lua, frame.source);
            *line = frame.currentline;
            return true;
        }
    }
    return false;
}

void mz_failure_clear(struct mz_lua *lua)
{
    struct mz_failure *failure = &lua->failure;
    failure->code = MZ_OK;
    failure->file = -1;
    failure->line = 0;
    failure->message[0] = '\0';
    failure->help[0] = '\0';
    failure->token[0] = '\0';
    failure->traceback[0] = '\0';
    lua->raised.message[0] = '\0';
    lua->refused = false;
}

/* The frames of scripts, innermost first, a line each. */
static void write_traceback(struct mz_lua *lua, lua_State *L)
{
    char *out = lua->failure.traceback;
    size_t size = sizeof lua->failure.traceback, used = 0;
    lua_Debug frame;
    int shown = 0;
    out[0] = '\0';
    for (int level = 0; lua_getstack(L, level, &frame); level++) {
        lua_getinfo(L, "Sln", &frame);
        if (frame.source[0] != '@') {
            continue;
        }
        if (shown++ == TRACEBACK_FRAMES) {
            snprintf(out + used, size - used, "…\n");
            break;
        }
        int written;
        if (frame.what[0] == 'm') {
            written = snprintf(out + used, size - used, "%s:%d: in the file\n",
                               frame.source + 1, frame.currentline);
        } else if (frame.name != NULL) {
            written = snprintf(out + used, size - used, "%s:%d: in '%s'\n",
                               frame.source + 1, frame.currentline, frame.name);
        } else {
            written =
                snprintf(out + used, size - used, "%s:%d: in the function of line %d\n",
                         frame.source + 1, frame.currentline, frame.linedefined);
        }
        if (written < 0 || (size_t)written >= size - used) {
            out[used] = '\0';
            break;
        }
        used += (size_t)written;
    }
}

void mz_failure_place(struct mz_lua *lua, lua_State *L)
{
    mz_user_place(L, &lua->failure.file, &lua->failure.line);
    write_traceback(lua, L);
}

/* Reads "shown:12: " at the start of a message that Lua made. Returns its
 * length. */
static size_t read_prefix(const struct mz_lua *lua, const char *message, int *file,
                          int *line)
{
    for (size_t i = 0; i < lua->file_count; i++) {
        const char *shown = lua->files[i].shown;
        size_t length = strlen(shown);
        int number = 0, used = 0;
        if (length != 0 && strncmp(message, shown, length) == 0 &&
            sscanf(message + length, ":%9d: %n", &number, &used) == 1 && used > 0) {
            *file = (int)i;
            *line = number;
            return length + (size_t)used;
        }
    }
    return 0;
}

static int to_text(lua_State *L)
{
    luaL_tolstring(L, 1, NULL);
    return 1;
}

/* The error value as text, on the stack of L until the handler returns. */
static const char *message_of(lua_State *L)
{
    if (lua_type(L, 1) == LUA_TSTRING) {
        return lua_tostring(L, 1);
    }
    if (lua_isnil(L, 1)) {
        return "the script raised nil: error() wants a message";
    }
    if (lua_isnumber(L, 1) || luaL_getmetafield(L, 1, "__tostring") != LUA_TNIL) {
        lua_pushcfunction(L, to_text);
        lua_pushvalue(L, 1);
        if (lua_pcall(L, 1, 1, 0) == LUA_OK && lua_type(L, -1) == LUA_TSTRING) {
            return lua_tostring(L, -1);
        }
    }
    switch (lua_type(L, 1)) {
    case LUA_TTABLE:
        return "the script raised a table: error() wants a message";
    case LUA_TBOOLEAN:
        return "the script raised a boolean: error() wants a message";
    case LUA_TFUNCTION:
        return "the script raised a function: error() wants a message";
    default:
        return "the script raised a value that is no message";
    }
}

/* The error is at index 1 of L and was raised by the frames of `frames`. */
static int describe(lua_State *L, lua_State *frames)
{
    struct mz_lua *lua = mz_lua_of(L);
    struct mz_failure *failure = &lua->failure;
    lua_settop(L, 1);
    if (lua->tripped) {
        return 1; /* the hook has noted the place */
    }
    mz_failure_place(lua, frames);
    const char *message = message_of(L);
    if (lua->refused && strcmp(message, "not enough memory") == 0) {
        mz_failure_memory(lua); /* it crossed a coroutine or a pcall */
        return 1;
    }
    message += read_prefix(lua, message, &failure->file, &failure->line);
    copy_text(failure->message, sizeof failure->message, message);
    failure->code = MZ_SCRIPT;
    if (lua->raised.message[0] != '\0' &&
        strcmp(lua->raised.message, failure->message) == 0) {
        failure->code = lua->raised.code;
        memcpy(failure->help, lua->raised.help, sizeof failure->help);
        memcpy(failure->token, lua->raised_token, sizeof failure->token);
        if (lua->raised.line > 0) {
            failure->line = lua->raised.line;
            failure->file = lua->raised_file;
        }
    }
    return 1;
}

int mz_failure_handler(lua_State *L)
{
    return describe(L, L);
}

static int describe_coroutine(lua_State *L)
{
    return describe(L, lua_tothread(L, lua_upvalueindex(1)));
}

void mz_failure_of_coroutine(lua_State *L, lua_State *coroutine)
{
    lua_pushthread(coroutine);
    lua_xmove(coroutine, L, 1);
    lua_pushcclosure(L, describe_coroutine, 1);
    lua_xmove(coroutine, L, 1);
    lua_call(L, 1, 0);
}

void mz_failure_deadline(struct mz_lua *lua)
{
    struct mz_failure *failure = &lua->failure;
    const char *what =
        lua->in_unit ? "for one unit (limits.unit)" : "while it was loaded";
    failure->code = MZ_DEADLINE;
    failure->token[0] = '\0';
    if (lua->budget % 1000 == 0) {
        snprintf(failure->message, sizeof failure->message,
                 "the script used more than %lld s of CPU time %s",
                 (long long)(lua->budget / 1000), what);
    } else {
        snprintf(failure->message, sizeof failure->message,
                 "the script used more than %lld ms of CPU time %s",
                 (long long)lua->budget, what);
    }
    copy_text(failure->help, sizeof failure->help,
              lua->in_unit ? "look for a loop that does not end, or raise the limit: "
                             "limits = { unit = \"30s\" }"
                           : "look for a loop that does not end; a file that is loaded "
                             "only describes the pipeline");
}

void mz_failure_memory(struct mz_lua *lua)
{
    struct mz_failure *failure = &lua->failure;
    failure->code = MZ_MEMORY;
    if (!lua->refused) {
        copy_text(failure->message, sizeof failure->message, "not enough memory");
        return;
    }
    const size_t mebibyte = (size_t)1024 * 1024;
    size_t limit = lua->memory_limit;
    const char *unit = "bytes";
    if (limit % mebibyte == 0) {
        limit /= mebibyte;
        unit = "MiB";
    } else if (limit % 1024 == 0) {
        limit /= 1024;
        unit = "KiB";
    }
    snprintf(failure->message, sizeof failure->message,
             "not enough memory: the script's limit is %zu %s (limits.memory)", limit,
             unit);
}

void mz_failure_report(struct mz_lua *lua, struct mz_error *error)
{
    const struct mz_failure *failure = &lua->failure;
    mz_fail(error, failure->code, "%s", failure->message);
    if (error == NULL) {
        return;
    }
    if (failure->help[0] != '\0') {
        mz_error_help(error, "%s", failure->help);
    }
    if (failure->file < 0 || failure->line <= 0) {
        return;
    }
    const struct mz_script_file *file = &lua->files[failure->file];
    struct mz_spot spot = {failure->line, 0, 0};
    if (failure->token[0] != '\0') {
        mz_source_token(file->source, file->size, failure->line, failure->token, &spot);
    }
    mz_error_place(error, file->path, failure->line, spot.column, spot.width);
}

const char *mz_place_text(struct mz_lua *lua, struct mz_arena *arena, int file,
                          int line)
{
    if (file < 0 || line <= 0) {
        return NULL;
    }
    return mz_arena_printf(arena, "%s:%d", lua->files[file].name, line);
}

/* Pushes the message with the place in front, as Lua's own errors have it, and
 * raises. */
static MZ_RAISES void raise_noted(lua_State *L, struct mz_lua *lua, const char *token)
{
    int file, line;
    copy_text(lua->raised_token, sizeof lua->raised_token, token != NULL ? token : "");
    lua->raised.line = 0;
    if (mz_user_place(L, &file, &line) && file >= 0) {
        lua_pushfstring(L, "%s:%d: %s", lua->files[file].shown, line,
                        lua->raised.message);
    } else {
        lua_pushstring(L, lua->raised.message);
    }
    lua_error(L);
    __builtin_unreachable();
}

int mz_raise(lua_State *L, enum mz_code code, const char *token, const char *help,
             const char *format, ...)
{
    struct mz_lua *lua = mz_lua_of(L);
    va_list arguments;
    va_start(arguments, format);
    vsnprintf(lua->raised.message, sizeof lua->raised.message, format, arguments);
    va_end(arguments);
    lua->raised.code = code;
    copy_text(lua->raised.help, sizeof lua->raised.help, help != NULL ? help : "");
    raise_noted(L, lua, token);
}

int mz_raise_error(lua_State *L, const struct mz_error *error, const char *token)
{
    struct mz_lua *lua = mz_lua_of(L);
    if (error != &lua->raised) {
        lua->raised = *error;
    }
    raise_noted(L, lua, token);
}

int mz_raise_there(lua_State *L, int file, int line, const char *token,
                   const struct mz_error *error)
{
    struct mz_lua *lua = mz_lua_of(L);
    if (error != &lua->raised) {
        lua->raised = *error;
    }
    copy_text(lua->raised_token, sizeof lua->raised_token, token != NULL ? token : "");
    lua->raised.line = line;
    lua->raised_file = file;
    lua_pushstring(L, lua->raised.message);
    lua_error(L);
    __builtin_unreachable();
}

int mz_raise_at(lua_State *L, int file, int line, const char *format, ...)
{
    struct mz_error error;
    va_list arguments;
    mz_fail(&error, MZ_SCRIPT, "%s", "");
    va_start(arguments, format);
    vsnprintf(error.message, sizeof error.message, format, arguments);
    va_end(arguments);
    mz_raise_there(L, file, line, NULL, &error);
}

const char *mz_did_you_mean(lua_State *L, int index, const char *word, char *out,
                            size_t size)
{
    const char *names[128];
    size_t count = 0;
    index = lua_absindex(L, index);
    lua_pushnil(L);
    while (count < sizeof names / sizeof *names && lua_next(L, index)) {
        if (lua_type(L, -2) == LUA_TSTRING) {
            names[count++] = lua_tostring(L, -2); /* alive as a key of the table */
        }
        lua_pop(L, 1);
    }
    if (count == sizeof names / sizeof *names) {
        lua_pop(L, 1);
    }
    const char *near = mz_nearest(word, names, count);
    out[0] = '\0';
    if (near != NULL) {
        snprintf(out, size, "; did you mean '%s'?", near);
    }
    return out;
}
