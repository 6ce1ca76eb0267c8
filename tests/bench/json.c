/* JSON Lines through the scanner of extract.json beside a bare loop of cJSON over the
 * same lines, in turn and in one process: bench_json RECORDS ROUNDS. Parsing checks
 * each record whole and reads `price`, `qty` and `text`; printing also writes the
 * record with `total` behind its fields, as store.jsonl writes a line that was not
 * changed. Prints the median of each and the medians of the ratios by rounds. */
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <time.h>

#include <cjson/cJSON.h>

#include "scan.h"

#define ROUNDS_MOST 100
#define LINE_MOST   65536

struct lines {
    const char *data;
    size_t size;
};

struct read {
    double sum;
    size_t bytes;
};

static double seconds(void)
{
    struct timespec now;
    clock_gettime(CLOCK_PROCESS_CPUTIME_ID, &now);
    return (double)now.tv_sec + (double)now.tv_nsec * 1e-9;
}

static void fail(const char *why)
{
    fprintf(stderr, "bench_json: %s\n", why);
    exit(1);
}

/* ---- cJSON ---- */

static void with_cjson(const char *line, size_t size, bool print, struct read *read)
{
    cJSON *record = cJSON_ParseWithLength(line, size);
    if (record == NULL) {
        fail("cJSON refuses a line");
    }
    double price = cJSON_GetObjectItemCaseSensitive(record, "price")->valuedouble;
    double quantity = cJSON_GetObjectItemCaseSensitive(record, "qty")->valuedouble;
    read->sum += price * quantity;
    read->bytes +=
        strlen(cJSON_GetObjectItemCaseSensitive(record, "text")->valuestring);
    if (print) {
        cJSON_AddNumberToObject(record, "total", price * quantity);
        char *printed = cJSON_PrintUnformatted(record);
        read->bytes += printed != NULL ? 1 : 0;
        free(printed);
    }
    cJSON_Delete(record);
}

/* ---- the scanner ---- */

static bool is(const struct json_value *name, const char *word)
{
    return name->size == strlen(word) && memcmp(name->data, word, name->size) == 0;
}

/* Up to 15 digits over a power of ten are exact in one division; others by strtod. */
static double number(const struct json_value *value)
{
    static const double powers[] = {1,   1e1, 1e2,  1e3,  1e4,  1e5,  1e6,  1e7,
                                    1e8, 1e9, 1e10, 1e11, 1e12, 1e13, 1e14, 1e15};
    char copy[64];
    size_t behind = 0;
    int64_t digits = 0;
    bool plain = value->size <= 15, point = false;
    for (size_t i = 0; i < value->size && plain; i++) {
        char c = value->data[i];
        plain = (c >= '0' && c <= '9') || (c == '.' && !point);
        point = point || c == '.';
        digits = c == '.' ? digits : digits * 10 + (c - '0');
        behind += point && c != '.' ? 1 : 0;
    }
    if (plain) {
        return (double)digits / powers[behind];
    }
    size_t size = value->size < sizeof copy ? value->size : sizeof copy - 1;
    memcpy(copy, value->data, size);
    copy[size] = '\0';
    return strtod(copy, NULL);
}

static size_t text_size(const struct json_value *value)
{
    static char out[LINE_MOST];
    return value->kind == JSON_ESCAPED
               ? json_unescape(value->data + 1, value->size - 2, out)
               : value->size;
}

static void with_scanner(const char *line, size_t size, bool print, struct read *read)
{
    static char out[2 * LINE_MOST];
    struct json_scan scan = {.at = line + 1, .end = line + size, .depth = 32};
    struct json_value name, value;
    double price = 0, quantity = 0;
    bool more = true;
    for (bool first = true;; first = false) {
        if (!json_member(&scan, first, &name, &value, &more)) {
            fail(scan.wrong);
        }
        if (!more) {
            break;
        }
        if (is(&name, "price")) {
            price = number(&value);
        } else if (is(&name, "qty")) {
            quantity = number(&value);
        } else if (is(&name, "text")) {
            read->bytes += text_size(&value);
        }
    }
    read->sum += price * quantity;
    if (print) {
        memcpy(out, line, size - 1);
        int more_size =
            snprintf(out + size - 1, 64, ",\"total\":%.15g}", price * quantity);
        read->bytes += more_size > 0 && out[0] == '{' ? 1 : 0;
    }
}

/* ---- rounds ---- */

typedef void (*reader)(const char *line, size_t size, bool print, struct read *read);

static double time_of(const struct lines *lines, reader read_line, bool print,
                      struct read *read)
{
    double before = seconds();
    *read = (struct read){0, 0};
    for (const char *at = lines->data, *end = at + lines->size; at < end;) {
        const char *stop = memchr(at, '\n', (size_t)(end - at));
        size_t size = stop == NULL ? (size_t)(end - at) : (size_t)(stop - at);
        if (size >= LINE_MOST || size < 2) {
            fail("a line is too long or empty");
        }
        read_line(at, size, print, read);
        at += size + 1;
    }
    return seconds() - before;
}

static int by_size(const void *a, const void *b)
{
    double one = *(const double *)a, other = *(const double *)b;
    return one < other ? -1 : one > other;
}

static double median(double *values, size_t count)
{
    qsort(values, count, sizeof *values, by_size);
    return values[count / 2];
}

static void measure(const struct lines *lines, size_t rounds, bool print)
{
    double cjson[ROUNDS_MOST], own[ROUNDS_MOST], ratio[ROUNDS_MOST];
    struct read one, other;
    double megabytes = (double)lines->size / 1e6;
    for (size_t i = 0; i < rounds; i++) {
        cjson[i] = time_of(lines, with_cjson, print, &one);
        own[i] = time_of(lines, with_scanner, print, &other);
        ratio[i] = cjson[i] / own[i];
        if (one.sum != other.sum || one.bytes != other.bytes) {
            fail("the two read different things");
        }
    }
    printf("%-16s cJSON %6.0f MB/s   scanner %6.0f MB/s   %.2f times\n",
           print ? "parse and print" : "parse", megabytes / median(cjson, rounds),
           megabytes / median(own, rounds), median(ratio, rounds));
}

int main(int count, char **words)
{
    FILE *file = count == 3 ? fopen(words[1], "rbe") : NULL;
    size_t rounds = count == 3 ? strtoul(words[2], NULL, 10) : 0;
    if (file == NULL || rounds == 0 || rounds > ROUNDS_MOST ||
        fseek(file, 0, SEEK_END) != 0) {
        fail("usage: bench_json RECORDS.jsonl ROUNDS (1 to 100)");
    }
    size_t size = (size_t)ftell(file);
    rewind(file);
    char *data = malloc(size + 1);
    if (data == NULL || fread(data, 1, size, file) != size) {
        fail("the records cannot be read");
    }
    (void)fclose(file);
    struct lines lines = {data, size};
    measure(&lines, rounds, false);
    measure(&lines, rounds, true);
    free(data);
    return 0;
}
