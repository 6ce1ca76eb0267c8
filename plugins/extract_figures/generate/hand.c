#include "writer.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

/* What the hand-written packs list, so that no generated abbreviation collides with it.
 */

static const char *form_key(const void *owner, uint32_t element, size_t *length)
{
    const struct hand_forms *hand = owner;
    *length = strlen(hand->forms[element].form);
    return hand->forms[element].form;
}

bool hand_forms_have(const struct hand_forms *hand, const char *folded)
{
    return index_find(&hand->index, folded, strlen(folded), form_key, hand) >= 0;
}

bool hand_forms_forbid(const void *hand, const char *form, size_t length)
{
    const struct hand_forms *forms = hand;
    long found = index_find(&forms->index, form, length, form_key, hand);
    return found >= 0 && !forms->forms[found].number;
}

static void add_form(struct hand_forms *hand, struct pool *pool, const char *form)
{
    char *folded = folded_of(pool, form);
    if (*folded == '\0' || strchr(folded, '#')) {
        return;
    }
    long found = index_find(&hand->index, folded, strlen(folded), form_key, hand);
    if (found >= 0) {
        hand->forms[found].number = hand->forms[found].number || hand->number_section;
        return;
    }
    hand->forms = array_room(hand->forms, hand->count, sizeof *hand->forms);
    hand->forms[hand->count] = (struct hand_form){folded, hand->number_section};
    index_add(&hand->index, (uint32_t)hand->count++, form_key, hand);
}

/* Adds the forms that `(x/y)` and `{x/y}` stand for: `done` and what the rest gives. */
static void expand(struct hand_forms *hand, struct pool *pool, const char *done,
                   const char *rest)
{
    enum { FORM_BYTES = 512 };
    char form[FORM_BYTES];
    size_t plain = strcspn(rest, "({");
    const char *choice = rest + plain + 1;
    const char *end = rest[plain] ? strpbrk(choice, ")}") : NULL;
    if (!end) {
        snprintf(form, sizeof form, "%s%s", done, rest);
        add_form(hand, pool, form);
        return;
    }
    if (rest[plain] == '(') {
        snprintf(form, sizeof form, "%s%.*s", done, (int)plain, rest);
        expand(hand, pool, form, end + 1);
    }
    while (choice <= end) {
        size_t length = strcspn(choice, "/)}");
        snprintf(form, sizeof form, "%s%.*s%.*s", done, (int)plain, rest, (int)length,
                 choice);
        expand(hand, pool, form, end + 1);
        choice += length + 1;
    }
}

static void add_line(struct hand_forms *hand, struct pool *pool, char *line)
{
    char *equals = strstr(line, " = ");
    if (equals) {
        *equals = '\0';
    }
    char *saved = NULL;
    for (char *form = strtok_r(line, "|", &saved); form;
         form = strtok_r(NULL, "|", &saved)) {
        form[strcspn(form, "\r\n")] = '\0';
        expand(hand, pool, "", form + strspn(form, " "));
    }
}

static bool is_number_section(const char *line)
{
    static const char *const names[] = {"[numbers]", "[scales]", "[joiners]",
                                        "[fractions]", NULL};
    for (const char *const *name = names; *name; name++) {
        if (strncmp(line, *name, strlen(*name)) == 0) {
            return true;
        }
    }
    return false;
}

void hand_forms_read(struct hand_forms *hand, struct pool *pool, const char *path)
{
    FILE *file = fopen(path, "r");
    if (!file) {
        return;
    }
    char *line = NULL;
    size_t room = 0;
    bool inside = false;
    while (getline(&line, &room, file) >= 0) {
        if (line[0] == '[') {
            inside = strncmp(line, "[language]", 10) != 0;
            hand->number_section = is_number_section(line);
        } else if (inside && line[0] != '#') {
            add_line(hand, pool, line);
        }
    }
    free(line);
    fclose(file);
}

void hand_forms_finish(struct hand_forms *hand)
{
    free(hand->forms);
    index_finish(&hand->index);
}
