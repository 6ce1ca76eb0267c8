#include <stdio.h>
#include <string.h>

#include "base/buffer.h"
#include "base/file.h"
#include "cli/plugin.h"
#include "plug/probe.h"
#include "run/environment.h"
#include "run/supervise.h"
#include "value/json.h"
#include "value/options.h"

static void json_member(struct mz_buffer *out, const char *name, const char *value)
{
    mz_buffer_text(out, out->size == 0 ? "{" : ",");
    mz_json_text(out, name, strlen(name));
    mz_buffer_byte(out, ':');
    mz_json_text(out, value, strlen(value));
}

static void json_options(struct mz_buffer *out, const struct mz_plugin *plugin)
{
    struct mz_schema schema = mz_plugin_schema(plugin);
    mz_buffer_text(out, ",\"options\":[");
    for (size_t i = 0; i < schema.count; i++) {
        struct mizan_option option = mz_schema_option(&schema, i);
        struct mz_buffer one;
        mz_buffer_init(&one, (size_t)1 << 20);
        json_member(&one, "name", option.name);
        json_member(&one, "type", mz_option_type_name(&option));
        if (option.default_value != NULL) {
            json_member(&one, "default", option.default_value);
        }
        json_member(&one, "help", option.help == NULL ? "" : option.help);
        mz_buffer_printf(&one, ",\"required\":%s}",
                         (option.flags & MIZAN_OPTION_REQUIRED) != 0 ? "true"
                                                                     : "false");
        mz_buffer_text(out, i == 0 ? "" : ",");
        mz_buffer_add(out, one.data, one.size);
        mz_buffer_finish(&one);
    }
    mz_buffer_byte(out, ']');
}

static void print_json(const struct mz_plugin_entry *entry)
{
    struct mz_buffer out;
    mz_buffer_init(&out, (size_t)4 << 20);
    json_member(&out, "path", entry->path);
    if (entry->plugin == NULL) {
        json_member(&out, "refused", entry->refusal);
    } else {
        const struct mizan_plugin *plugin = mz_plugin_descriptor(entry->plugin);
        json_member(&out, "name", mz_plugin_label(entry->plugin));
        json_member(&out, "version", plugin->version);
        json_member(&out, "stability", plugin->stability);
        json_member(&out, "summary", plugin->summary);
        mz_buffer_printf(&out, ",\"abi\":\"%u.%u\"", (unsigned)plugin->abi_major,
                         (unsigned)plugin->abi_minor);
        json_options(&out, entry->plugin);
    }
    mz_buffer_text(&out, "}\n");
    if (mz_buffer_ok(&out)) {
        fwrite(out.data, 1, out.size, stdout);
    }
    mz_buffer_finish(&out);
}

static void print_line(const struct mz_plugin_entry *entry)
{
    if (entry->plugin == NULL) {
        printf("%-18s refused: %s\n", mz_path_name(entry->path), entry->refusal);
        return;
    }
    const struct mizan_plugin *plugin = mz_plugin_descriptor(entry->plugin);
    printf("%-18s %-8s %-12s %s\n", mz_plugin_label(entry->plugin), plugin->version,
           plugin->stability, plugin->summary);
}

static void print_page(const struct mz_plugin_entry *entry)
{
    struct mz_schema schema = mz_plugin_schema(entry->plugin);
    print_line(entry);
    printf("  %s\n", entry->path);
    mz_schema_help(&schema, stdout);
}

/* The longest that looking at one file may take, in milliseconds. */
#define LOOK_LIMIT 60000

/* Looking at one file of the search path. */
struct look {
    const struct mz_arguments *arguments;
    struct mz_environment *environment;
    const char *file;
};

struct seen {
    bool found;
    int status; /* of the output */
    struct mz_error error;
};

static void print_entry(const struct mz_plugin_entry *entry, bool json, bool page)
{
    if (json) {
        print_json(entry);
    } else if (page && entry->plugin != NULL) {
        print_page(entry);
    } else {
        print_line(entry);
    }
}

static bool is_named(const struct mz_plugin_entry *entry, const char *name)
{
    return name == NULL ||
           (entry->plugin != NULL && strcmp(name, mz_plugin_label(entry->plugin)) == 0);
}

/* In a child of its own: loading runs the plugin's constructors. */
static void look(void *argument, void *result)
{
    const struct look *look = argument;
    struct seen *seen = result;
    struct mz_plugin_entry *entries;
    size_t count;
    const char *name = mz_operand(look->arguments, 1);
    if (mz_registry_list_file(look->environment->registry, look->file,
                              look->environment->arena, &entries, &count,
                              &seen->error) != MZ_OK) {
        return;
    }
    for (size_t i = 0; i < count; i++) {
        if (is_named(&entries[i], name)) {
            seen->found = true;
            print_entry(&entries[i], mz_argument(look->arguments, "json") != NULL,
                        name != NULL);
        }
    }
    seen->status = mz_flush_output(0);
}

/* True when the file of that name is that of the plugin `name`: fetch.feed of
 * fetch_feed.so. */
static bool is_file_of(const char *file, const char *name)
{
    size_t length = strlen(name);
    const char *dot = strchr(name, '.');
    return dot != NULL && strlen(file) == length + 3 &&
           strncmp(file, name, (size_t)(dot - name)) == 0 &&
           strncmp(file + (dot - name) + 1, dot + 1, strlen(dot + 1)) == 0;
}

/* Prints the entries of one file; *found is set when there was one. */
static enum mz_code list_file(struct look *one, bool *found, int *status,
                              struct mz_error *error)
{
    struct seen seen = {.error = {.code = MZ_OK}};
    enum mz_code code = mz_probe(look, one, &seen, sizeof seen, LOOK_LIMIT, error);
    if (code == MZ_PLUGIN_CRASHED || code == MZ_DEADLINE) {
        char path[MZ_PATH];
        struct mz_plugin_entry entry = {.path = one->file, .refusal = error->message};
        if (mz_registry_path(one->environment->registry, one->file, path)) {
            entry.path = path;
        }
        print_entry(&entry, mz_argument(one->arguments, "json") != NULL, false);
        *found = true;
        return MZ_OK;
    }
    if (code == MZ_OK && seen.error.code != MZ_OK) {
        *error = seen.error;
        return error->code;
    }
    *found = *found || seen.found;
    *status = seen.status;
    return code;
}

static int list(const struct mz_arguments *arguments,
                struct mz_environment *environment)
{
    struct mz_error error;
    const char *const *files;
    size_t count;
    bool found = false;
    int status = 0;
    const char *name = mz_operand(arguments, 1);
    if (mz_registry_files(environment->registry, environment->arena, &files, &count,
                          &error) != MZ_OK) {
        return mz_command_fail(&error);
    }
    for (size_t i = 0; i < count; i++) {
        struct look one = {arguments, environment, files[i]};
        if (name != NULL && strchr(name, '.') != NULL && !is_file_of(files[i], name)) {
            continue;
        }
        if (list_file(&one, &found, &status, &error) != MZ_OK) {
            return mz_command_fail(&error);
        }
        if (status != 0) {
            return status;
        }
    }
    if (name != NULL && !found) {
        mz_fail(&error, MZ_NOT_FOUND, "there is no plugin named '%s'", name);
        mz_error_help(&error, "mizan plugin list shows all");
        return mz_command_fail(&error);
    }
    return 0;
}

static int list_child(void *argument, struct mz_activity *activity)
{
    struct mz_environment environment;
    struct mz_error error;
    (void)activity;
    if (mz_environment_init(&environment, NULL, NULL, &error) != MZ_OK) {
        return mz_command_fail(&error);
    }
    int status = list(argument, &environment);
    mz_environment_finish(&environment);
    return status;
}

int mz_plugin_command_list(const struct mz_arguments *arguments)
{
    struct mz_supervision supervision = {.wall_limit = 0};
    union {
        const struct mz_arguments *in;
        void *out;
    } argument = {arguments};
    return mz_supervise(list_child, argument.out, &supervision);
}
