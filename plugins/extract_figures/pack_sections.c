#include "pack.h"

#include <stdlib.h>
#include <string.h>

#include "figures.h"
#include "fold.h"

struct word {
    const char *word;
    unsigned value;
};

static const struct word sides[] = {
    {"around", SIDE_AROUND}, {"below", SIDE_BELOW}, {"above", SIDE_ABOVE}, {0}};
static const struct word bounds[] = {{"at_least", FIGURES_AT_LEAST},
                                     {"more_than", FIGURES_MORE_THAN},
                                     {"at_most", FIGURES_AT_MOST},
                                     {"less_than", FIGURES_LESS_THAN},
                                     {0}};
static const struct word years[] = {{"year", YEAR_YEAR},
                                    {"decade", YEAR_DECADE},
                                    {"century", YEAR_CENTURY},
                                    {"fiscal", YEAR_FISCAL},
                                    {"quarter", YEAR_QUARTER},
                                    {"era-bc", YEAR_BC},
                                    {"hijri", YEAR_HIJRI},
                                    {"solar-hijri", YEAR_SOLAR_HIJRI},
                                    {"era-ad", YEAR_AD},
                                    {"clock", YEAR_CLOCK},
                                    {0}};
static const struct word times[] = {{"in", TIME_IN},
                                    {"since", TIME_SINCE},
                                    {"until", TIME_UNTIL},
                                    {"by", TIME_BY},
                                    {"before", TIME_BEFORE},
                                    {"after", TIME_AFTER},
                                    {0}};
static const struct word stances[] = {
    {"asserts", FIGURES_ASSERTS}, {"estimates", FIGURES_ESTIMATES},
    {"denies", FIGURES_DENIES},   {"doubts", FIGURES_DOUBTS},
    {"quotes", FIGURES_QUOTES},   {0}};
static const struct word roles[] = {{"outlet", FIGURES_OUTLET},
                                    {"agency", FIGURES_AGENCY},
                                    {"spokesperson", FIGURES_SPOKESPERSON},
                                    {"author", FIGURES_AUTHOR},
                                    {"origin", FIGURES_ORIGIN},
                                    {0}};
static const struct word hedges[] = {{"estimated", FIGURES_ESTIMATED},
                                     {"claimed", FIGURES_CLAIMED},
                                     {"unconfirmed", FIGURES_UNCONFIRMED},
                                     {"planned", FIGURES_PLANNED},
                                     {"possible", FIGURES_POSSIBLE},
                                     {"denied", FIGURES_DENIED},
                                     {0}};
static const struct word changes[] = {{"up", CHANGE_UP},
                                      {"down", CHANGE_DOWN},
                                      {"changed", CHANGE_CHANGED},
                                      {"by", CHANGE_WORD_BY},
                                      {"to", CHANGE_WORD_TO},
                                      {"from", CHANGE_WORD_FROM},
                                      {0}};
static const struct word ratios[] = {
    {"n/d", 0}, {"d/n", ATTR_SWAPPED}, {"n:d", ATTR_DIVISION}, {0}};

static const struct word general[] = {{"weak", ATTR_WEAK},
                                      {"abbr", ATTR_ABBR},
                                      {"glued", ATTR_GLUED},
                                      {"dot", ATTR_DOT},
                                      {"after", ATTR_AFTER},
                                      {"before", ATTR_BEFORE},
                                      {"both", ATTR_AFTER | ATTR_BEFORE},
                                      {0}};
static const struct word scale_words[] = {
    {"money", ATTR_MONEY}, {"lone", ATTR_LONE}, {0}};
static const struct word fraction_words[] = {
    {"adds", ATTR_ADDS}, {"adds-next", ATTR_ADDS_NEXT}, {"whole", ATTR_WHOLE}, {0}};
static const struct word bound_words[] = {{"apart", ATTR_APART}, {0}};
static const struct word vague_words[] = {{"prefix", ATTR_PREFIX}, {0}};
static const struct word percent_words[] = {
    {"x10", ATTR_TENTHS}, {"lone", ATTR_LONE}, {0}};
static const struct word money_words[] = {
    {"doubt", ATTR_DOUBT}, {"lone", ATTR_LONE}, {0}};
static const struct word unit_words[] = {{"age", ATTR_AGE},
                                         {"noun", ATTR_NOUN},
                                         {"lone", ATTR_LONE},
                                         {"small", ATTR_SMALL},
                                         {0}};
static const struct word source_words[] = {
    {"frame", ATTR_FRAME}, {"relay", ATTR_RELAY}, {0}};
static const struct word name_words[] = {{"name", ATTR_NAME}, {0}};
static const struct word hedge_words[] = {{"document", ATTR_DOCUMENT}, {0}};
static const struct word range_words[] = {{"list", ATTR_LIST}, {0}};

enum value_kind { VALUE_NONE, VALUE_NUMBER, VALUE_WORD, VALUE_TEXT };

static const struct {
    enum value_kind kind;
    bool optional;
    const struct word *words;
    const struct word *attributes;
} rules[ROLE_COUNT] = {
    [ROLE_NUMBER] = {VALUE_NUMBER, false, NULL, scale_words},
    [ROLE_SCALE] = {VALUE_NUMBER, false, NULL, scale_words},
    [ROLE_MINUS] = {VALUE_NONE, true, NULL, NULL},
    [ROLE_FRACTION] = {VALUE_NUMBER, false, NULL, fraction_words},
    [ROLE_MULTIPLE] = {VALUE_NUMBER, false, NULL, NULL},
    [ROLE_APPROX] = {VALUE_WORD, false, sides, NULL},
    [ROLE_BOUND] = {VALUE_WORD, false, bounds, bound_words},
    [ROLE_RANGE] = {VALUE_NONE, true, NULL, range_words},
    [ROLE_VAGUE] = {VALUE_NUMBER, false, NULL, vague_words},
    [ROLE_PERCENT] = {VALUE_TEXT, false, NULL, percent_words},
    [ROLE_MONEY] = {VALUE_TEXT, false, NULL, money_words},
    [ROLE_UNIT] = {VALUE_TEXT, false, NULL, unit_words},
    [ROLE_PER] = {VALUE_TEXT, true, NULL, NULL},
    [ROLE_NOUN] = {VALUE_NUMBER, true, NULL, scale_words},
    [ROLE_RATIO] = {VALUE_WORD, false, ratios, NULL},
    [ROLE_ORDINAL] = {VALUE_NUMBER, false, NULL, NULL},
    [ROLE_MONTH] = {VALUE_NUMBER, false, NULL, NULL},
    [ROLE_WEEKDAY] = {VALUE_NUMBER, true, NULL, NULL},
    [ROLE_YEAR] = {VALUE_WORD, false, years, NULL},
    [ROLE_TIME] = {VALUE_WORD, false, times, NULL},
    [ROLE_SOURCE] = {VALUE_WORD, false, stances, source_words},
    [ROLE_WHO] = {VALUE_WORD, false, roles, name_words},
    [ROLE_HEDGE] = {VALUE_WORD, false, hedges, hedge_words},
    [ROLE_CHANGE] = {VALUE_WORD, false, changes, NULL},
    [ROLE_LABEL] = {VALUE_NONE, true, NULL, name_words},
};

static const struct word *find(const struct word *words, const char *word)
{
    for (; words && words->word; words++) {
        if (strcmp(words->word, word) == 0) {
            return words;
        }
    }
    return NULL;
}

/* `15`, `1e6`, `0.5`, `1/3`, `-2` */
static bool read_value(const char *text, struct lexicon_value *value)
{
    *value = (struct lexicon_value){0, 0, 1};
    bool negative = *text == '-';
    text += negative;
    int digits = 0;
    bool point = false;
    for (; (*text >= '0' && *text <= '9') || (*text == '.' && !point); text++) {
        if (*text == '.') {
            point = true;
            continue;
        }
        value->coefficient = value->coefficient * 10 + (*text - '0');
        value->exponent -= point;
        if (++digits > 17) {
            return false;
        }
    }
    if (negative) {
        value->coefficient = -value->coefficient;
    }
    char *end = NULL;
    if (*text == 'e') {
        value->exponent += (int32_t)strtol(text + 1, &end, 10);
        text = end;
    } else if (*text == '/') {
        value->denominator = (uint32_t)strtoul(text + 1, &end, 10);
        text = end;
    }
    return digits > 0 && *text == '\0' && value->denominator > 0 &&
           value->exponent < 400 && value->exponent > -400;
}

static bool read_attribute(struct pack_line *line, const char *word,
                           struct lexicon_sense *sense)
{
    const struct word *found = find(general, word);
    if (!found) {
        found = find(rules[line->role].attributes, word);
    }
    if (found) {
        sense->attributes = (uint16_t)(sense->attributes | found->value);
        return true;
    }
    bool measured = line->role == ROLE_PERCENT || line->role == ROLE_MONEY ||
                    line->role == ROLE_UNIT;
    struct lexicon_value value;
    if (measured && strncmp(word, "part=", 5) == 0 && read_value(word + 5, &value)) {
        sense->attributes = (uint16_t)(sense->attributes | ATTR_PART);
        sense->value = pack_add_value(line->set, value);
        return true;
    }
    if (line->role == ROLE_YEAR && read_value(word, &value)) {
        sense->text = pack_add_string(line->set, word);
        return true;
    }
    return pack_error(line, "there is no attribute `%s` in this section", word);
}

static bool read_first(struct pack_line *line, const char *word,
                       struct lexicon_sense *sense)
{
    struct lexicon_value value;
    const struct word *found;
    switch (rules[line->role].kind) {
    case VALUE_NUMBER:
        if (read_value(word, &value)) {
            sense->value = pack_add_value(line->set, value);
            return true;
        }
        return pack_error(line, "`%s` is no value: write 15, 1e6, 0.5 or 1/3", word);
    case VALUE_WORD:
        found = find(rules[line->role].words, word);
        if (!found) {
            return pack_error(line, "`%s` is no value of this section", word);
        }
        if (line->role == ROLE_RATIO) {
            sense->attributes = (uint16_t)(sense->attributes | found->value);
        } else {
            sense->value = (uint16_t)found->value;
        }
        return true;
    case VALUE_TEXT:
        sense->text = pack_add_string(line->set, word);
        return true;
    case VALUE_NONE:
    default:
        return read_attribute(line, word, sense);
    }
}

bool pack_value(struct pack_line *line, struct lexicon_sense *sense)
{
    char *saved = NULL;
    char *word = line->value ? strtok_r(line->value, " \t", &saved) : NULL;
    if (!word) {
        bool needs =
            rules[line->role].kind != VALUE_NONE && !rules[line->role].optional;
        return !needs || pack_error(line, "this section needs ` = value`");
    }
    bool attribute_only = rules[line->role].optional &&
                          rules[line->role].kind == VALUE_NUMBER &&
                          (*word < '0' || *word > '9');
    bool good = attribute_only ? read_attribute(line, word, sense)
                               : read_first(line, word, sense);
    while (good && (word = strtok_r(NULL, " \t", &saved))) {
        good = read_attribute(line, word, sense);
    }
    return good;
}

static bool set_flag(struct pack_line *line, uint32_t flag, const char *value)
{
    struct lexicon_language *record = &line->set->languages[line->language].record;
    if (strcmp(value, "yes") == 0) {
        record->flags |= flag;
        return true;
    }
    record->flags &= ~flag;
    return strcmp(value, "no") == 0 ||
           pack_error(line, "`%s` is neither yes nor no", value);
}

static bool set_list(struct pack_line *line, int which, char *value)
{
    struct pack_language *language = &line->set->languages[line->language];
    char *list = NULL;
    size_t used = 0;
    char *saved = NULL;
    for (char *form = strtok_r(value, " \t", &saved); form;
         form = strtok_r(NULL, " \t", &saved)) {
        char key[64];
        size_t length = pack_fold(form, strlen(form), key, sizeof key);
        if (length == 0 || length == (size_t)-1) {
            return pack_error(line, "`%s` is too long here", form);
        }
        for (size_t i = 0; i <= length; i++) {
            list = pack_room(list, used, 1);
            list[used++] = key[i];
        }
    }
    list = pack_room(list, used, 1);
    list[used++] = '\0';
    free(language->lists[which]);
    language->lists[which] = list;
    language->list_lengths[which] = used;
    return true;
}

static bool set_scripts(struct pack_line *line, char *value)
{
    struct lexicon_language *record = &line->set->languages[line->language].record;
    record->scripts = 0;
    char *saved = NULL;
    for (char *name = strtok_r(value, " \t", &saved); name;
         name = strtok_r(NULL, " \t", &saved)) {
        script known = script_named(name, strlen(name));
        if (known == SCRIPT_NONE) {
            return pack_error(line, "`%s` is no script code", name);
        }
        record->scripts |= 1u << known;
    }
    return true;
}

static bool set_articles(struct pack_line *line, char *value)
{
    char *saved = NULL;
    line->role = ROLE_ARTICLE;
    for (char *form = strtok_r(value, " \t", &saved); form;
         form = strtok_r(NULL, " \t", &saved)) {
        char key[64];
        size_t length = pack_fold(form, strlen(form), key, sizeof key);
        if (length == 0 || length == (size_t)-1) {
            return pack_error(line, "`%s` is too long here", form);
        }
        pack_add(line, key, length, (struct lexicon_sense){0});
    }
    line->role = -1;
    return true;
}

static bool set_word(struct pack_line *line, const char *key, const char *value)
{
    struct lexicon_language *record = &line->set->languages[line->language].record;
    static const struct word orders[] = {
        {"dmy", ORDER_DMY}, {"mdy", ORDER_MDY}, {"ymd", ORDER_YMD}, {0}};
    static const struct word phrases[] = {{"first", PHRASE_FIRST},
                                          {"run", PHRASE_RUN},
                                          {"plural", PHRASE_PLURAL},
                                          {"capital", PHRASE_CAPITAL},
                                          {"adjectives", PHRASE_ADJECTIVES},
                                          {"construct", PHRASE_CONSTRUCT},
                                          {"known", PHRASE_KNOWN},
                                          {"before-verb", PHRASE_BEFORE_VERB},
                                          {0}};
    bool order = strcmp(key, "date-order") == 0;
    const struct word *found = find(order ? orders : phrases, value);
    if (!found) {
        return pack_error(line, "`%s` is no value of %s", value, key);
    }
    if (order) {
        record->date_order = (uint8_t)found->value;
    } else {
        record->noun_phrase = (uint8_t)found->value;
    }
    return true;
}

bool pack_property(struct pack_line *line, const char *key, char *value)
{
    static const struct word flags[] = {
        {"spaces", LANGUAGE_SPACES},           {"compounds", LANGUAGE_COMPOUNDS},
        {"myriad", LANGUAGE_MYRIAD},           {"ten-scale", LANGUAGE_TEN_SCALE},
        {"scale-first", LANGUAGE_SCALE_FIRST}, {"units-first", LANGUAGE_UNITS_FIRST},
        {"digits-join", LANGUAGE_DIGITS_JOIN}, {"ordinal-dot", LANGUAGE_ORDINAL_DOT},
        {"bare-years", LANGUAGE_BARE_YEARS},   {"short-tail", LANGUAGE_SHORT_TAIL},
        {"tens-joined", LANGUAGE_TENS_JOINED}, {0}};
    static const struct word lists[] = {
        {"prefixes", 0},          {"joiner-prefix", 1},
        {"suffixes", 2},          {"plural-endings", 3},
        {"adjective-endings", 4}, {"letters", 5},
        {"definite", 6},          {"name-links", 7},
        {"possessive", 8},        {"noun-links", 9},
        {"outside-starts", 10},   {"outside-endings", 11},
        {"topics", 12},           {0}};
    const struct word *found = find(flags, key);
    if (found) {
        return set_flag(line, found->value, value);
    }
    found = find(lists, key);
    if (found) {
        return set_list(line, (int)found->value, value);
    }
    if (strcmp(key, "name") == 0) {
        return true;
    }
    if (strcmp(key, "scripts") == 0) {
        return set_scripts(line, value);
    }
    if (strcmp(key, "article") == 0) {
        return set_articles(line, value);
    }
    if (strcmp(key, "date-order") == 0 || strcmp(key, "noun-phrase") == 0) {
        return set_word(line, key, value);
    }
    if (strcmp(key, "calendar") == 0) {
        return set_flag(line, LANGUAGE_SOLAR_HIJRI,
                        strcmp(value, "solar-hijri") == 0 ? "yes" : "no");
    }
    if (strcmp(key, "noun") == 0) {
        return set_flag(line, LANGUAGE_NOUN_BEFORE,
                        strcmp(value, "before") == 0 ? "yes" : "no");
    }
    if (strcmp(key, "decimal") == 0 && (*value == '.' || *value == ',')) {
        line->set->languages[line->language].record.decimal = *value;
        return true;
    }
    return pack_error(line, "there is no property `%s` with this value", key);
}
