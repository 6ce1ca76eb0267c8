/* What can be read in the text of scripts without running them. */
#include <dirent.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "base/file.h"
#include "base/secret.h"
#include "base/text.h"
#include "cli/handover.h"
#include "run/alert_rules.h"
#include "value/json.h"
#include "value/record.h"

#define MOST_SCRIPT ((size_t)1 << 20)

struct names {
    struct mz_arena *arena;
    const char **items;
    size_t count;
};

static void add_name(struct names *names, const char *text, size_t size)
{
    char name[MZ_SECRET_NAME];
    if (text == NULL || size == 0 || size >= sizeof name) {
        return;
    }
    memcpy(name, text, size);
    name[size] = '\0';
    for (size_t i = 0; i < names->count; i++) {
        if (strcmp(names->items[i], name) == 0) {
            return;
        }
    }
    const char *copy = mz_secret_name_ok(name) && names->count < MZ_MOST_SECRETS
                           ? mz_arena_string(names->arena, name)
                           : NULL;
    if (copy != NULL) {
        names->items[names->count++] = copy;
    }
}

/* Options of the names that plugins and alerts use for secrets. */
static void add_options(struct names *names, const struct mizan_value *map)
{
    static const char *const keys[] = {"secret", "token", "bearer", "password_secret"};
    for (size_t i = 0; map != NULL && map->type == MIZAN_MAP && i < map->as.map.count;
         i++) {
        const struct mizan_field *field = &map->as.map.fields[i];
        for (size_t k = 0; k < sizeof keys / sizeof keys[0]; k++) {
            if (strcmp(field->name.data, keys[k]) == 0 &&
                field->value.type == MIZAN_TEXT) {
                add_name(names, field->value.as.text.data, field->value.as.text.size);
            }
        }
        add_options(names, &field->value);
    }
}

static void add_alerts(struct names *names, const struct mz_loaded *loaded)
{
    struct mz_buffer rules;
    struct mizan_value map;
    mz_buffer_init(&rules, MOST_SCRIPT);
    mz_alert_rules_json(loaded, &rules);
    if (rules.size > 0 && mz_buffer_ok(&rules) &&
        mz_json_parse(names->arena, rules.data, rules.size, &map, NULL) == MZ_OK) {
        const struct mizan_value *to = mz_map_member(&map, "to");
        for (size_t i = 0; to != NULL && i < to->as.list.count; i++) {
            add_options(names, &to->as.list.items[i]);
        }
    }
    mz_buffer_finish(&rules);
}

/* mizan.secret "NAME", mizan.secret("NAME"), mizan.secret { name = "NAME", … } */
static void add_script(struct names *names, const char *text)
{
    for (const char *at = strstr(text, "mizan.secret"); at != NULL;
         at = strstr(at + 1, "mizan.secret")) {
        const char *word = at + strlen("mizan.secret");
        word += strspn(word, " \t\r\n(");
        if (*word == '{') {
            const char *name = strstr(word, "name");
            const char *end = strchr(word, '}');
            word = name != NULL && (end == NULL || name < end)
                       ? name + strlen("name") + strspn(name + 4, " \t\r\n=")
                       : word;
        }
        if (*word == '"' || *word == '\'') {
            const char quote[] = {*word, '\0'};
            add_name(names, word + 1, strcspn(word + 1, quote));
        }
    }
}

size_t mz_named_secrets(const struct mz_loaded *loaded, struct mz_arena *arena,
                        const char *items[MZ_MOST_SECRETS])
{
    struct names names = {arena, items, 0};
    const struct mz_pipeline *pipeline = loaded->pipeline;
    for (size_t i = 0; i < pipeline->stage_count; i++) {
        add_options(&names, &pipeline->stages[i].given);
    }
    add_alerts(&names, loaded);
    for (size_t i = 0; i < pipeline->file_count; i++) {
        char *text = NULL;
        size_t size = 0;
        if (mz_file_read(pipeline->files[i], MOST_SCRIPT, &text, &size, NULL) ==
            MZ_OK) {
            add_script(&names, text);
        }
        free(text);
    }
    return names.count;
}

/* ---- tests ---- */

/* The texts of t.case("…", …). */
static void print_cases(const char *text)
{
    for (const char *at = strstr(text, ".case("); at != NULL;
         at = strstr(at + 1, ".case(")) {
        const char *word = at + strlen(".case(");
        if (*word == '"' || *word == '\'') {
            const char quote[] = {*word, '\0'};
            printf("  - %.*s\n", (int)strcspn(word + 1, quote), word + 1);
        }
    }
}

static bool print_file(const char *folder, const char *name, const char *pipeline)
{
    char path[MZ_PATH];
    char *text = NULL;
    size_t size = 0;
    bool speaks = mz_path_join(path, folder, name) &&
                  mz_file_read(path, MOST_SCRIPT, &text, &size, NULL) == MZ_OK &&
                  strstr(text, pipeline) != NULL;
    if (speaks) {
        printf("- `mizan test %s`\n", name);
        print_cases(text);
    }
    free(text);
    return speaks;
}

void mz_print_tests(const struct mz_pipeline *pipeline)
{
    char folder[MZ_PATH];
    bool any = false;
    const struct dirent *entry;
    mz_path_folder(folder, pipeline->file);
    DIR *entries = opendir(folder);
    /* NOLINTNEXTLINE(concurrency-mt-unsafe): no other thread has this stream */
    while (entries != NULL && (entry = readdir(entries)) != NULL) {
        if (mz_ends_with(entry->d_name, "_test.lua") &&
            print_file(folder, entry->d_name, mz_path_name(pipeline->file))) {
            any = true;
        }
    }
    if (entries != NULL) {
        closedir(entries);
    }
    if (!any) {
        printf("None. `mizan dead keep ID` makes the first one of a failure.\n");
    }
}
