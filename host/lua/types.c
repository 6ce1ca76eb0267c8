/* Types for editors: what the module gives, from types.lua, and the keys of a pipeline
 * and of every plugin's options, from the tables that check them. */
#include "lua/types.h"

#include <string.h>

#include "lua/reader.h"
#include "value/options.h"

extern const unsigned char mz_types[];
extern const size_t mz_types_size;

static const char *type_of_key(const struct mz_key *key)
{
    switch (key->type) {
    case MZ_KEY_COUNT:
        return "integer";
    case MZ_KEY_MAP:
        return "table";
    case MZ_KEY_TEXTS:
        return "string[]";
    case MZ_KEY_LIST:
        return "any[]";
    case MZ_KEY_ANY:
        return "any";
    case MZ_KEY_TEXT:
    case MZ_KEY_DURATION:
    case MZ_KEY_SIZE:
    default:
        return "string";
    }
}

/* "a|b" as "\"a\"|\"b\"". */
static void print_choices(FILE *out, const char *choices)
{
    while (*choices != '\0') {
        size_t size = strcspn(choices, "|");
        fprintf(out, "\"%.*s\"%s", (int)size, choices, choices[size] == '|' ? "|" : "");
        choices += size + (choices[size] == '|');
    }
}

static void print_keys(FILE *out, const struct mz_key_table *table)
{
    fprintf(out, "\n---@class mizan.%s\n", table->name);
    for (size_t i = 0; i < table->count; i++) {
        const struct mz_key *key = &table->keys[i];
        bool required =
            strcmp(key->name, "name") == 0 || strcmp(key->name, "stages") == 0;
        fprintf(out, "---@field %s%s ", key->name, required ? "" : "?");
        if (key->choices != NULL) {
            print_choices(out, key->choices);
            fprintf(out, "\n");
        } else {
            bool own = key->type == MZ_KEY_MAP && mz_pipeline_table(key->name) != NULL;
            fprintf(out, "%s%s\n", own ? "mizan." : "",
                    own ? key->name : type_of_key(key));
        }
    }
}

static const char *type_of_option(const struct mizan_option *option)
{
    switch ((enum mizan_option_type)option->type) {
    case MIZAN_OPTION_BOOLEAN:
        return "boolean";
    case MIZAN_OPTION_INTEGER:
        return "integer";
    case MIZAN_OPTION_DECIMAL:
        return "mizan.decimal|integer|string";
    case MIZAN_OPTION_MAP:
        return "table<string, any>";
    case MIZAN_OPTION_SOURCES:
        return "table[]";
    case MIZAN_OPTION_TEXT:
    case MIZAN_OPTION_DURATION:
    case MIZAN_OPTION_SIZE:
    case MIZAN_OPTION_RATE:
    case MIZAN_OPTION_PATH:
    case MIZAN_OPTION_URL:
    default:
        return "string";
    }
}

static void print_option(FILE *out, const struct mizan_option *option)
{
    bool required = (option->flags & MIZAN_OPTION_REQUIRED) != 0;
    fprintf(out, "---@field %s%s ", option->name, required ? "" : "?");
    if (option->choices != NULL) {
        print_choices(out, option->choices);
    } else {
        fprintf(out, "%s", type_of_option(option));
    }
    if ((option->flags & MIZAN_OPTION_LIST) != 0) {
        fprintf(out, "|(%s)[]",
                option->choices != NULL ? "string" : type_of_option(option));
    }
    fprintf(out, " %s", option->help != NULL ? option->help : "");
    if (option->default_value != NULL) {
        fprintf(out, " (default %s)", option->default_value);
    }
    fprintf(out, "\n");
}

/* The class of the options and the function that takes them; `label`: "fetch.feed". */
static void print_schema(FILE *out, const char *label, const struct mz_schema *schema,
                         const char *summary)
{
    fprintf(out, "\n---@class mizan.%s.options\n---@field name? string of the stage\n",
            label);
    for (size_t i = 0; i < schema->count; i++) {
        struct mizan_option option = mz_schema_option(schema, i);
        print_option(out, &option);
    }
    fprintf(out,
            "\n---%s\n---@param options mizan.%s.options\n---@return mizan.stage\n"
            "function mizan.%s(options) end\n",
            summary != NULL ? summary : "", label, label);
}

enum mz_code mz_types_print(struct mz_registry *registry, struct mz_arena *arena,
                            FILE *out, struct mz_error *error)
{
    struct mz_plugin_entry *entries;
    size_t count, tables;
    enum mz_code code = mz_registry_list(registry, arena, &entries, &count, error);
    if (code != MZ_OK) {
        return code;
    }
    fwrite(mz_types, 1, mz_types_size, out);
    const struct mz_key_table *table = mz_pipeline_tables(&tables);
    for (size_t i = 0; i < tables; i++) {
        print_keys(out, &table[i]);
    }
    struct mz_stage exec = {.kind = MZ_STAGE_EXEC};
    struct mz_schema schema = mz_stage_schema(&exec);
    print_schema(out, "extract.exec", &schema,
                 "Runs a program that the project's mizan.lua allows.");
    for (size_t i = 0; i < count; i++) {
        if (entries[i].plugin != NULL) {
            schema = mz_plugin_schema(entries[i].plugin);
            print_schema(out, mz_plugin_label(entries[i].plugin), &schema,
                         mz_plugin_descriptor(entries[i].plugin)->summary);
        }
    }
    fprintf(out, "\nreturn mizan\n");
    return MZ_OK;
}

void mz_luacheck_print(FILE *out)
{
    /* The names of scripts are Lua's own less what the sandbox leaves out. */
    static const char *const missing[] = {"debug",    "dofile",     "io", "load",
                                          "loadfile", "loadstring", "os", "package"};
    fprintf(out,
            "std = \"lua54\"\nmax_line_length = 100\nglobals = {}\nnot_globals = {");
    for (size_t i = 0; i < sizeof missing / sizeof *missing; i++) {
        fprintf(out, "%s \"%s\"", i == 0 ? "" : ",", missing[i]);
    }
    fprintf(out, " }\n");
}
