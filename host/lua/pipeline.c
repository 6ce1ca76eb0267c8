/* From a script's path to its description in C. */
#include "lua/reader.h"

#include <limits.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "base/file.h"
#include "base/text.h"
#include "lua/alert_keys.h"
#include "lua/parameter.h"
#include "lua/source_map.h"

#define UNIT_TIME    10000
#define PLUGIN_TIME  60000
#define MEMORY       ((size_t)256 * 1024 * 1024)
#define MEMORY_LEAST ((int64_t)1024 * 1024)

static const struct mz_key pipeline_keys[] = {
    {"name", MZ_KEY_TEXT, NULL},
    {"about", MZ_KEY_MAP, NULL},
    {"schedule", MZ_KEY_MAP, NULL},
    {"stages", MZ_KEY_LIST, NULL},
    {"limits", MZ_KEY_MAP, NULL},
    {"network", MZ_KEY_MAP, NULL},
    {"politeness", MZ_KEY_TEXT, "on|off"},
    {"gap", MZ_KEY_DURATION, NULL},
    {"report", MZ_KEY_LIST, NULL},
    {"alerts", MZ_KEY_MAP, NULL},
    {"keep", MZ_KEY_MAP, NULL},
    {"robots", MZ_KEY_TEXT, "on|off"},
    {"retries", MZ_KEY_TEXT, "on|off"},
};

static const struct mz_key schedule_keys[] = {
    {"cron", MZ_KEY_TEXT, NULL},
    {"tz", MZ_KEY_TEXT, NULL},
    {"overlap", MZ_KEY_TEXT, "skip|queue|replace"},
    {"catchup", MZ_KEY_TEXT, "latest|none|all"},
    {"jitter", MZ_KEY_DURATION, NULL},
    {"start_deadline", MZ_KEY_DURATION, NULL},
    {"timeout", MZ_KEY_DURATION, NULL},
    {"shards", MZ_KEY_COUNT, NULL},
    {"labels", MZ_KEY_TEXTS, NULL},
    {"after", MZ_KEY_TEXTS, NULL},
    {"files", MZ_KEY_TEXT, NULL},
    {"retries", MZ_KEY_ANY, NULL},
    {"retry_delay", MZ_KEY_DURATION, NULL},
};

static const struct mz_key limits_keys[] = {
    {"memory", MZ_KEY_SIZE, NULL},     {"unit", MZ_KEY_DURATION, NULL},
    {"plugin", MZ_KEY_DURATION, NULL}, {"run", MZ_KEY_DURATION, NULL},
    {"threads", MZ_KEY_COUNT, NULL},   {"commit", MZ_KEY_COUNT, NULL},
};

static const struct mz_key network_keys[] = {
    {"private", MZ_KEY_TEXTS, NULL},    {"cookies", MZ_KEY_TEXT, "on|off"},
    {"authorities", MZ_KEY_TEXT, NULL}, {"certificate", MZ_KEY_TEXT, NULL},
    {"key", MZ_KEY_TEXT, NULL},         {"certificate_hosts", MZ_KEY_TEXTS, NULL},
};

#define COUNT(list) (sizeof(list) / sizeof *(list))

static const struct mz_key_table tables[] = {
    {"pipeline", pipeline_keys, COUNT(pipeline_keys)},
    {"schedule", schedule_keys, COUNT(schedule_keys)},
    {"limits", limits_keys, COUNT(limits_keys)},
    {"network", network_keys, COUNT(network_keys)},
    {"alerts", mz_alert_keys, MZ_ALERT_KEYS},
    {"keep", mz_keep_keys, MZ_KEEP_KEYS},
};

const struct mz_key_table *mz_pipeline_tables(size_t *count)
{
    *count = COUNT(tables);
    return tables;
}

const struct mz_key_table *mz_pipeline_table(const char *name)
{
    for (size_t i = 0; i < COUNT(tables); i++) {
        if (strcmp(tables[i].name, name) == 0) {
            return &tables[i];
        }
    }
    return NULL;
}

enum mz_code mz_reader_place(const struct mz_reader *reader, const struct mz_item *item,
                             const char *constructor, const char *path,
                             enum mz_code code)
{
    if (code == MZ_OK || item->file < 0 || reader->error == NULL) {
        return code;
    }
    const struct mz_script_file *file = &reader->lua->files[item->file];
    struct mz_spot spot = {item->line, 0, 0};
    mz_source_find(file->source, file->size, item->line, constructor, path, &spot);
    mz_error_place(reader->error, file->path, spot.line, spot.column, spot.width);
    return code;
}

static enum mz_code place(const struct mz_reader *reader, const char *path,
                          enum mz_code code)
{
    return mz_reader_place(reader, reader->item, "pipeline", path, code);
}

/* Checks the map of a key; nothing given is an empty map. */
static enum mz_code read_part(const struct mz_reader *reader,
                              const struct mizan_value *whole, const char *name,
                              const struct mz_key *keys, size_t count,
                              struct mizan_value *out)
{
    const struct mizan_value *part = mz_map_member(whole, name);
    char path[MZ_KEY_PATH];
    memset(out, 0, sizeof *out);
    out->type = MIZAN_MAP;
    if (part == NULL || mz_is_empty_table(part)) {
        return MZ_OK;
    }
    *out = *part;
    snprintf(path, sizeof path, "%s", name);
    enum mz_code code = mz_keys_check(keys, count, part, name, path, reader->error);
    return place(reader, path, code);
}

static enum mz_code read_name(const struct mz_reader *reader,
                              const struct mizan_value *whole)
{
    const struct mizan_value *name = mz_map_member(whole, "name");
    enum mz_code code = MZ_OK;
    if (name == NULL) {
        code = mz_fail(reader->error, MZ_SCRIPT, "the pipeline has no name");
        mz_error_help(reader->error, "add name = \"…\": runs and state are kept by it");
    } else if (!mz_is_plain_name(name->as.text.data)) {
        code = mz_fail(reader->error, MZ_SCRIPT,
                       "\"%.60s\" cannot name a pipeline: a-z, digits, '_' and '-', a "
                       "letter first",
                       name->as.text.data);
    } else {
        reader->pipeline->name = name->as.text.data;
    }
    return place(reader, "name", code);
}

static enum mz_code read_about(const struct mz_reader *reader,
                               const struct mizan_value *whole)
{
    const struct mizan_value *about = mz_map_member(whole, "about");
    reader->pipeline->about.type = MIZAN_MAP;
    if (about == NULL || mz_is_empty_table(about)) {
        return MZ_OK;
    }
    reader->pipeline->about = *about;
    for (size_t i = 0; i < about->as.map.count; i++) {
        const struct mizan_field *field = &about->as.map.fields[i];
        char path[MZ_KEY_PATH];
        if (field->value.type == MIZAN_TEXT) {
            continue;
        }
        snprintf(path, sizeof path, "about.%s", field->name.data);
        return place(reader, path,
                     mz_fail(reader->error, MZ_SCRIPT, "about: '%s' wants text, not %s",
                             field->name.data, mz_value_kind(&field->value)));
    }
    return MZ_OK;
}

static enum mz_code read_schedule(const struct mz_reader *reader,
                                  const struct mizan_value *whole)
{
    struct mizan_value *schedule = &reader->pipeline->schedule;
    enum mz_code code = read_part(reader, whole, "schedule", schedule_keys,
                                  COUNT(schedule_keys), schedule);
    if (code == MZ_OK && schedule->as.map.count > 0 &&
        mz_map_member(schedule, "cron") == NULL &&
        mz_map_member(schedule, "after") == NULL &&
        mz_map_member(schedule, "files") == NULL) {
        code = mz_fail(reader->error, MZ_SCRIPT, "the schedule has no cron");
        mz_error_help(reader->error, "schedule = { cron = \"17 */2 * * *\" }, or "
                                     "after = { \"other\" }, or files = "
                                     "\"inbox/*.csv\"");
        return place(reader, "schedule", code);
    }
    return code == MZ_OK ? mz_timetable_read(reader) : code;
}

/* A duration that was checked, or the default. */
static int64_t duration(const struct mizan_value *map, const char *name,
                        int64_t fallback)
{
    const struct mizan_value *value = mz_map_member(map, name);
    int64_t milliseconds = fallback;
    if (value != NULL && !mz_parse_duration(value->as.text.data, &milliseconds)) {
        return fallback;
    }
    return milliseconds;
}

static enum mz_code read_limits(const struct mz_reader *reader,
                                const struct mizan_value *whole)
{
    struct mz_pipeline *pipeline = reader->pipeline;
    struct mizan_value limits;
    enum mz_code code =
        read_part(reader, whole, "limits", limits_keys, COUNT(limits_keys), &limits);
    if (code != MZ_OK) {
        return code;
    }
    pipeline->unit_time = duration(&limits, "unit", UNIT_TIME);
    pipeline->plugin_time = duration(&limits, "plugin", PLUGIN_TIME);
    pipeline->run_time = duration(&limits, "run", 0);
    if (pipeline->unit_time <= 0 || pipeline->plugin_time <= 0) {
        const char *name = pipeline->unit_time <= 0 ? "unit" : "plugin";
        char path[32];
        snprintf(path, sizeof path, "limits.%s", name);
        return place(
            reader, path,
            mz_fail(reader->error, MZ_SCRIPT, "limits: '%s' cannot be 0", name));
    }
    const struct mizan_value *threads = mz_map_member(&limits, "threads");
    pipeline->threads = threads == NULL ? 0 : threads->as.integer;
    if (pipeline->threads > MZ_MOST_THREADS) {
        return place(reader, "limits.threads",
                     mz_fail(reader->error, MZ_SCRIPT,
                             "limits: 'threads' is at most %d", MZ_MOST_THREADS));
    }
    const struct mizan_value *commit = mz_map_member(&limits, "commit");
    pipeline->commit_most = commit == NULL ? 0 : commit->as.integer;
    const struct mizan_value *memory = mz_map_member(&limits, "memory");
    int64_t bytes = (int64_t)MEMORY;
    if (memory != NULL &&
        (!mz_parse_size(memory->as.text.data, &bytes) || bytes < MEMORY_LEAST)) {
        return place(
            reader, "limits.memory",
            mz_fail(reader->error, MZ_SCRIPT, "limits: 'memory' is at least 1M"));
    }
    pipeline->memory = (size_t)bytes;
    return MZ_OK;
}

/* A list of texts of the network's keys. */
static enum mz_code read_hosts(const struct mz_reader *reader,
                               const struct mizan_value *network, const char *key,
                               const char *const **out, size_t *out_count)
{
    const struct mizan_value *hosts = mz_map_member(network, key);
    if (hosts == NULL || mz_is_empty_table(hosts)) {
        return MZ_OK;
    }
    size_t count = hosts->as.list.count;
    const char **list = mz_arena_alloc(reader->arena, count * sizeof *list);
    if (list == NULL) {
        return mz_fail(reader->error, MZ_MEMORY, "not enough memory for the script");
    }
    for (size_t i = 0; i < count; i++) {
        list[i] = hosts->as.list.items[i].as.text.data;
    }
    *out = list;
    *out_count = count;
    return MZ_OK;
}

/* The path of a file of the network's keys, from the project's folder. */
static enum mz_code read_path(const struct mz_reader *reader,
                              const struct mizan_value *network, const char *key,
                              const char **out)
{
    const char *text = mz_map_text(network, key);
    if (text != NULL && text[0] != '/' && reader->lua->folder != NULL) {
        text = mz_arena_printf(reader->arena, "%s/%s", reader->lua->folder, text);
        if (text == NULL) {
            return mz_fail(reader->error, MZ_MEMORY,
                           "not enough memory for the script");
        }
    }
    *out = text;
    return MZ_OK;
}

static enum mz_code read_network(const struct mz_reader *reader,
                                 const struct mizan_value *whole)
{
    struct mizan_value network;
    enum mz_code code = read_part(reader, whole, "network", network_keys,
                                  COUNT(network_keys), &network);
    struct mz_pipeline *pipeline = reader->pipeline;
    if (code != MZ_OK) {
        return code;
    }
    pipeline->cookies = mz_value_is(mz_map_member(&network, "cookies"), "on");
    code = read_hosts(reader, &network, "private", &pipeline->private_hosts,
                      &pipeline->private_count);
    if (code == MZ_OK) {
        code = read_hosts(reader, &network, "certificate_hosts",
                          &pipeline->certificate_hosts, &pipeline->certificate_count);
    }
    const struct {
        const char *key, **path;
    } files[] = {{"authorities", &pipeline->authorities},
                 {"certificate", &pipeline->certificate},
                 {"key", &pipeline->key}};
    for (size_t f = 0; f < COUNT(files) && code == MZ_OK; f++) {
        code = read_path(reader, &network, files[f].key, files[f].path);
    }
    if (code == MZ_OK &&
        (pipeline->certificate == NULL) != (pipeline->certificate_count == 0)) {
        mz_fail(reader->error, MZ_SCRIPT,
                "network: certificate and certificate_hosts belong together");
        code = place(reader, "network", MZ_SCRIPT);
    }
    return code;
}

static enum mz_code read_alerts(const struct mz_reader *reader,
                                const struct mizan_value *whole)
{
    struct mizan_value *alerts = &reader->pipeline->alerts;
    char path[MZ_KEY_PATH] = "alerts";
    enum mz_code code =
        read_part(reader, whole, "alerts", mz_alert_keys, MZ_ALERT_KEYS, alerts);
    if (code != MZ_OK || alerts->as.map.count == 0) {
        return code;
    }
    code = mz_alerts_check_keys(alerts, path, reader->error);
    return place(reader, path, code);
}

static enum mz_code read_keep(const struct mz_reader *reader,
                              const struct mizan_value *whole)
{
    return read_part(reader, whole, "keep", mz_keep_keys, MZ_KEEP_KEYS,
                     &reader->pipeline->keep);
}

static enum mz_code read_report(const struct mz_reader *reader,
                                const struct mizan_value *whole)
{
    const struct mizan_value *report = mz_map_member(whole, "report");
    reader->pipeline->report.type = MIZAN_LIST;
    if (report == NULL) {
        return MZ_OK;
    }
    reader->pipeline->report = *report;
    for (size_t i = 0; i < report->as.list.count; i++) {
        const struct mizan_value *entry = &report->as.list.items[i];
        const struct mizan_value *query =
            entry->type == MIZAN_MAP ? mz_map_member(entry, "query") : NULL;
        char path[32];
        if (entry->type == MIZAN_TEXT || (query != NULL && query->type == MIZAN_TEXT)) {
            continue;
        }
        snprintf(path, sizeof path, "report[%zu]", i + 1);
        enum mz_code code =
            mz_fail(reader->error, MZ_SCRIPT,
                    "%s is neither text nor a table with a query", path);
        mz_error_help(reader->error, "report = { { query = \"ratio\" } }");
        return place(reader, path, code);
    }
    return MZ_OK;
}

/* Everything but the stages. */
static enum mz_code read_keys(const struct mz_reader *reader,
                              const struct mizan_value *whole)
{
    struct mz_pipeline *pipeline = reader->pipeline;
    char path[MZ_KEY_PATH] = "";
    enum mz_code code = mz_keys_check(pipeline_keys, COUNT(pipeline_keys), whole,
                                      "mizan.pipeline", path, reader->error);
    if (code != MZ_OK) {
        return place(reader, path, code);
    }
    pipeline->polite = !mz_value_is(mz_map_member(whole, "politeness"), "off");
    pipeline->robots = !mz_value_is(mz_map_member(whole, "robots"), "off");
    pipeline->retries = !mz_value_is(mz_map_member(whole, "retries"), "off");
    pipeline->gap = duration(whole, "gap", 0);
    enum mz_code (*const parts[])(const struct mz_reader *,
                                  const struct mizan_value *) = {
        read_name,    read_about,  read_schedule, read_limits,
        read_network, read_report, read_alerts,   read_keep};
    for (size_t i = 0; code == MZ_OK && i < COUNT(parts); i++) {
        code = parts[i](reader, whole);
    }
    return code;
}

/* ---- the files and their hash ---- */

static enum mz_code read_files(const struct mz_reader *reader)
{
    const struct mz_lua *lua = reader->lua;
    struct mz_pipeline *pipeline = reader->pipeline;
    const char **files = mz_arena_alloc(reader->arena, lua->file_count * sizeof *files);
    char *digests =
        mz_arena_alloc(reader->arena, lua->file_count * (MZ_DIGEST_TEXT - 1) + 1);
    char hash[MZ_DIGEST_TEXT];
    if (files == NULL || digests == NULL) {
        return mz_fail(reader->error, MZ_MEMORY, "not enough memory for the script");
    }
    for (size_t i = 0; i < lua->file_count; i++) {
        files[i] = mz_arena_string(reader->arena, lua->files[i].path);
        memcpy(digests + i * (MZ_DIGEST_TEXT - 1), lua->files[i].digest,
               MZ_DIGEST_TEXT - 1);
        if (files[i] == NULL) {
            return mz_fail(reader->error, MZ_MEMORY,
                           "not enough memory for the script");
        }
    }
    mz_digest(digests, lua->file_count * (MZ_DIGEST_TEXT - 1), hash);
    pipeline->files = files;
    pipeline->file_count = lua->file_count;
    pipeline->file = files[0];
    pipeline->script_hash = mz_arena_string(reader->arena, hash);
    return pipeline->script_hash != NULL
               ? MZ_OK
               : mz_fail(reader->error, MZ_MEMORY, "not enough memory for the script");
}

/* ---- loading ---- */

struct load {
    const char *path;
    struct mz_reader reader;
    enum mz_code code;
};

static enum mz_code read_result(lua_State *L, struct mz_reader *reader)
{
    const struct mz_item *item = mz_test_item(L, -1);
    if (item == NULL || item->kind != MZ_ITEM_PIPELINE) {
        enum mz_code code =
            mz_fail(reader->error, MZ_SCRIPT, "the file returns %s, not a pipeline",
                    lua_isnil(L, -1) ? "nothing" : luaL_typename(L, -1));
        mz_error_help(reader->error, "end the file with return mizan.pipeline { … }");
        mz_error_place(reader->error, reader->lua->files[0].path, 0, 0, 0);
        return code;
    }
    reader->item = item;
    struct mizan_value whole;
    lua_getiuservalue(L, -1, 1);
    int table = lua_gettop(L);
    mz_to_map(L, table, reader->arena, "", "stages", &whole);
    enum mz_code code = read_keys(reader, &whole);
    if (code != MZ_OK) {
        return code;
    }
    lua_pushliteral(L, "stages");
    if (lua_rawget(L, table) != LUA_TTABLE) {
        code =
            mz_fail(reader->error, MZ_SCRIPT, "mizan.pipeline wants a list of stages");
        mz_error_help(reader->error, "stages = { fetch.… {}, store.… {} }");
        return place(reader, "stages", code);
    }
    code = mz_read_stages(reader, -1);
    if (code == MZ_OK) {
        code = mz_parameter_collect(reader->lua, reader->arena, reader->pipeline,
                                    reader->error);
    }
    return code != MZ_OK ? code : read_files(reader);
}

static int load_body(lua_State *L)
{
    struct load *load = lua_touserdata(L, 1);
    mz_source_load(L, load->path);
    lua_call(L, 0, 1);
    mz_sealed_check(L);
    load->code = read_result(L, &load->reader);
    return 0;
}

/* Absolute and without links, so that one file has one name. */
static enum mz_code resolve(struct mz_lua *lua, const char *path, char out[MZ_PATH],
                            struct mz_error *error)
{
    char folder[MZ_PATH];
    if (!mz_file_exists(path)) {
        return mz_fail(error, MZ_NO_FILE, "there is no file %s", path);
    }
    if (realpath(path, out) == NULL) {
        return mz_fail_errno(error, MZ_NO_FILE, "%s cannot be read", path);
    }
    mz_path_folder(folder, out);
    lua->script_folder = strdup(folder);
    return lua->script_folder != NULL ? MZ_OK
                                      : mz_fail(error, MZ_MEMORY, "not enough memory");
}

enum mz_code mz_lua_load_pipeline(struct mz_lua *lua, const char *path,
                                  struct mz_arena *arena, struct mz_pipeline **out,
                                  struct mz_error *error)
{
    char absolute[MZ_PATH];
    struct mz_error own;
    *out = NULL;
    if (lua->loaded) {
        return mz_fail(error, MZ_INTERNAL, "a Lua state loads one pipeline");
    }
    lua->loaded = true;
    enum mz_code code = resolve(lua, path, absolute, error);
    if (code != MZ_OK) {
        return code;
    }
    struct mz_pipeline *pipeline = mz_arena_zero(arena, sizeof *pipeline);
    if (pipeline == NULL) {
        return mz_fail(error, MZ_MEMORY, "not enough memory for the script");
    }
    struct load load = {
        absolute, {lua, arena, pipeline, NULL, error != NULL ? error : &own}, MZ_OK};
    lua->arena = arena;
    code = mz_lua_enter(lua, load_body, &load, error);
    lua->arena = NULL;
    lua->loading = false;
    if (code == MZ_OK) {
        code = load.code;
    }
    if (code == MZ_OK) {
        lua->pipeline = pipeline;
        lua->memory_limit = pipeline->memory;
        *out = pipeline;
    }
    return code;
}
