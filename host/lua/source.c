/* Source files: reading, compiling, `require`. Only text is compiled, a file is
 * read once, and all of them are remembered for the hash of the script. */
#include "lua/internal.h"

#include <ctype.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "base/file.h"
#include "lua/source_map.h"

const char mz_modules_key;
static const char loading_mark; /* value of a module that is being loaded */

/* The name to show: relative when the file lies in the project. */
static const char *shown_name(const struct mz_lua *lua, const char *path)
{
    size_t size = strlen(lua->folder);
    if (strncmp(path, lua->folder, size) == 0 && path[size] == '/') {
        return path + size + 1;
    }
    return path;
}

/* What Lua writes before a line number for this chunk name (luaO_chunkid). */
static void write_shown(char out[LUA_IDSIZE], const char *name)
{
    size_t size = strlen(name);
    if (size < LUA_IDSIZE) {
        memcpy(out, name, size + 1);
        return;
    }
    size_t kept = LUA_IDSIZE - sizeof "...";
    snprintf(out, LUA_IDSIZE, "...%s", name + size - kept);
}

/* Reads the file into the list. On failure the list is as before. */
static enum mz_code read_file(struct mz_lua *lua, const char *path,
                              struct mz_error *error)
{
    if (lua->file_count == MZ_SCRIPT_FILES) {
        return mz_fail(error, MZ_LIMIT, "a script loads no more than %d files",
                       MZ_SCRIPT_FILES);
    }
    struct mz_script_file file = {0};
    enum mz_code code =
        mz_file_read(path, MZ_SCRIPT_SIZE, &file.source, &file.size, error);
    if (code != MZ_OK) {
        return code;
    }
    file.name = strdup(shown_name(lua, path));
    file.path = strdup(path);
    struct mz_script_file *files =
        realloc(lua->files, (lua->file_count + 1) * sizeof *files);
    if (files != NULL) {
        lua->files = files;
    }
    if (file.name == NULL || file.path == NULL || files == NULL) {
        free(file.name);
        free(file.path);
        free(file.source);
        return mz_fail(error, MZ_MEMORY, "not enough memory to read %s", path);
    }
    write_shown(file.shown, file.name);
    mz_digest(file.source, file.size, file.digest);
    files[lua->file_count++] = file;
    return MZ_OK;
}

/* Behind a byte order mark and a `#!` line, whose line end stays for the line
 * numbers. */
static size_t start_of_code(const struct mz_script_file *file)
{
    size_t start = 0;
    if (file->size >= 3 && memcmp(file->source, "\xef\xbb\xbf", 3) == 0) {
        start = 3;
    }
    if (start < file->size && file->source[start] == '#') {
        while (start < file->size && file->source[start] != '\n' &&
               file->source[start] != '\r') {
            start++;
        }
    }
    return start;
}

/* Raises the error of the compiler on the top of the stack, with line and
 * token. */
static void raise_syntax(lua_State *L, const struct mz_script_file *file)
{
    const char *message = lua_tostring(L, -1);
    size_t shown = strlen(file->shown);
    int line = 0, used = 0;
    struct mz_error error;
    if (message != NULL && strncmp(message, file->shown, shown) == 0 &&
        sscanf(message + shown, ":%9d: %n", &line, &used) == 1 && used > 0) {
        message += shown + (size_t)used;
    }
    mz_fail(&error, MZ_SCRIPT, "%s", message != NULL ? message : "it does not compile");
    char token[64] = "";
    const char *near = strstr(error.message, " near '");
    if (near != NULL) {
        snprintf(token, sizeof token, "%s", near + 7);
        char *quote = strrchr(token, '\'');
        if (quote != NULL) {
            *quote = '\0';
        }
    }
    struct mz_spot spot;
    if (mz_source_token(file->source, file->size, line, token, &spot) != 1) {
        token[0] = '\0'; /* which of them is meant cannot be told */
    }
    mz_raise_there(L, (int)(file - mz_lua_of(L)->files), line, token, &error);
}

void mz_source_load(lua_State *L, const char *path)
{
    struct mz_lua *lua = mz_lua_of(L);
    struct mz_error error;
    if (read_file(lua, path, &error) != MZ_OK) {
        mz_raise_error(L, &error, NULL);
    }
    const struct mz_script_file *file = &lua->files[lua->file_count - 1];
    size_t start = start_of_code(file);
    if (start < file->size && file->source[start] == LUA_SIGNATURE[0]) {
        mz_fail(&error, MZ_SCRIPT, "%s is compiled Lua: only source text is accepted",
                file->name);
        mz_raise_error(L, &error, NULL);
    }
    char chunk[MZ_PATH + 2];
    snprintf(chunk, sizeof chunk, "@%s", file->name);
    int status =
        luaL_loadbufferx(L, file->source + start, file->size - start, chunk, "t");
    if (status == LUA_ERRSYNTAX) {
        raise_syntax(L, file);
    } else if (status != LUA_OK) {
        lua_error(L);
    }
}

const struct mz_script_file *mz_data_file(lua_State *L, const char *name)
{
    struct mz_lua *lua = mz_lua_of(L);
    struct mz_error error;
    char path[MZ_PATH];
    const char *own = lua->script_folder != NULL ? lua->script_folder : lua->folder;
    bool outside = name[0] == '/' || strstr(name, "..") != NULL;
    if (outside || name[0] == '\0') {
        mz_raise(L, MZ_SCRIPT, name, NULL,
                 "'%.80s': a file is named from the script's folder, or from the "
                 "project's",
                 name);
    }
    bool found = (mz_path_join(path, own, name) && mz_file_exists(path)) ||
                 (mz_path_join(path, lua->folder, name) && mz_file_exists(path));
    if (!found) {
        mz_raise(L, MZ_SCRIPT, name, NULL, "there is no file '%.80s' in %s%s%s", name,
                 own, strcmp(own, lua->folder) != 0 ? " or " : "",
                 strcmp(own, lua->folder) != 0 ? lua->folder : "");
    }
    if (read_file(lua, path, &error) != MZ_OK) {
        mz_raise_error(L, &error, name);
    }
    return &lua->files[lua->file_count - 1];
}

/* ---- require ---- */

/* `name` to `name/…`: false when it is not made of plain parts. */
static bool module_path(const char *name, char *out, size_t size)
{
    size_t length = strlen(name);
    if (length == 0 || length + 5 > size) {
        return false;
    }
    for (size_t i = 0; i < length; i++) {
        bool plain =
            isalnum((unsigned char)name[i]) || name[i] == '_' || name[i] == '-';
        bool dot = name[i] == '.' && i > 0 && i + 1 < length && name[i - 1] != '.';
        if (!plain && !dot) {
            return false;
        }
        out[i] = '.' == name[i] ? '/' : name[i];
    }
    memcpy(out + length, ".lua", 5);
    return true;
}

/* Looks in the script's folder, then in the project's lib/. */
static bool find_module(const struct mz_lua *lua, const char *relative,
                        char out[MZ_PATH])
{
    char lib[MZ_PATH];
    const char *own = lua->script_folder != NULL ? lua->script_folder : lua->folder;
    if (mz_path_join(out, own, relative) && mz_file_exists(out)) {
        return true;
    }
    return mz_path_join(lib, lua->folder, "lib") && mz_path_join(out, lib, relative) &&
           mz_file_exists(out);
}

int mz_require(lua_State *L)
{
    struct mz_lua *lua = mz_lua_of(L);
    const char *name = luaL_checkstring(L, 1);
    char relative[256], path[MZ_PATH], token[64];
    lua_settop(L, 1);
    snprintf(token, sizeof token, "\"%s", name);
    lua_rawgetp(L, LUA_REGISTRYINDEX, &mz_modules_key);
    /* name, modules */
    lua_pushvalue(L, 1);
    if (lua_rawget(L, 2) != LUA_TNIL) {
        if (lua_touserdata(L, 3) == (const void *)&loading_mark) {
            return mz_raise(L, MZ_SCRIPT, token, NULL,
                            "module '%s' is not finished: it requires itself by way "
                            "of others, or failed before",
                            name);
        }
        return 1;
    }
    if (!module_path(name, relative, sizeof relative)) {
        return mz_raise(L, MZ_SCRIPT, token, "write folder.file for folder/file.lua",
                        "'%s' is no module name: letters, digits, '-', '_' and dots",
                        name);
    }
    if (!lua->loading) {
        return mz_raise(L, MZ_SCRIPT, token, "require it at the top of the file",
                        "module '%s' was not loaded with the pipeline", name);
    }
    if (strcmp(name, "mizan.test") == 0) {
        return mz_raise(L, MZ_SCRIPT, token, "name the file …_test.lua",
                        "mizan.test is there in files that mizan test runs");
    }
    if (!find_module(lua, relative, path)) {
        const char *own = lua->script_folder != NULL ? lua->script_folder : lua->folder;
        return mz_raise(L, MZ_SCRIPT, token, NULL,
                        "there is no module '%s': looked for %s in %s and %s/lib", name,
                        relative, own, lua->folder);
    }
    lua_pushvalue(L, 1);
    lua_pushlightuserdata(L, (void *)(uintptr_t)&loading_mark);
    lua_rawset(L, 2);
    mz_source_load(L, path);
    lua_pushvalue(L, 1);
    lua_call(L, 1, 1);
    /* name, modules, nil, result */
    if (lua_isnil(L, -1)) {
        lua_pop(L, 1);
        lua_pushboolean(L, 1);
    }
    lua_pushvalue(L, 1);
    lua_pushvalue(L, -2);
    lua_rawset(L, 2);
    return 1;
}
