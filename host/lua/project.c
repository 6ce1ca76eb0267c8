/* A project: the folder with mizan.lua. */
#include "lua/box.h"

#include <limits.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>

#include "base/file.h"
#include "base/text.h"
#include "lua/alert_keys.h"
#include "lua/source_map.h"

#define PROJECT_FILE   "mizan.lua"
#define PROJECT_MEMORY ((size_t)16 * 1024 * 1024)
#define PROJECT_TIME   2000

static const struct mz_key project_keys[] = {
    {"database", MZ_KEY_TEXT, NULL},  {"plugins", MZ_KEY_TEXTS, NULL},
    {"programs", MZ_KEY_TEXTS, NULL}, {"defaults", MZ_KEY_MAP, NULL},
    {"alerts", MZ_KEY_MAP, NULL},     {"walls", MZ_KEY_TEXT, "on|off"},
    {"reads", MZ_KEY_TEXTS, NULL},    {"writes", MZ_KEY_TEXTS, NULL},
    {"crashes", MZ_KEY_COUNT, NULL},  {"threads", MZ_KEY_COUNT, NULL},
    {"contact", MZ_KEY_TEXT, NULL},   {"keep", MZ_KEY_MAP, NULL},
    {"deliver", MZ_KEY_MAP, NULL},    {"raw", MZ_KEY_TEXT, NULL},
    {"web", MZ_KEY_TEXT, NULL},
};

static bool is_folder(const char *path)
{
    struct stat status;
    return stat(path, &status) == 0 && S_ISDIR(status.st_mode);
}

void mz_project_find(const char *from, char *folder)
{
    char start[MZ_PATH], candidate[MZ_PATH];
    if (realpath(from, start) == NULL) {
        snprintf(start, sizeof start, "%s", from);
    }
    if (is_folder(start)) {
        memcpy(folder, start, sizeof start);
    } else {
        mz_path_folder(folder, start);
    }
    memcpy(start, folder, sizeof start);
    for (;;) {
        if (mz_path_join(candidate, start, PROJECT_FILE) && mz_file_exists(candidate)) {
            memcpy(folder, start, sizeof start);
            return;
        }
        char *slash = strrchr(start, '/');
        if (slash == NULL || start[1] == '\0') {
            return;
        }
        slash[slash == start] = '\0';
    }
}

struct load {
    const char *path;
    struct mz_arena *arena;
    struct mizan_value *all;
};

static int load_body(lua_State *L)
{
    struct load *load = lua_touserdata(L, 1);
    mz_source_load(L, load->path);
    lua_call(L, 0, 1);
    if (!lua_istable(L, -1)) {
        return mz_raise_at(L, 0, 0, "mizan.lua returns %s, not a table of settings",
                           lua_isnil(L, -1) ? "nothing" : luaL_typename(L, -1));
    }
    mz_to_map(L, -1, load->arena, "", NULL, load->all);
    return 0;
}

/* Texts of a list; relative ones become absolute when `folder` is given. */
static bool take_texts(struct mz_arena *arena, const struct mizan_value *list,
                       const char *folder, const char *const **out, size_t *count)
{
    if (list == NULL || mz_is_empty_table(list)) {
        return true;
    }
    const char **texts = mz_arena_alloc(arena, list->as.list.count * sizeof *texts);
    if (texts == NULL) {
        return false;
    }
    for (size_t i = 0; i < list->as.list.count; i++) {
        char path[MZ_PATH];
        texts[i] = list->as.list.items[i].as.text.data;
        if (folder != NULL && mz_path_join(path, folder, texts[i])) {
            texts[i] = mz_arena_string(arena, path);
        }
        if (texts[i] == NULL) {
            return false;
        }
    }
    *out = texts;
    *count = list->as.list.count;
    return true;
}

/* A file of SQLite with a relative path lies in the project. */
static bool take_database(struct mz_arena *arena, const struct mizan_value *value,
                          const char *folder, const char **out)
{
    static const char scheme[] = "sqlite:";
    char path[MZ_PATH];
    if (value == NULL) {
        return true;
    }
    const char *text = value->as.text.data;
    const char *file = text + sizeof scheme - 1;
    *out = text;
    if (mz_starts_with(text, scheme) && file[0] != '/' && file[0] != ':' &&
        file[0] != '\0' && mz_path_join(path, folder, file)) {
        *out = mz_arena_printf(arena, "%s%s", scheme, path);
    }
    return *out != NULL;
}

/* Where raw bodies go: the folder becomes absolute. False for what is no place. */
static bool take_raw(struct mz_arena *arena, const char *text, struct mz_project *out)
{
    static const char scheme[] = "dir:";
    char path[MZ_PATH];
    const char *name = text + sizeof scheme - 1;
    if (!mz_starts_with(text, scheme)) {
        return strcmp(text, "db") == 0;
    }
    out->raw_folder = name[0] != '\0' && mz_path_join(path, out->folder, name)
                          ? mz_arena_string(arena, path)
                          : NULL;
    return out->raw_folder != NULL;
}

/* The tables within the table. */
static enum mz_code check_parts(const struct mizan_value *all, char path[MZ_KEY_PATH],
                                struct mz_error *error)
{
    const struct mizan_value *alerts = mz_map_member(all, "alerts");
    const struct mizan_value *keep = mz_map_member(all, "keep");
    const struct mizan_value *deliver = mz_map_member(all, "deliver");
    enum mz_code code = MZ_OK;
    if (alerts != NULL && alerts->type == MIZAN_MAP) {
        snprintf(path, MZ_KEY_PATH, "alerts");
        code = mz_alerts_check_keys(alerts, path, error);
    }
    if (code == MZ_OK && keep != NULL) {
        snprintf(path, MZ_KEY_PATH, "keep");
        code = mz_keys_check(mz_keep_keys, MZ_KEEP_KEYS, keep, "keep", path, error);
    }
    if (code == MZ_OK && deliver != NULL) {
        snprintf(path, MZ_KEY_PATH, "deliver");
        code = mz_keys_check(mz_deliver_keys, MZ_DELIVER_KEYS, deliver, "deliver", path,
                             error);
    }
    return code;
}

static enum mz_code read_project(const struct mz_lua *lua, struct mz_arena *arena,
                                 struct mz_project *out, struct mz_error *error)
{
    char path[MZ_KEY_PATH] = "";
    enum mz_code code =
        mz_keys_check(project_keys, sizeof project_keys / sizeof *project_keys,
                      &out->all, PROJECT_FILE, path, error);
    if (code == MZ_OK) {
        code = check_parts(&out->all, path, error);
    }
    if (code != MZ_OK) {
        const struct mz_script_file *file = &lua->files[0];
        struct mz_spot spot = {0, 0, 0};
        mz_source_find(file->source, file->size, 1, "return", path, &spot);
        mz_error_place(error, file->path, spot.line, spot.column, spot.width);
        return code;
    }
    const struct mizan_value *raw = mz_map_member(&out->all, "raw");
    if (raw != NULL && !take_raw(arena, raw->as.text.data, out)) {
        mz_fail(error, MZ_CONFIGURATION, "mizan.lua: raw is \"%.200s\"",
                raw->as.text.data);
        mz_error_help(error, "write raw = \"db\" or raw = \"dir:FOLDER\"");
        return MZ_CONFIGURATION;
    }
    const struct mizan_value *plugins = mz_map_member(&out->all, "plugins");
    const struct mizan_value *programs = mz_map_member(&out->all, "programs");
    if (!take_database(arena, mz_map_member(&out->all, "database"), out->folder,
                       &out->database) ||
        !take_texts(arena, plugins, out->folder, &out->plugins, &out->plugin_count) ||
        !take_texts(arena, programs, NULL, &out->programs, &out->program_count)) {
        return mz_fail(error, MZ_MEMORY, "not enough memory for the project");
    }
    return MZ_OK;
}

enum mz_code mz_project_load(const char *folder, struct mz_arena *arena,
                             struct mz_project *out, struct mz_error *error)
{
    char absolute[MZ_PATH], path[MZ_PATH];
    memset(out, 0, sizeof *out);
    out->all.type = MIZAN_MAP;
    if (realpath(folder, absolute) == NULL) {
        return mz_fail_errno(error, MZ_NO_FILE, "the folder %s cannot be read", folder);
    }
    out->folder = mz_arena_string(arena, absolute);
    if (out->folder == NULL) {
        return mz_fail(error, MZ_MEMORY, "not enough memory for the project");
    }
    if (!mz_path_join(path, absolute, PROJECT_FILE) || !mz_file_exists(path)) {
        return MZ_OK;
    }
    struct mz_lua_settings settings = {
        .folder = absolute, .memory = PROJECT_MEMORY, .load_time = PROJECT_TIME};
    struct mz_lua *lua;
    enum mz_code code = mz_lua_create(&settings, &lua, error);
    if (code != MZ_OK) {
        return code;
    }
    struct load load = {path, arena, &out->all};
    code = mz_lua_enter(lua, load_body, &load, error);
    if (code == MZ_OK) {
        code = read_project(lua, arena, out, error);
    }
    mz_lua_destroy(lua);
    return code;
}
