#include <stdio.h>
#include <string.h>

#include "base/buffer.h"
#include "cli/command.h"
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
        printf("%-18s refused: %s\n", strrchr(entry->path, '/') + 1, entry->refusal);
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

static int list(const struct mz_arguments *arguments,
                struct mz_environment *environment)
{
    struct mz_error error;
    struct mz_plugin_entry *entries;
    size_t count;
    bool found = false;
    bool json = mz_argument(arguments, "json") != NULL;
    const char *name = mz_operand(arguments, 1);
    if (mz_registry_list(environment->registry, environment->arena, &entries, &count,
                         &error) != MZ_OK) {
        return mz_command_fail(&error);
    }
    for (size_t i = 0; i < count; i++) {
        bool wanted =
            name == NULL || (entries[i].plugin != NULL &&
                             strcmp(name, mz_plugin_label(entries[i].plugin)) == 0);
        if (!wanted) {
            continue;
        }
        found = true;
        if (json) {
            print_json(&entries[i]);
        } else if (name != NULL) {
            print_page(&entries[i]);
        } else {
            print_line(&entries[i]);
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

int mz_command_plugin(const struct mz_arguments *arguments)
{
    struct mz_supervision supervision = {.wall_limit = 60000};
    union {
        const struct mz_arguments *in;
        void *out;
    } argument = {arguments};
    if (strcmp(mz_operand(arguments, 0), "list") != 0) {
        struct mz_error error;
        mz_fail(&error, MZ_USAGE, "mizan plugin does not know '%s'",
                mz_operand(arguments, 0));
        mz_error_help(&error, "usage: mizan plugin list [NAME]");
        return mz_command_fail(&error);
    }
    return mz_supervise(list_child, argument.out, &supervision);
}
