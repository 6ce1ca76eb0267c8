/* Makes language packs (../packs/README.md) of the data of ICU and CLDR. Build time
 * only. lexicon_generate --data FOLDER [--hand FOLDER] [--report FILE] --out FOLDER
 * --data  the lists that steer it (stops.list and its siblings)
 * --hand  where the hand-written packs are: a language that has one gets no [language]
 *         section, and its number words are learned under the properties of that pack
 * Writes TAG.icu.pack for each language and und.icu.pack; the same input gives the same
 * bytes. */
#include <errno.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

#include <unicode/ucurr.h>
#include <unicode/uenum.h>
#include <unicode/uloc.h>
#include <unicode/ustring.h>

#include "language.h"

struct options {
    const char *data, *hand, *out, *report;
};

struct locales {
    char **names; /* of ICU, sorted */
    size_t name_count;
};

static int compare_names(const void *left, const void *right)
{
    const char *const *a = left;
    const char *const *b = right;
    return strcmp(*a, *b);
}

static void list_locales(struct locales *locales, struct pool *pool)
{
    UErrorCode status = U_ZERO_ERROR;
    UEnumeration *names = uloc_openAvailableByType(ULOC_AVAILABLE_DEFAULT, &status);
    const char *name;
    while ((name = uenum_next(names, NULL, &status))) {
        locales->names =
            array_room(locales->names, locales->name_count, sizeof *locales->names);
        locales->names[locales->name_count++] = pool_copy(pool, name, strlen(name));
    }
    uenum_close(names);
    if (locales->name_count > 0) {
        qsort(locales->names, locales->name_count, sizeof *locales->names,
              compare_names);
    }
}

static void set_locales(struct language *language, const struct locales *all)
{
    size_t length = strlen(language->tag);
    const struct list_line *parents =
        list_line_of(&language->steering->parents, language->tag);
    size_t parent_count = parents ? parents->count : 0;
    language->locales = pool_take(language->pool, (all->name_count + parent_count + 1) *
                                                      sizeof *language->locales);
    language->locales[language->locale_count++] = language->tag;
    for (size_t i = 0; i < parent_count; i++) {
        language->locales[language->locale_count++] = parents->entries[i];
    }
    for (size_t i = 0; i < all->name_count; i++) {
        const char *name = all->names[i];
        if (strncmp(name, language->tag, length) == 0 && name[length] == '_') {
            language->locales[language->locale_count++] = name;
        }
    }
}

static void set_currency(struct language *language)
{
    char likely[64];
    UChar code[8] = {0};
    UErrorCode status = U_ZERO_ERROR;
    uloc_addLikelySubtags(language->tag, likely, sizeof likely, &status);
    ucurr_forLocale(likely, code, 8, &status);
    language->currency = U_SUCCESS(status) ? utf8_of(language->pool, code, -1) : "";
}

static void set_hand(struct language *language, const char *folder)
{
    if (!folder) {
        return;
    }
    size_t room = strlen(folder) + strlen(language->tag) + 16;
    char *path = pool_take(language->pool, room);
    char path_of_shared[4096];
    snprintf(path, room, "%s/%s.pack", folder, language->tag);
    if (access(path, R_OK) == 0) {
        language->hand = path;
        hand_forms_read(&language->hand_forms, language->pool, path);
    }
    snprintf(path_of_shared, sizeof path_of_shared, "%s/und.pack", folder);
    hand_forms_read(&language->shared_forms, language->pool, path_of_shared);
}

static bool write_language(struct language *language, const struct options *options)
{
    char path[4096];
    bool shared = strcmp(language->tag, "und") == 0;
    const char *properties =
        language->hand || shared ? NULL : language_properties(language);
    snprintf(path, sizeof path, "%s/%s.icu.pack", options->out, language->tag);
    bool good = writer_write(&language->writer, path, properties);
    words_finish(&language->words);
    writer_finish(&language->writer);
    hand_forms_finish(&language->hand_forms);
    hand_forms_finish(&language->shared_forms);
    pool_finish(language->pool);
    return good;
}

static void init_language(struct language *language, struct pool *pool, const char *tag,
                          const struct steering *steering)
{
    memset(language, 0, sizeof *language);
    language->tag = tag;
    language->pool = pool;
    language->steering = steering;
    language->writer.pool = pool;
    language->writer.tag = tag;
    language->writer.stops = &steering->stops;
    language->writer.weak = &steering->weak;
    language->writer.functions = &steering->evidence;
    language->writer.hand = &language->hand_forms;
    language->writer.shared = &language->shared_forms;
    words_init(&language->words, pool);
    language->words.taboo = hand_forms_forbid;
    language->words.taboo_user = &language->hand_forms;
}

static void add_evidence(struct language *language)
{
    const struct list_line *words =
        list_line_of(&language->steering->evidence, language->tag);
    for (size_t i = 0; words && !language->hand && i < words->count; i++) {
        writer_add(&language->writer, SECTION_EVIDENCE, words->entries[i], NULL, 0);
    }
}

static bool make_language(const char *tag, const struct steering *steering,
                          const struct locales *locales, const struct options *options,
                          FILE *report)
{
    struct pool pool = {NULL};
    struct language language;
    init_language(&language, &pool, tag, steering);
    set_locales(&language, locales);
    set_currency(&language);
    set_hand(&language, options->hand);
    read_hand_properties(&language);
    add_numbers(&language, report);
    add_ordinals(&language);
    add_compact_scales(&language);
    add_calendar(&language);
    add_units(&language);
    add_money(&language);
    add_evidence(&language);
    return write_language(&language, options);
}

static bool make_shared(const struct steering *steering, const struct options *options)
{
    struct pool pool = {NULL};
    struct language language;
    init_language(&language, &pool, "und", steering);
    const char *locale = "root";
    language.locales = &locale;
    language.locale_count = 1;
    language.currency = "";
    set_hand(&language, options->hand);
    add_codes(&language);
    return write_language(&language, options);
}

static bool read_options(int argc, char **argv, struct options *options)
{
    struct {
        const char *name;
        const char **value;
    } known[] = {{"--data", &options->data},
                 {"--hand", &options->hand},
                 {"--out", &options->out},
                 {"--report", &options->report}};
    for (int i = 1; i < argc; i += 2) {
        bool found = false;
        for (size_t k = 0; k < sizeof known / sizeof known[0]; k++) {
            if (strcmp(argv[i], known[k].name) == 0 && i + 1 < argc) {
                *known[k].value = argv[i + 1];
                found = true;
            }
        }
        if (!found) {
            return false;
        }
    }
    return options->data && options->out;
}

static void read_steering(struct steering *steering, struct pool *pool,
                          const char *folder)
{
    list_read(&steering->languages, pool, folder, "languages.list");
    list_read(&steering->parents, pool, folder, "parents.list");
    list_read(&steering->stops, pool, folder, "stops.list");
    list_read(&steering->weak, pool, folder, "weak.list");
    list_read(&steering->units, pool, folder, "units.list");
    list_read(&steering->families, pool, folder, "families.list");
    list_read(&steering->legacy, pool, folder, "currencies.list");
    list_read(&steering->rules, pool, folder, "rules.list");
    list_read(&steering->properties, pool, folder, "properties.list");
    list_read(&steering->evidence, pool, folder, "evidence.list");
}

static void finish_steering(struct steering *steering)
{
    list_finish(&steering->languages);
    list_finish(&steering->parents);
    list_finish(&steering->stops);
    list_finish(&steering->weak);
    list_finish(&steering->units);
    list_finish(&steering->families);
    list_finish(&steering->legacy);
    list_finish(&steering->rules);
    list_finish(&steering->properties);
    list_finish(&steering->evidence);
}

int main(int argc, char **argv)
{
    struct options options = {NULL, NULL, NULL, NULL};
    if (!read_options(argc, argv, &options)) {
        fputs("usage: lexicon_generate --data FOLDER [--hand FOLDER] [--report FILE]"
              " --out FOLDER\n",
              stderr);
        return 64;
    }
    if (mkdir(options.out, 0777) != 0 && errno != EEXIST) {
        fprintf(stderr, "lexicon_generate: cannot make the folder %s: %s\n",
                options.out, strerror(errno));
        return 73;
    }
    FILE *report = fopen(options.report ? options.report : "/dev/null", "w");
    if (!report) {
        fprintf(stderr, "lexicon_generate: cannot write %s: %s\n", options.report,
                strerror(errno));
        return 73;
    }
    struct pool pool = {NULL};
    struct steering steering;
    struct locales locales = {NULL, 0};
    read_steering(&steering, &pool, options.data);
    list_locales(&locales, &pool);
    bool good = make_shared(&steering, &options);
    size_t count = 0;
    for (size_t i = 0; i < steering.languages.count; i++) {
        const struct list_line *line = &steering.languages.lines[i];
        for (size_t k = 0; k < line->count && good; k++, count++) {
            good =
                make_language(line->entries[k], &steering, &locales, &options, report);
        }
    }
    good = fclose(report) == 0 && good;
    printf("%s: packs of %zu languages\n", options.out, count);
    free(locales.names);
    finish_steering(&steering);
    pool_finish(&pool);
    return good ? 0 : 73;
}
