/* Feeds of our own wording, good and broken, with the records that they must give: each
 * NAME.feed beside its NAME.expect. The first line of the latter is the charset that
 * the server declares ("-": none), the second the outcome; then a line a member of each
 * item. FEED_CORPUS_UPDATE=1 writes what is read now, for a look at what changed. */
#include <dirent.h>
#include <inttypes.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "cmocka_all.h"
#include "feed_parse.h"

#define FILE_MOST (1 << 20)

static char *read_file(const char *path, size_t *size)
{
    FILE *file = fopen(path, "rbe");
    char *data = malloc(FILE_MOST);
    assert_non_null(data);
    *size = file == NULL ? 0 : fread(data, 1, FILE_MOST - 1, file);
    data[*size] = '\0';
    if (file != NULL) {
        assert_int_equal(fclose(file), 0);
    }
    return data;
}

static void member(FILE *out, const char *name, const char *text)
{
    if (text != NULL) {
        (void)fprintf(out, "  %s: ", name);
        for (; *text != '\0'; text++) {
            (void)fputc(*text == '\n' || *text == '\r' ? ' ' : *text, out);
        }
        (void)fputc('\n', out);
    }
}

/* What the feed gives, in the form of the files; malloc'ed. */
static char *describe(const char *data, size_t size, const char *charset)
{
    char *text = NULL;
    size_t length = 0;
    struct feed feed;
    const struct feed_input input = {.data = data,
                                     .size = size,
                                     .url = "https://news.example/feeds/all.xml",
                                     .charset =
                                         strcmp(charset, "-") == 0 ? NULL : charset};
    FILE *out = open_memstream(&text, &length);
    assert_non_null(out);
    enum feed_status status = feed_parse(&input, &feed);
    (void)fprintf(out, "%s\n%s%s\n", charset, feed_status_text(status),
                  status == FEED_OK && feed.broken ? ", broken" : "");
    for (size_t i = 0; status == FEED_OK && i < feed.count; i++) {
        const struct feed_item *item = &feed.items[i];
        (void)fprintf(out, "item\n");
        member(out, "id", item->id);
        member(out, "link", item->link);
        member(out, "title", item->title);
        member(out, "summary", item->summary);
        member(out, "content", item->content);
        member(out, "author", item->author);
        member(out, "lang", item->lang);
        if (item->has_published) {
            (void)fprintf(out, "  published: %" PRId64 "\n", item->published / 1000);
        } else {
            member(out, "published_raw",
                   item->published_raw == NULL ? item->updated_raw
                                               : item->published_raw);
        }
    }
    if (status == FEED_OK) {
        feed_finish(&feed);
    }
    assert_int_equal(fclose(out), 0);
    return text;
}

static bool check(const char *name)
{
    char path[512];
    char charset[64] = "-";
    size_t size = 0, expected_size = 0;
    (void)snprintf(path, sizeof path, TEST_FEEDS "/%s.feed", name);
    char *data = read_file(path, &size);
    (void)snprintf(path, sizeof path, TEST_FEEDS "/%s.expect", name);
    char *expected = read_file(path, &expected_size);
    if (expected_size > 0) {
        (void)snprintf(charset, sizeof charset, "%.*s", (int)strcspn(expected, "\n"),
                       expected);
    }
    char *got = describe(data, size, charset);
    bool same = strcmp(got, expected) == 0;
    if (!same && getenv("FEED_CORPUS_UPDATE") != NULL) { /* NOLINT */
        FILE *file = fopen(path, "wbe");
        assert_non_null(file);
        assert_int_equal(fwrite(got, 1, strlen(got), file), strlen(got));
        assert_int_equal(fclose(file), 0);
    } else if (!same) {
        print_error("%s gives\n%s\ninstead of\n%s\n", name, got, expected);
    }
    free(data);
    free(expected);
    free(got);
    return same;
}

static void test_corpus(void **state)
{
    struct dirent **entries = NULL;
    int count = scandir(TEST_FEEDS, &entries, NULL, alphasort);
    int feeds = 0, wrong = 0;
    (void)state;
    for (int i = 0; i < count; i++) {
        char *ending = strrchr(entries[i]->d_name, '.');
        if (ending != NULL && strcmp(ending, ".feed") == 0) {
            *ending = '\0';
            feeds++;
            wrong += check(entries[i]->d_name) ? 0 : 1;
        }
        free(entries[i]);
    }
    free(entries);
    assert_true(feeds >= 25);
    assert_int_equal(wrong, 0);
}

int main(void)
{
    const struct CMUnitTest tests[] = {cmocka_unit_test(test_corpus)};
    return cmocka_run_group_tests(tests, NULL, NULL);
}
