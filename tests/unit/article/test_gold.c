/* Pages laid out as thirty content systems do it against what a reader took from them
 * beforehand: the words of the article, and the facts. `unseen` was kept apart while
 * the rules were made. */
#include "support.h"

#include <dirent.h>
#include <inttypes.h>
#include <stdbool.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include <cjson/cJSON.h>

#include "dates.h"
#include "text.h"

struct words {
    uint64_t *hashes;
    size_t count, room;
};

static bool is_ideograph(uint32_t code)
{
    return (code >= 0x3041 && code <= 0x30ff) || (code >= 0x3400 && code <= 0x9fff);
}

static bool is_word_character(uint32_t code)
{
    if (code < 0x80) {
        return article_is_letter((unsigned char)code) ||
               article_is_digit((unsigned char)code);
    }
    return !(code < 0xc0 || (code >= 0x2000 && code <= 0x2bff) ||
             (code >= 0x3000 && code <= 0x303f) || (code >= 0xff00 && code <= 0xff0f) ||
             (code >= 0xff1a && code <= 0xff20) || code == 0x60c || code == 0x61b ||
             code == 0x61f || (code >= 0x66a && code <= 0x66d) || code == 0xfffd);
}

static void add_word(struct words *words, uint64_t hash)
{
    if (words->count == words->room) {
        words->room = words->room > 0 ? 2 * words->room : 256;
        words->hashes = realloc(words->hashes, words->room * sizeof(uint64_t));
        assert_non_null(words->hashes);
    }
    words->hashes[words->count++] = hash;
}

/* Ideographs are words by themselves. */
static void split(struct words *words, struct article_slice text)
{
    const uint64_t start = UINT64_C(14695981039346656037);
    const unsigned char *p = (const unsigned char *)text.data;
    const unsigned char *end = text.size > 0 ? p + text.size : p;
    uint64_t hash = start;
    while (p < end) {
        uint32_t code;
        p += article_utf8_next(p, end, &code);
        bool inside = is_word_character(code), alone = is_ideograph(code);
        if ((!inside || alone) && hash != start) {
            add_word(words, hash);
            hash = start;
        }
        if (inside) {
            hash = (hash ^ code) * UINT64_C(1099511628211);
        }
        if (alone) {
            add_word(words, hash);
            hash = start;
        }
    }
    if (hash != start) {
        add_word(words, hash);
    }
}

static int compare(const void *a, const void *b)
{
    uint64_t x = *(const uint64_t *)a, y = *(const uint64_t *)b;
    return x < y ? -1 : x > y;
}

static double f1(struct words *found, struct words *wanted)
{
    size_t i = 0, k = 0, common = 0;
    qsort(found->hashes, found->count, sizeof(uint64_t), compare);
    qsort(wanted->hashes, wanted->count, sizeof(uint64_t), compare);
    while (i < found->count && k < wanted->count) {
        int order = compare(&found->hashes[i], &wanted->hashes[k]);
        common += order == 0;
        i += order <= 0;
        k += order >= 0;
    }
    double sum = (double)(found->count + wanted->count);
    return sum > 0 ? 2.0 * (double)common / sum : 1.0;
}

static char *read_file(struct pool *pool, const char *path, size_t *size)
{
    FILE *file = fopen(path, "rb");
    assert_non_null(file);
    assert_int_equal(fseek(file, 0, SEEK_END), 0);
    long length = ftell(file);
    rewind(file);
    char *data = pool->memory.allocate(pool, (size_t)length + 1);
    assert_int_equal(fread(data, 1, (size_t)length, file), (size_t)length);
    data[length] = '\0';
    fclose(file);
    *size = (size_t)length;
    return data;
}

enum fact { TITLE, AUTHOR, OUTLET, LANGUAGE, CANONICAL, PUBLISHED, MODIFIED, FACTS };
static const char *const fact_names[FACTS] = {
    "title", "author", "outlet", "language", "canonical", "published", "modified"};

struct score {
    size_t pages;
    double sum, least;
    size_t right[FACTS], stated[FACTS];
};

static const char *gold_text(const cJSON *gold, const char *name)
{
    const cJSON *item = cJSON_GetObjectItemCaseSensitive(gold, name);
    return cJSON_IsString(item) ? item->valuestring : NULL;
}

static void judge(struct score *score, enum fact fact, bool right, const char *wanted,
                  struct article_slice found)
{
    score->stated[fact]++;
    score->right[fact] += right;
    if (!right) {
        printf("    %s: %.*s, not %s\n", fact_names[fact], (int)found.size,
               found.size > 0 ? found.data : "", wanted);
    }
}

static void judge_text(struct score *score, enum fact fact, const cJSON *gold,
                       struct article_slice found)
{
    const char *wanted = gold_text(gold, fact_names[fact]);
    if (wanted != NULL) {
        bool right = article_same(found, wanted);
        if (fact == LANGUAGE) { /* the region is the page's affair */
            right = found.size >= 2 && strncmp(found.data, wanted, 2) == 0;
        }
        judge(score, fact, right, wanted, found);
    }
}

static void judge_time(struct score *score, enum fact fact, const cJSON *gold,
                       int64_t found)
{
    const char *wanted = gold_text(gold, fact_names[fact]);
    int64_t time;
    char shown[32];
    if (wanted != NULL) {
        assert_true(article_parse_date(slice(wanted), &time));
        snprintf(shown, sizeof(shown), "%" PRId64, found);
        judge(score, fact, time == found, wanted, slice(shown));
    }
}

static void judge_page(struct score *score, const char *folder, const char *name)
{
    char path[1024];
    struct pool pool;
    size_t size;
    pool_init(&pool);
    snprintf(path, sizeof(path), "%s/%s.json", folder, name);
    char *json = read_file(&pool, path, &size);
    cJSON *gold = cJSON_Parse(json);
    assert_non_null(gold);
    snprintf(path, sizeof(path), "%s/%s.html", folder, name);
    char *body = read_file(&pool, path, &size);
    struct article article;
    struct article_input input = {.body = {body, size},
                                  .media_type = slice("text/html"),
                                  .url = slice(gold_text(gold, "url")),
                                  .fetched_at = ARTICLE_NO_TIME};
    assert_int_equal(article_extract(&input, &pool.memory, &article), ARTICLE_OK);
    struct words found = {0}, wanted = {0};
    split(&found, article.text);
    const cJSON *paragraph;
    cJSON_ArrayForEach(paragraph, cJSON_GetObjectItem(gold, "paragraphs"))
    {
        split(&wanted, slice(paragraph->valuestring));
    }
    double value = f1(&found, &wanted);
    printf("  %.3f  %s\n", value, name);
    if (getenv("GOLD_VERBOSE") != NULL) {
        printf("%.*s\n", (int)article.text.size, article.text.data);
    }
    score->pages++;
    score->sum += value;
    score->least = value < score->least ? value : score->least;
    judge_text(score, TITLE, gold, article.title);
    judge_text(score, AUTHOR, gold, article.author);
    judge_text(score, OUTLET, gold, article.outlet);
    judge_text(score, LANGUAGE, gold, article.lang);
    judge_text(score, CANONICAL, gold, article.canonical_url);
    judge_time(score, PUBLISHED, gold, article.published);
    judge_time(score, MODIFIED, gold, article.modified);
    free(found.hashes);
    free(wanted.hashes);
    cJSON_Delete(gold);
    pool_finish(&pool);
}

static int by_name(const struct dirent **a, const struct dirent **b)
{
    return strcmp((*a)->d_name, (*b)->d_name);
}

static void judge_folder(const char *set, struct score *score)
{
    char folder[512];
    struct dirent **entries;
    *score = (struct score){.least = 1};
    snprintf(folder, sizeof(folder), "%s/%s", ARTICLE_GOLD, set);
    int count = scandir(folder, &entries, NULL, by_name);
    assert_true(count > 0);
    printf("%s\n", set);
    for (int i = 0; i < count; i++) {
        char *dot = strrchr(entries[i]->d_name, '.');
        if (dot != NULL && strcmp(dot, ".html") == 0) {
            *dot = '\0';
            judge_page(score, folder, entries[i]->d_name);
        }
        free(entries[i]);
    }
    free(entries);
    printf("  word F1 %.4f, least %.3f, %zu pages;", score->sum / (double)score->pages,
           score->least, score->pages);
    for (int i = 0; i < FACTS; i++) {
        printf(" %s %zu/%zu", fact_names[i], score->right[i], score->stated[i]);
    }
    printf("\n");
}

static void check(const char *set, size_t pages)
{
    struct score score;
    judge_folder(set, &score);
    assert_true(score.pages >= pages);
    assert_true(score.sum >= 0.93 * (double)score.pages);
    assert_true(score.right[PUBLISHED] * 10 >= score.stated[PUBLISHED] * 9);
    for (int i = 0; i < FACTS; i++) {
        assert_true(score.right[i] * 10 >= score.stated[i] * 8);
    }
}

static void test_known(void **state)
{
    (void)state;
    check("known", 20);
}

static void test_unseen(void **state)
{
    (void)state;
    check("unseen", 10);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(test_known),
        cmocka_unit_test(test_unseen),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
