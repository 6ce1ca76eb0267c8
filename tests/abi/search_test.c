/* The search path: by name, lazily, one file a name. */
#include "support.h"

#include <stdio.h>
#include <string.h>
#include <unistd.h>

struct search {
    char good[MZ_PATH], bad[MZ_PATH]; /* where the test plugins lie */
    char folder[MZ_PATH], path[MZ_PATH], target[MZ_PATH]; /* scratch */
    struct mz_arena *arena;
    struct mz_error error;
};

static struct search *search_create(void)
{
    struct search *search = calloc(1, sizeof *search);
    assert_non_null(search);
    plugin_path(search->good, "good");
    plugin_path(search->bad, "bad");
    search->arena = mz_arena_create((size_t)4 * 1024 * 1024);
    assert_non_null(search->arena);
    return search;
}

static void search_destroy(struct search *search)
{
    mz_arena_destroy(search->arena);
    free(search);
}

static struct mz_registry *registry_of(const char *first, const char *second)
{
    const char *const folders[] = {first, second};
    struct mz_registry *registry = mz_registry_create(folders, second == NULL ? 1 : 2);
    assert_non_null(registry);
    return registry;
}

static void test_finds_by_kind_and_name(void **state)
{
    (void)state;
    struct search *search = search_create();
    struct mz_plugin *plugin = NULL;
    struct mz_plugin *again = NULL;
    struct mz_registry *registry = registry_of("/nonexistent", search->good);
    assert_int_equal(
        mz_registry_find(registry, MIZAN_KIND_FETCH, "two", &plugin, &search->error),
        MZ_OK);
    assert_string_equal(mz_plugin_label(plugin), "fetch.two");
    assert_says(mz_plugin_path(plugin), "good/fetch_two.so");
    assert_int_equal(mz_plugin_descriptor(plugin)->kind, MIZAN_KIND_FETCH);
    assert_int_equal(
        mz_registry_find(registry, MIZAN_KIND_FETCH, "two", &again, &search->error),
        MZ_OK);
    assert_ptr_equal(plugin, again);
    mz_registry_destroy(registry);
    search_destroy(search);
}

/* bad/extract_crash_load.so would end this process if it were loaded. */
static void test_loads_nothing_that_was_not_asked_for(void **state)
{
    (void)state;
    struct search *search = search_create();
    struct mz_plugin *plugin = NULL;
    const char *const *names = NULL;
    size_t count = 0;
    bool there = false;
    struct mz_registry *registry = registry_of(search->bad, search->good);
    assert_int_equal(
        mz_registry_find(registry, MIZAN_KIND_EXTRACT, "echo", &plugin, &search->error),
        MZ_OK);
    assert_int_equal(mz_registry_names(registry, MIZAN_KIND_EXTRACT, search->arena,
                                       &names, &count, &search->error),
                     MZ_OK);
    for (size_t i = 0; i < count; i++) {
        there = there || strcmp(names[i], "crash_load") == 0;
        assert_true(i == 0 || strcmp(names[i - 1], names[i]) < 0);
    }
    assert_true(there);
    mz_registry_destroy(registry);
    search_destroy(search);
}

static void test_not_found_helps(void **state)
{
    (void)state;
    struct search *search = search_create();
    struct mz_plugin *plugin = NULL;
    struct mz_registry *registry = registry_of("/nonexistent", search->good);
    assert_int_equal(mz_registry_find(registry, MIZAN_KIND_EXTRACT, "wrods", &plugin,
                                      &search->error),
                     MZ_PLUGIN_REFUSED);
    assert_null(plugin);
    assert_says(search->error.message, "no plugin extract.wrods");
    assert_says(search->error.message, "/nonexistent");
    assert_says(search->error.message, search->good);
    assert_says(search->error.help, "extract.words");
    assert_int_equal(
        mz_registry_find(registry, MIZAN_KIND_STORE, "words", &plugin, &search->error),
        MZ_PLUGIN_REFUSED);
    assert_says(search->error.help, "extract.words");
    assert_int_equal(
        mz_registry_find(registry, MIZAN_KIND_STORE, "../x", &plugin, &search->error),
        MZ_PLUGIN_REFUSED);
    assert_says(search->error.message, "no plugin store.../x");
    mz_registry_destroy(registry);

    registry = mz_registry_create(NULL, 0);
    assert_int_equal(
        mz_registry_find(registry, MIZAN_KIND_STORE, "null", &plugin, &search->error),
        MZ_PLUGIN_REFUSED);
    assert_says(search->error.message, "search path is empty");
    mz_registry_destroy(registry);
    search_destroy(search);
}

/* Two files of one name: neither is used, whichever comes first. */
static void test_two_files_of_one_name(void **state)
{
    (void)state;
    struct search *search = search_create();
    struct mz_plugin *plugin = NULL;
    struct mz_plugin_entry *entries = NULL;
    size_t size = 0;
    size_t count = 0;
    size_t refused = 0;
    char *good = good_bytes(&size);
    scratch_create(search->folder);
    scratch_file(search->path, search->folder, "extract_echo.so", good, size, 0644);
    struct mz_registry *registry = registry_of(search->good, search->folder);
    for (int turn = 0; turn < 2; turn++) {
        assert_int_equal(mz_registry_find(registry, MIZAN_KIND_EXTRACT, "echo", &plugin,
                                          &search->error),
                         MZ_PLUGIN_REFUSED);
        assert_null(plugin);
        assert_says(search->error.message, "extract.echo");
        assert_says(search->error.message, search->path);
        assert_says(search->error.message, "good/extract_echo.so");
        assert_says(search->error.help, "out of the search path");
    }
    assert_int_equal(
        mz_registry_list(registry, search->arena, &entries, &count, &search->error),
        MZ_OK);
    for (size_t i = 0; i < count; i++) {
        refused += entries[i].refusal != NULL;
        assert_true((entries[i].refusal != NULL) ==
                    (strstr(entries[i].path, "extract_echo.so") != NULL));
    }
    assert_int_equal(refused, 2);
    /* By its path it can still be looked at. */
    assert_int_equal(mz_plugin_load(registry, search->path, &plugin, &search->error),
                     MZ_OK);
    /* The refusal stands until the next process, whatever becomes of the files. */
    assert_int_equal(unlink(search->path), 0);
    assert_int_equal(
        mz_registry_find(registry, MIZAN_KIND_EXTRACT, "echo", &plugin, &search->error),
        MZ_PLUGIN_REFUSED);
    mz_registry_destroy(registry);
    scratch_remove(search->folder);
    free(good);
    search_destroy(search);
}

/* The same file twice is one plugin: a search->folder named twice, or a search->path.
 */
static void test_one_file_by_two_ways(void **state)
{
    (void)state;
    struct search *search = search_create();
    struct mz_plugin *plugin = NULL;
    scratch_create(search->folder);
    assert_true(mz_path_join(search->path, search->folder, "extract_echo.so"));
    assert_true(mz_path_join(search->target, search->good, "extract_echo.so"));
    assert_int_equal(symlink(search->target, search->path), 0);
    struct mz_registry *registry = registry_of(search->good, search->good);
    assert_int_equal(
        mz_registry_find(registry, MIZAN_KIND_EXTRACT, "echo", &plugin, &search->error),
        MZ_OK);
    mz_registry_destroy(registry);
    registry = registry_of(search->folder, search->good);
    assert_int_equal(
        mz_registry_find(registry, MIZAN_KIND_EXTRACT, "echo", &plugin, &search->error),
        MZ_OK);
    assert_string_equal(mz_plugin_path(plugin), search->path);
    mz_registry_destroy(registry);
    scratch_remove(search->folder);
    search_destroy(search);
}

static void test_list_shows_loaded_and_refused(void **state)
{
    (void)state;
    struct search *search = search_create();
    struct mz_plugin_entry *entries = NULL;
    size_t count = 0;
    scratch_create(search->folder);
    scratch_file(search->path, search->folder, "store_text.so", "text", 4, 0644);
    scratch_file(search->path, search->folder, "library.so", "text", 4, 0644);
    scratch_file(search->path, search->folder, "README", "text", 4, 0644);
    assert_true(mz_path_join(search->path, search->folder, "extract_echo.so"));
    assert_true(mz_path_join(search->target, search->good, "extract_echo.so"));
    assert_int_equal(symlink(search->target, search->path), 0);
    struct mz_registry *registry = registry_of("/nonexistent", search->folder);
    assert_int_equal(
        mz_registry_list(registry, search->arena, &entries, &count, &search->error),
        MZ_OK);
    assert_int_equal(count, 3);
    assert_says(entries[0].path, "extract_echo.so");
    assert_non_null(entries[0].plugin);
    assert_null(entries[0].refusal);
    assert_says(entries[1].path, "library.so");
    assert_null(entries[1].plugin);
    assert_says(entries[1].refusal, "does not say which plugin");
    assert_says(entries[2].path, "store_text.so");
    assert_null(entries[2].plugin);
    assert_says(entries[2].refusal, "not a shared object");
    mz_registry_destroy(registry);
    scratch_remove(search->folder);
    search_destroy(search);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(test_finds_by_kind_and_name),
        cmocka_unit_test(test_loads_nothing_that_was_not_asked_for),
        cmocka_unit_test(test_not_found_helps),
        cmocka_unit_test(test_two_files_of_one_name),
        cmocka_unit_test(test_one_file_by_two_ways),
        cmocka_unit_test(test_list_shows_loaded_and_refused),
    };
    return cmocka_run_group_tests_name("abi_search", tests, NULL, NULL);
}
