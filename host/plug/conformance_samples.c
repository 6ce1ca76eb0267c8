/* What plugins are tried with. All types get the same fields: a plugin takes those that
 * it knows. */
#include "plug/conformance_bench.h"

#include <stdio.h>
#include <string.h>

#include "base/text.h"
#include "value/record.h"

#define HUGE_BYTES ((size_t)16 * 1024 * 1024)
/* 2025-09-03T10:00:00Z */
#define SAMPLE_TIME INT64_C(1756893600000)

static const char sentence[] = "At least 1,200 tanks worth between 3.5 and 4 million "
                               "euros were delivered in 2024, "
                               "the ministry said on Monday. ";

static const char page[] =
    "<!DOCTYPE html><html lang=\"en\"><head><meta "
    "charset=\"utf-8\"><title>Tanks</title>"
    "</head><body><article><h1>Tanks</h1><p>At least 1,200 tanks worth between 3.5 and "
    "4 million euros were delivered in 2024, the ministry said on Monday.</p></article>"
    "</body></html>\n";

static const char feed[] =
    "<?xml version=\"1.0\" encoding=\"UTF-8\"?>\n<rss version=\"2.0\"><channel>"
    "<title>Check</title><link>https://example.org/</link><item><title>One</title>"
    "<link>https://example.org/one.html</link><guid>https://example.org/one.html</guid>"
    "<pubDate>Wed, 03 Sep 2025 09:00:00 GMT</pubDate><description>At least 1,200 tanks "
    "were delivered.</description></item><item><title>Two</title>"
    "<link>https://example.org/two.html</link><guid>https://example.org/two.html</guid>"
    "<pubDate>Wed, 03 Sep 2025 09:30:00 GMT</pubDate><description>Repairs cost 4 "
    "million "
    "euros.</description></item></channel></rss>\n";

static const char rows[] = "{\"data\":[{\"id\":1,\"value\":\"9.8\"},{\"id\":2,"
                           "\"value\":\"1.19\"}],\"links\":{}}\n";

static const struct sample_field {
    const char *name;
    uint32_t type;
    const char *text; /* text, decimal, bytes */
    int64_t integer;  /* integer, time, boolean */
} fields[] = {
    {"url", MIZAN_TEXT, "https://example.org/one.html", 0},
    {"final_url", MIZAN_TEXT, "https://example.org/one.html", 0},
    {"source", MIZAN_TEXT, "check", 0},
    {"media_type", MIZAN_TEXT, "text/html", 0},
    {"charset", MIZAN_TEXT, "utf-8", 0},
    {"lang", MIZAN_TEXT, "en", 0},
    {"title", MIZAN_TEXT, "Tanks", 0},
    {"outlet", MIZAN_TEXT, "Check", 0},
    {"published", MIZAN_TIME, NULL, SAMPLE_TIME},
    {"fetched_at", MIZAN_TIME, NULL, SAMPLE_TIME},
    {"http_status", MIZAN_INTEGER, NULL, 200},
    {"body", MIZAN_BYTES, page, 0},
    {"text", MIZAN_TEXT, sentence, 0},
    {"document_id", MIZAN_TEXT, "0123456789abcdef0123456789abcdef", 0},
    {"run_id", MIZAN_TEXT, "fedcba9876543210fedcba9876543210", 0},
    {"text_sha256", MIZAN_TEXT,
     "0000000000000000000000000000000000000000000000000000000000000001", 0},
    {"text_extractor", MIZAN_TEXT, "check", 0},
    {"text_version", MIZAN_TEXT, "1", 0},
    {"extractor", MIZAN_TEXT, "check", 0},
    {"extractor_version", MIZAN_TEXT, "1", 0},
    {"start", MIZAN_INTEGER, NULL, 9},
    {"end", MIZAN_INTEGER, NULL, 14},
    {"kind", MIZAN_TEXT, "count", 0},
    {"bound", MIZAN_TEXT, "at_least", 0},
    {"confidence", MIZAN_DECIMAL, "0.9", 0},
    {"value", MIZAN_DECIMAL, "1200", 0},
    {"low", MIZAN_DECIMAL, "1200", 0},
    {"noun", MIZAN_TEXT, "tanks", 0},
    {"id", MIZAN_TEXT, "row-1", 0},
};
#define FIELDS (sizeof fields / sizeof fields[0])

static struct mizan_value field_value(const struct sample_field *field)
{
    switch ((int)field->type) {
    case MIZAN_TEXT:
        return mz_text(field->text);
    case MIZAN_BYTES:
        return mz_bytes(field->text, strlen(field->text));
    case MIZAN_DECIMAL:
        return mz_decimal_text(field->text, strlen(field->text));
    case MIZAN_TIME:
        return mz_time(field->integer);
    default:
        return mz_integer(field->integer);
    }
}

static struct mizan_value blank(const struct sample_field *field)
{
    struct mizan_value value = field_value(field);
    if (value.type == MIZAN_TEXT || value.type == MIZAN_BYTES) {
        value.as.text.size = 0;
    } else if (value.type == MIZAN_DECIMAL) {
        value = mz_decimal_text("0", 1);
    } else {
        value.as.integer = 0;
    }
    return value;
}

/* What a field may hold when a script or a stranger's stage filled it. */
static struct mizan_value malformed(const struct sample_field *field, size_t turn)
{
    static const char broken[] = "\xff\xfe\x80 a\0b \xed\xa0\x80\xf8\x88\x80\x80\x80";
    static const struct mizan_value item = {.type = MIZAN_INTEGER, .as.integer = -1};
    switch (turn % 6) {
    case 0: {
        /* To whoever takes it for text without asking: 4 KiB at no address. */
        struct mizan_value value = {.type = MIZAN_INTEGER, .as.text = {NULL, 4096}};
        value.as.integer = INT64_MIN;
        return value;
    }
    case 1: {
        struct mizan_value list = {.type = MIZAN_LIST, .as.list = {&item, 1}};
        return list;
    }
    case 2:
        return mz_text_slice("", 0);
    case 3:
        return mz_double(1e308);
    case 4:
        return mz_boolean(true);
    default:
        return field->type == MIZAN_BYTES || field->type == MIZAN_TEXT
                   ? mz_bytes(broken, sizeof broken - 1)
                   : mz_text("none");
    }
}

static bool huge(struct mz_bench_call *call, const struct sample_field *field,
                 struct mizan_value *value)
{
    *value = field_value(field);
    if (strcmp(field->name, "text") != 0 && strcmp(field->name, "body") != 0) {
        return true;
    }
    char *data = mz_arena_alloc(call->arena, HUGE_BYTES);
    size_t piece = value->as.text.size;
    if (data == NULL) {
        return false;
    }
    /* Whole pieces, so that the end is no broken sentence or tag. */
    size_t count = HUGE_BYTES / piece;
    for (size_t i = 0; i < count; i++) {
        memcpy(data + i * piece, value->as.text.data, piece);
    }
    value->as.text = (struct mizan_slice){data, count * piece};
    return true;
}

struct mizan_record *mz_sample_record(struct mz_bench_call *call, const char *type,
                                      enum mz_sample sample)
{
    struct mizan_record *record = mz_record_create(call->arena, type);
    for (size_t i = 0; record != NULL && sample != MZ_SAMPLE_EMPTY && i < FIELDS; i++) {
        struct mizan_value value = field_value(&fields[i]);
        if (sample == MZ_SAMPLE_BLANK) {
            value = blank(&fields[i]);
        } else if (sample == MZ_SAMPLE_MALFORMED) {
            value = malformed(&fields[i], i + (size_t)call->nth);
        } else if (sample == MZ_SAMPLE_HUGE && !huge(call, &fields[i], &value)) {
            return NULL;
        }
        if (strcmp(type, "source") == 0 && strcmp(fields[i].name, "url") == 0 &&
            sample == MZ_SAMPLE_ORDINARY) {
            value = mz_text("https://example.org/feed.xml");
        }
        if (mz_record_put(record, fields[i].name, &value) != MIZAN_OK) {
            return NULL;
        }
    }
    return record;
}

struct mizan_slice mz_sample_answer(const char *url, const char **media_type)
{
    if (strstr(url, "feed") != NULL || mz_ends_with(url, ".xml")) {
        *media_type = "application/rss+xml";
        return (struct mizan_slice){feed, sizeof feed - 1};
    }
    if (mz_ends_with(url, "json")) {
        *media_type = "application/json";
        return (struct mizan_slice){rows, sizeof rows - 1};
    }
    *media_type = "text/html";
    return (struct mizan_slice){page, sizeof page - 1};
}

/* ---- options ---- */

static struct mizan_value number_value(const struct mizan_option *option)
{
    int64_t number = 1;
    if (option->minimum != NULL && !mz_parse_integer(option->minimum, &number)) {
        number = 1;
    }
    return mz_integer(number);
}

/* A value that an option of this type takes. */
static struct mizan_value plausible(struct mz_bench *bench,
                                    const struct mizan_option *option)
{
    static const struct mizan_field source_fields[] = {
        {{"id", 2}, {.type = MIZAN_TEXT, .as.text = {"check", 5}}},
        {{"url", 3},
         {.type = MIZAN_TEXT, .as.text = {"https://example.org/feed.xml", 28}}}};
    static const struct mizan_value source = {.type = MIZAN_MAP,
                                              .as.map = {source_fields, 2}};
    struct mizan_value value = {.type = MIZAN_MAP};
    switch ((int)option->type) {
    case MIZAN_OPTION_BOOLEAN:
        return mz_boolean(true);
    case MIZAN_OPTION_INTEGER:
        return number_value(option);
    case MIZAN_OPTION_DECIMAL:
        return mz_text(option->minimum == NULL ? "1" : option->minimum);
    case MIZAN_OPTION_DURATION:
        return mz_text(option->minimum == NULL ? "1s" : option->minimum);
    case MIZAN_OPTION_SIZE:
        return mz_text(option->minimum == NULL ? "1M" : option->minimum);
    case MIZAN_OPTION_RATE:
        return mz_text("1/1s");
    case MIZAN_OPTION_PATH:
        return mz_text(bench->input);
    case MIZAN_OPTION_URL:
        return mz_text("https://example.org/feed.xml");
    case MIZAN_OPTION_MAP:
        return value;
    case MIZAN_OPTION_SOURCES:
        value.type = MIZAN_LIST;
        value.as.list = (struct mizan_list){&source, 1};
        return value;
    default:
        break;
    }
    return option->choices == NULL
               ? mz_text("check")
               : mz_text_slice(option->choices, strcspn(option->choices, "|"));
}

/* What the command line gave for the option; false: nothing. */
static bool given_value(const struct mz_bench *bench, const struct mizan_option *option,
                        struct mizan_value *out)
{
    const struct mz_conformance_settings *settings = bench->settings;
    size_t length = strlen(option->name);
    for (size_t i = 0; i < settings->option_count; i++) {
        const char *pair = settings->options[i];
        int64_t number;
        if (strncmp(pair, option->name, length) != 0 || pair[length] != '=') {
            continue;
        }
        const char *text = pair + length + 1;
        *out = mz_text(text);
        if (option->type == MIZAN_OPTION_BOOLEAN) {
            *out = mz_boolean(strcmp(text, "true") == 0);
        } else if (option->type == MIZAN_OPTION_INTEGER &&
                   mz_parse_integer(text, &number)) {
            *out = mz_integer(number);
        }
        return true;
    }
    return false;
}

static bool is_wanted(const struct mizan_option *option, bool all)
{
    if ((option->flags & MIZAN_OPTION_REQUIRED) != 0) {
        return true;
    }
    return all && option->default_value == NULL &&
           (option->type == MIZAN_OPTION_URL || option->type == MIZAN_OPTION_PATH);
}

enum mz_code mz_sample_options(struct mz_bench *bench, bool all, struct mz_error *error)
{
    struct mz_schema schema = mz_plugin_schema(bench->plugin);
    struct mizan_field *list =
        mz_arena_zero(bench->arena, (schema.count + 1) * sizeof *list);
    struct mizan_value given = {.type = MIZAN_MAP};
    size_t count = 0;
    if (list == NULL) {
        return mz_fail(error, MZ_MEMORY, "no memory for options");
    }
    for (size_t i = 0; i < schema.count; i++) {
        struct mizan_option option = mz_schema_option(&schema, i);
        struct mizan_value value;
        if (!given_value(bench, &option, &value)) {
            if (!is_wanted(&option, all)) {
                continue;
            }
            value = plausible(bench, &option);
        }
        list[count].name = (struct mizan_slice){option.name, strlen(option.name)};
        if (!mz_value_copy(bench->arena, &value, &list[count].value)) {
            return mz_fail(error, MZ_MEMORY, "no memory for options");
        }
        count++;
    }
    given.as.map = (struct mizan_map){list, count};
    return mz_options_check(bench->arena, &schema, &given, bench->settings->scratch,
                            &bench->options, NULL, error);
}
