#include "pack.h"

#include <errno.h>
#include <stdarg.h>
#include <stdlib.h>
#include <string.h>

#include "fold.h"

enum { FORM_ROOM = 512, EXPANSIONS = 4096 };

static const struct {
    const char *section;
    int role;
} sections[] = {
#define XX(name, section) {section, ROLE_##name},
    LEXICON_ROLES(XX)
#undef XX
};

void *pack_room(void *array, size_t count, size_t size)
{
    if (count & (count - 1)) {
        return array;
    }
    void *grown = realloc(array, (count ? count * 2 : 1) * size);
    if (!grown) {
        fputs("lexicon_compile: out of memory\n", stderr);
        exit(70);
    }
    return grown;
}

static char *copy(const char *text, size_t length)
{
    char *out = pack_room(NULL, 0, length + 1);
    memcpy(out, text, length);
    out[length] = '\0';
    return out;
}

bool pack_error(const struct pack_line *line, const char *format, ...)
{
    fprintf(stderr, "%s:%u: ", line->path, line->line);
    va_list list;
    va_start(list, format);
    vfprintf(stderr, format, list);
    va_end(list);
    fputc('\n', stderr);
    return false;
}

uint16_t pack_add_value(struct pack_set *set, struct lexicon_value value)
{
    for (size_t i = 0; i < set->value_count; i++) {
        if (set->values[i].coefficient == value.coefficient &&
            set->values[i].exponent == value.exponent &&
            set->values[i].denominator == value.denominator) {
            return (uint16_t)i;
        }
    }
    if (set->value_count == 65535) {
        fputs("lexicon_compile: more than 65,535 different values\n", stderr);
        exit(70);
    }
    set->values = pack_room(set->values, set->value_count, sizeof *set->values);
    set->values[set->value_count] = value;
    return (uint16_t)set->value_count++;
}

uint16_t pack_add_string(struct pack_set *set, const char *text)
{
    for (size_t i = 0; i < set->string_count; i++) {
        if (strcmp(set->strings[i], text) == 0) {
            return (uint16_t)i;
        }
    }
    if (set->string_count == 65535) {
        fputs("lexicon_compile: more than 65,535 different texts\n", stderr);
        exit(70);
    }
    set->strings = pack_room(set->strings, set->string_count, sizeof *set->strings);
    set->strings[set->string_count] = copy(text, strlen(text));
    return (uint16_t)set->string_count++;
}

static uint8_t add_language(struct pack_set *set, const char *tag, size_t length)
{
    for (size_t i = 0; i < set->language_count; i++) {
        const char *known = set->languages[i].record.tag;
        if (strlen(known) == length && memcmp(known, tag, length) == 0) {
            return (uint8_t)i;
        }
    }
    if (set->language_count == 128 || length >= sizeof set->languages[0].record.tag) {
        fputs("lexicon_compile: more than 127 languages, or a tag over 11 bytes\n",
              stderr);
        exit(70);
    }
    set->languages =
        pack_room(set->languages, set->language_count, sizeof *set->languages);
    struct pack_language *language = &set->languages[set->language_count];
    memset(language, 0, sizeof *language);
    memcpy(language->record.tag, tag, length);
    language->record.flags = LANGUAGE_SPACES;
    language->record.decimal = '.';
    language->record.scripts = 1u << SCRIPT_LATIN;
    return (uint8_t)set->language_count++;
}

void pack_init(struct pack_set *set)
{
    memset(set, 0, sizeof *set);
    add_language(set, "und", 3);
    pack_add_value(set, (struct lexicon_value){0, 0, 1});
    pack_add_string(set, "");
}

void pack_finish(struct pack_set *set)
{
    for (size_t i = 0; i < set->entry_count; i++) {
        free(set->entries[i].key);
    }
    for (size_t i = 0; i < set->language_count; i++) {
        for (size_t k = 0; k < PACK_LISTS; k++) {
            free(set->languages[i].lists[k]);
        }
    }
    for (size_t i = 0; i < set->string_count; i++) {
        free(set->strings[i]);
    }
    free(set->entries);
    free(set->languages);
    free(set->values);
    free(set->strings);
}

size_t pack_fold(const char *form, size_t length, char *out, size_t room)
{
    size_t used = fold_text((const unsigned char *)form, length, (unsigned char *)out,
                            room - 1, NULL);
    if (used == (size_t)-1) {
        return used;
    }
    size_t first = 0;
    while (first < used && out[first] == ' ') {
        first++;
    }
    while (used > first && out[used - 1] == ' ') {
        used--;
    }
    memmove(out, out + first, used - first);
    used -= first;
    out[used] = '\0';
    return used;
}

void pack_add(struct pack_line *line, const char *key, size_t length,
              struct lexicon_sense sense)
{
    struct pack_set *set = line->set;
    set->entries = pack_room(set->entries, set->entry_count, sizeof *set->entries);
    struct pack_entry *entry = &set->entries[set->entry_count];
    entry->key = copy(key, length);
    for (size_t i = 0; i < length; i++) {
        if (entry->key[i] == '-') {
            entry->key[i] = ' ';
        }
    }
    entry->key_length = (uint32_t)length;
    entry->sense = sense;
    entry->sense.language = line->language;
    entry->sense.role = (uint8_t)line->role;
    entry->order = (uint32_t)set->entry_count++;
}

/* A number word that is worth a power of ten multiplies. */
static void add_number(struct pack_line *line, const char *key, size_t length,
                       struct lexicon_sense sense)
{
    const struct lexicon_value *value = &line->set->values[sense.value];
    int64_t coefficient = value->coefficient;
    int exponent = value->exponent;
    while (coefficient && coefficient % 10 == 0) {
        coefficient /= 10;
        exponent++;
    }
    uint32_t flags = line->set->languages[line->language].record.flags;
    int least = flags & (LANGUAGE_MYRIAD | LANGUAGE_TEN_SCALE) ? 1 : 2;
    bool scale = coefficient == 1 && exponent >= least && value->denominator == 1;
    int role = line->role;
    line->role = scale ? ROLE_SCALE : ROLE_NUMBER;
    pack_add(line, key, length, sense);
    line->role = role;
}

/* Adds the pieces of `between # and #`; each knows the frame and its place in it. */
static bool add_frame(struct pack_line *line, const char *key, size_t length,
                      struct lexicon_sense sense)
{
    struct pack_language *language = &line->set->languages[line->language];
    const char *first = memchr(key, '#', length);
    size_t rest = length - (size_t)(first + 1 - key);
    const char *second = memchr(first + 1, '#', rest);
    if (!second || language->frames == 64) {
        return pack_error(line,
                          "a frame has two `#`, and a language at most 64 frames");
    }
    sense.text = (uint16_t)language->frames++;
    const char *starts[3] = {key, first + 1, second + 1};
    const char *ends[3] = {first, second, key + length};
    const unsigned places[3] = {ATTR_OPEN, ATTR_MIDDLE, ATTR_CLOSE};
    bool opened = false;
    for (int i = 0; i < 3; i++) {
        while (starts[i] < ends[i] && *starts[i] == ' ') {
            starts[i]++;
        }
        while (starts[i] < ends[i] && ends[i][-1] == ' ') {
            ends[i]--;
        }
        if (starts[i] == ends[i]) {
            continue;
        }
        struct lexicon_sense piece = sense;
        unsigned bits = places[i];
        opened = opened || i == 0 || (i == 1 && starts[2] < ends[2]);
        if (i == 1 && opened) {
            bits |= ATTR_NEEDS;
        }
        piece.attributes = (uint16_t)(piece.attributes | bits);
        pack_add(line, starts[i], (size_t)(ends[i] - starts[i]), piece);
    }
    return true;
}

static bool add_form(struct pack_line *line, const char *form,
                     struct lexicon_sense sense)
{
    char key[FORM_ROOM];
    while (*form == ' ') {
        form++;
    }
    bool suffix = *form == '-' && form[1] != '\0';
    size_t mark = suffix ? 1 : 0;
    key[0] = LEXICON_SUFFIX_MARK;
    form += mark;
    size_t length = pack_fold(form, strlen(form), key + mark, sizeof key - mark);
    if (length == 0 || length == (size_t)-1) {
        return pack_error(line, "a form is empty or too long");
    }
    bool frames = line->role == ROLE_RANGE || line->role == ROLE_RATIO;
    if (frames && memchr(key, '#', length)) {
        return add_frame(line, key, length, sense);
    }
    if (length > 1 && key[mark + length - 1] == '#') {
        sense.attributes |= ATTR_BEFORE;
        length -= length > 2 && key[mark + length - 2] == ' ' ? 2 : 1;
    } else if (length > 2 && key[mark] == '#') {
        size_t drop = key[mark + 1] == ' ' ? 2 : 1;
        sense.attributes |= ATTR_AFTER;
        memmove(key + mark, key + mark + drop, length - drop);
        length -= drop;
    }
    if (suffix) {
        sense.attributes |= ATTR_SUFFIX;
    }
    if (line->role == ROLE_NUMBER) {
        add_number(line, key, length + mark, sense);
    } else {
        pack_add(line, key, length + mark, sense);
    }
    return true;
}

/* The forms that `(x/y)` and `{x/y}` stand for. `done` holds what has been expanded. */
static bool expand(struct pack_line *line, char *done, size_t used, const char *rest,
                   struct lexicon_sense sense)
{
    size_t plain = strcspn(rest, "({");
    if (used + plain + 1 >= FORM_ROOM) {
        return pack_error(line, "a form is too long");
    }
    memcpy(done + used, rest, plain);
    used += plain;
    done[used] = '\0';
    if (rest[plain] == '\0') {
        return add_form(line, done, sense);
    }
    bool optional = rest[plain] == '(';
    const char *choice = rest + plain + 1;
    const char *end = strchr(choice, optional ? ')' : '}');
    if (!end) {
        return pack_error(line, "a bracket is not closed in `%s`", rest);
    }
    if (optional && !expand(line, done, used, end + 1, sense)) {
        return false;
    }
    while (choice <= end) {
        size_t length = strcspn(choice, optional ? "/)" : "/}");
        if (used + length + 1 >= FORM_ROOM) {
            return pack_error(line, "a form is too long");
        }
        memcpy(done + used, choice, length);
        if (!expand(line, done, used + length, end + 1, sense)) {
            return false;
        }
        choice += length + 1;
    }
    return true;
}

static void add_evidence(struct pack_line *line, const char *form)
{
    char key[FORM_ROOM];
    size_t length = pack_fold(form, strlen(form), key, sizeof key);
    if (length > 0 && length <= 8) {
        pack_add(line, key, length, (struct lexicon_sense){0});
    }
}

static bool read_entry(struct pack_line *line, char *text)
{
    struct lexicon_sense sense = {0};
    char *equals = strstr(text, " = ");
    line->value = NULL;
    if (equals) {
        *equals = '\0';
        line->value = equals + 3;
    }
    if (line->role == -1) {
        return equals ? pack_property(line, text, line->value)
                      : pack_error(line, "a property is written `key = value`");
    }
    if (!pack_value(line, &sense)) {
        return false;
    }
    char *saved = NULL;
    for (char *form = strtok_r(text, "|", &saved); form;
         form = strtok_r(NULL, "|", &saved)) {
        char done[FORM_ROOM];
        if (line->role == ROLE_EVIDENCE) {
            add_evidence(line, form);
            continue;
        }
        if (!expand(line, done, 0, form, sense)) {
            return false;
        }
    }
    return true;
}

static bool read_section(struct pack_line *line, char *text)
{
    char *end = strchr(text, ']');
    if (!end || end[1] != '\0') {
        return pack_error(line, "a section is written `[name]`");
    }
    *end = '\0';
    if (strcmp(text + 1, "language") == 0) {
        line->role = -1;
        return true;
    }
    for (size_t i = 0; i < sizeof sections / sizeof sections[0]; i++) {
        if (strcmp(sections[i].section, text + 1) == 0) {
            line->role = sections[i].role;
            return true;
        }
    }
    return pack_error(line, "there is no section [%s]", text + 1);
}

static bool read_line(struct pack_line *line, char *text)
{
    size_t length = strcspn(text, "\r\n");
    while (length > 0 && (text[length - 1] == ' ' || text[length - 1] == '\t')) {
        length--;
    }
    text[length] = '\0';
    while (*text == ' ' || *text == '\t') {
        text++;
    }
    if (*text == '\0' || *text == '#') {
        /* a form may start with a slot: `# to #` */
        bool frame =
            *text == '#' && (line->role == ROLE_RANGE || line->role == ROLE_RATIO);
        if (!frame || !strchr(text + 1, '#')) {
            return true;
        }
    }
    if (*text == '[') {
        return read_section(line, text);
    }
    if (line->role == -2) {
        return pack_error(line, "this line stands before the first [section]");
    }
    return read_entry(line, text);
}

bool pack_read(struct pack_set *set, const char *path)
{
    FILE *file = fopen(path, "r");
    if (!file) {
        fprintf(stderr, "%s: %s\n", path, strerror(errno));
        return false;
    }
    const char *name = strrchr(path, '/');
    name = name ? name + 1 : path;
    struct pack_line line = {.set = set, .path = path, .role = -2};
    line.language = add_language(set, name, strcspn(name, "."));
    char *text = NULL;
    size_t room = 0;
    bool good = true;
    while (getline(&text, &room, file) >= 0) {
        line.line++;
        good = read_line(&line, text) && good;
    }
    free(text);
    fclose(file);
    return good;
}
