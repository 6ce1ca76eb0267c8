/* Pages of data/ give what the file beside each says. A page's input beyond its bytes
 * (declared charset, address, time of fetching) stands in the table below. */
#include "support.h"

#include <dirent.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#define ADDRESS "https://weir-gazette.example/2024/05/dry-spring?x=1"

static struct article_slice read_file(struct pool *pool, const char *name)
{
    char path[512];
    snprintf(path, sizeof(path), "%s/%s", ARTICLE_DATA, name);
    FILE *file = fopen(path, "rb");
    if (file == NULL) {
        fail_msg("cannot open %s", path);
    }
    assert_int_equal(fseek(file, 0, SEEK_END), 0);
    long size = ftell(file);
    rewind(file);
    char *data = pool->memory.allocate(pool, (size_t)size + 1);
    assert_int_equal(fread(data, 1, (size_t)size, file), size);
    fclose(file);
    data[size] = '\0';
    return (struct article_slice){data, (size_t)size};
}

static struct article_input input_of(const char *name, struct article_slice body)
{
    struct article_input input = {.body = body,
                                  .media_type = slice("text/html"),
                                  .url = slice("https://quay.example/a/b.html"),
                                  .fetched_at = INT64_C(1735689600000)};
    if (strcmp(name, "windows_1251.html") == 0) {
        input.charset = slice("windows-1251");
    } else if (strcmp(name, "jsonld.html") == 0) {
        input.url = slice(ADDRESS);
    } else if (strcmp(name, "mislabelled.html") == 0) {
        input.charset = slice("ISO-8859-1");
    } else if (strstr(name, ".txt.in") != NULL) {
        input.media_type = slice("text/plain");
        input.charset = slice("utf-8");
        input.language = slice("en");
    }
    return input;
}

/* Paragraphs are slices of the text, in order, joined by two newlines. */
static void check_paragraphs(const struct article *article)
{
    size_t at = 0;
    for (size_t i = 0; i < article->paragraph_count; i++) {
        assert_int_equal(article->paragraphs[i].start, at);
        assert_true(article->paragraphs[i].end > at);
        at = article->paragraphs[i].end;
        assert_null(memchr(article->text.data + article->paragraphs[i].start, '\n',
                           at - article->paragraphs[i].start));
        if (i + 1 < article->paragraph_count) {
            assert_memory_equal(article->text.data + at, "\n\n", 2);
            at += 2;
        }
    }
    assert_int_equal(at, article->text.size);
}

static void check_page(const char *name)
{
    struct pool pool;
    pool_init(&pool);
    struct article_input input = input_of(name, read_file(&pool, name));
    struct article article;
    assert_int_equal(article_extract(&input, &pool.memory, &article), ARTICLE_OK);
    check_paragraphs(&article);
    char expected[256];
    snprintf(expected, sizeof(expected), "%.*s.txt", (int)(strchr(name, '.') - name),
             name);
    char *got = render(&pool, &article);
    struct article_slice wanted = read_file(&pool, expected);
    if (strcmp(got, wanted.data) != 0) {
        fail_msg("%s is read as\n%s\nand should be\n%s", name, got, wanted.data);
    }
    pool_finish(&pool);
}

static void test_every_page(void **state)
{
    (void)state;
    DIR *folder = opendir(ARTICLE_DATA);
    assert_non_null(folder);
    size_t count = 0;
    for (struct dirent *entry; (entry = readdir(folder)) != NULL;) {
        size_t size = strlen(entry->d_name);
        if ((size > 5 && strcmp(entry->d_name + size - 5, ".html") == 0) ||
            strstr(entry->d_name, ".txt.in") != NULL) {
            check_page(entry->d_name);
            count++;
        }
    }
    closedir(folder);
    assert_true(count >= 18);
}

/* Refuses the first, the second … allocation until a page passes: every refusal is
 * reported and nothing is touched that is not there. */
static void test_refused_memory(void **state)
{
    static const char *const names[] = {"jsonld.html", "windows_1256.html",
                                        "scripted.html", "notes.txt.in"};
    (void)state;
    for (size_t i = 0; i < sizeof(names) / sizeof(names[0]); i++) {
        struct pool file, pool;
        pool_init(&file);
        struct article_input input = input_of(names[i], read_file(&file, names[i]));
        enum article_status status = ARTICLE_NO_MEMORY;
        size_t refusals = 0;
        for (size_t n = 1; n < 500; n++) {
            struct article article;
            pool_init(&pool);
            pool.refuse_at = n;
            status = article_extract(&input, &pool.memory, &article);
            bool reached = pool.count + 1 >= n;
            pool_finish(&pool);
            assert_true(status == ARTICLE_OK || status == ARTICLE_NO_MEMORY);
            refusals += status == ARTICLE_NO_MEMORY;
            if (!reached) {
                break;
            }
        }
        assert_int_equal(status, ARTICLE_OK);
        assert_true(refusals >= 2);
        pool_finish(&file);
    }
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(test_every_page),
        cmocka_unit_test(test_refused_memory),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
