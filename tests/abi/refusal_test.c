/* A file that cannot be used is refused with a sentence that names it, both sides and
 * what to do, before anything of it is called. */
#include "support.h"

#include <elf.h>
#include <stdio.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

#include "plug/internal.h"

static const struct {
    const char *file;
    const char *says[3]; /* in the message */
    const char *help;    /* in the help */
} refused[] = {
    {"extract_abi2", {"built for ABI major 2", "this mizan has 1"}, "rebuild it"},
    {"extract_major", {"built for ABI major 2", "this mizan has 1"}, "rebuild it"},
    {"extract_minor", {"needs ABI 1.7", "this mizan has 1.2"}, "newer mizan"},
    {"extract_magic", {"4d495a414e504c48", "4d495a414e504c47"}, "MIZAN_PLUGIN_MAGIC"},
    {"extract_small", {"says it has 48 bytes", "at least 136"}, "sizeof"},
    {"extract_large", {"says it has 4096 bytes", "symbol has 136"}, "sizeof"},
    {"extract_tiny", {"mizan_plugin_v1", "8 bytes"}, "rebuild it"},
    {"extract_function", {"mizan_plugin_v1 is not a descriptor"}, "structure"},
    {"extract_no_symbol", {"exports no mizan_plugin_v1"}, "MIZAN_EXPORT"},
    {"extract_missing", {"cannot be loaded", "mizan_no_such_function"}, "link it"},
    {"extract_misnamed",
     {"named for extract.misnamed", "extract.other"},
     "extract_other.so"},
    {"extract_kind", {"named for extract.kind", "store.kind"}, "store_kind.so"},
    {"extract_unknown_kind", {"kind is 9"}, "enum mizan_kind"},
    {"extract_no_open", {"no function open", "kind extract"}, "descriptor"},
    {"extract_no_extract", {"no function extract", "kind extract"}, "descriptor"},
    {"extract_home_flag", {"MIZAN_PLUGIN_HOME_STORE", "stores"}, "flag"},
    {"extract_stability", {"stability is \"perfect\""}, "beta"},
    {"extract_summary", {"no summary"}, "descriptor"},
    {"extract_consumes", {"record type 1"}, "[a-z]"},
    {"extract_option_name", {"name of its option 2"}, "[a-z]"},
    {"extract_option_twice", {"two options named first"}, "another name"},
    {"extract_option_common", {"option name", "every stage"}, "another name"},
    {"extract_option_type", {"option limit", "type 99"}, "enum mizan_option_type"},
    {"extract_option_default",
     {"default of its option limit", "\"soon\"", "no value"},
     "whole number"},
    {"extract_option_bound", {"default of its option limit", "\"0\""}, "limit"},
    {"extract_option_minimum", {"minimum of its option limit", "\"low\""}, "limit"},
    {"extract_option_size", {"option_size is 16", "at least 56"}, "sizeof"},
    {"extract_option_list", {"counts 2 options", "no list"}, "option_count"},
    {"extract_truncated", {"cut short", "bytes, it has"}, "build it again"},
    {"extract_machine", {"another machine", "machine 61374"}, "this machine"},
    {"extract_text", {"not a shared object", "no ELF header"}, "-shared"},
    {"extract_empty", {"is empty"}, "build it again"},
};

/* Loads, expects a refusal; returns the sentence. */
static const char *refusal(struct mz_registry *registry, const char *path,
                           struct mz_error *error)
{
    struct mz_plugin *plugin = NULL;
    memset(error, 0, sizeof *error);
    enum mz_code code = mz_plugin_load(registry, path, &plugin, error);
    if (code != MZ_PLUGIN_REFUSED) {
        fail_msg("%s was not refused (%s)", path, mz_code_name(code));
    }
    assert_null(plugin);
    assert_int_equal(error->code, MZ_PLUGIN_REFUSED);
    assert_int_equal(mz_exit_status(code), 78);
    assert_says(error->message, path);
    return error->message;
}

static void test_every_refusal_names_both_sides(void **state)
{
    (void)state;
    struct bench bench;
    struct mz_error again;
    bench_init(&bench);
    for (size_t i = 0; i < sizeof refused / sizeof refused[0]; i++) {
        char file[128];
        char path[MZ_PATH];
        snprintf(file, sizeof file, "bad/%s.so", refused[i].file);
        refusal(bench.registry, plugin_path(path, file), &bench.error);
        for (size_t j = 0; j < 3 && refused[i].says[j] != NULL; j++) {
            assert_says(bench.error.message, refused[i].says[j]);
        }
        assert_says(bench.error.help, refused[i].help);
        refusal(bench.registry, path, &again);
        assert_string_equal(again.message, bench.error.message);
        assert_string_equal(again.help, bench.error.help);
    }
    bench_finish(&bench);
}

/* A refusal blocks that plugin alone. */
static void test_others_load_after_refusals(void **state)
{
    (void)state;
    struct bench bench;
    char path[MZ_PATH];
    bench_init(&bench);
    refusal(bench.registry, plugin_path(path, "bad/extract_abi2.so"), &bench.error);
    struct mz_plugin *echo = bench_load(&bench, "good/extract_echo.so");
    assert_string_equal(mz_plugin_label(echo), "extract.echo");
    assert_ptr_equal(bench_load(&bench, "good/extract_echo.so"), echo);
    bench_finish(&bench);
}

/* Once refused, always refused: mending the file takes a new process. */
static void test_refusal_is_remembered(void **state)
{
    (void)state;
    struct bench bench;
    char folder[MZ_PATH];
    char path[MZ_PATH];
    size_t size = 0;
    char *good = good_bytes(&size);
    bench_init(&bench);
    scratch_create(folder);
    scratch_file(path, folder, "extract_echo.so", good, size / 2, 0644);
    refusal(bench.registry, path, &bench.error);
    scratch_file(path, folder, "extract_echo.so", good, size, 0644);
    assert_says(refusal(bench.registry, path, &bench.error), "cut short");
    scratch_remove(folder);
    bench_finish(&bench);
    free(good);
}

static void test_missing_file(void **state)
{
    (void)state;
    struct bench bench;
    struct mz_plugin *plugin = NULL;
    bench_init(&bench);
    assert_int_equal(
        mz_plugin_load(bench.registry, "no/fetch_such.so", &plugin, &bench.error),
        MZ_NO_FILE);
    assert_says(bench.error.message, "no/fetch_such.so");
    bench_finish(&bench);
}

static void test_file_name_must_say_what_it_is(void **state)
{
    (void)state;
    static const char *const names[] = {
        "echo.so",           "extract_.so",   "extract_Echo.so", "load_echo.so",
        "extract_echo.so.1", "extract-a.so",  "extract.so",      "extract_9.so",
        "extract_echo.dll",  "_extract_a.so", "extract_a b.so"};
    enum mizan_kind kind = MIZAN_KIND_FETCH;
    char name[MZ_PLUGIN_NAME];
    for (size_t i = 0; i < sizeof names / sizeof names[0]; i++) {
        if (mz_plugin_file_name(names[i], &kind, name)) {
            fail_msg("%s was taken for a plugin's name", names[i]);
        }
    }
    assert_true(mz_plugin_file_name("/a/store_x_9.so", &kind, name));
    assert_int_equal(kind, MIZAN_KIND_STORE);
    assert_string_equal(name, "x_9");
}

/* ---- who may change the file ---- */

struct scratch {
    char folder[MZ_PATH], path[MZ_PATH];
    struct mz_error error;
};

static struct scratch *scratch_good(unsigned mode)
{
    size_t size = 0;
    struct scratch *scratch = calloc(1, sizeof *scratch);
    assert_non_null(scratch);
    char *good = good_bytes(&size);
    scratch_create(scratch->folder);
    scratch_file(scratch->path, scratch->folder, "extract_echo.so", good, size, mode);
    free(good);
    return scratch;
}

static void scratch_end(struct scratch *scratch)
{
    scratch_remove(scratch->folder);
    free(scratch);
}

static enum mz_code check(struct scratch *scratch, const char *path)
{
    char *real = realpath(path, NULL);
    enum mz_code code =
        mz_plugin_check_file(path, real == NULL ? path : real, &scratch->error);
    free(real);
    return code;
}

static void test_file_that_others_may_change(void **state)
{
    (void)state;
    struct scratch *scratch = scratch_good(0664);
    assert_int_equal(check(scratch, scratch->path), MZ_PLUGIN_REFUSED);
    assert_says(scratch->error.message, "its group may write to it (mode 0664)");
    assert_says(scratch->error.help, "chmod go-w");
    chmod(scratch->path, 0646);
    assert_int_equal(check(scratch, scratch->path), MZ_PLUGIN_REFUSED);
    assert_says(scratch->error.message, "everybody may write to it");
    chmod(scratch->path, 0755);
    assert_int_equal(check(scratch, scratch->path), MZ_OK);
    scratch_end(scratch);
}

static void test_folder_that_others_may_change(void **state)
{
    (void)state;
    struct scratch *scratch = scratch_good(0644);
    chmod(scratch->folder, 0777);
    assert_int_equal(check(scratch, scratch->path), MZ_PLUGIN_REFUSED);
    assert_says(scratch->error.message, "everybody may write to its folder");
    assert_says(scratch->error.help, scratch->folder);
    /* Sticky: others can add files, but not replace this one. */
    chmod(scratch->folder, 01777);
    assert_int_equal(check(scratch, scratch->path), MZ_OK);
    scratch_end(scratch);
}

static void test_links_are_followed(void **state)
{
    (void)state;
    char elsewhere[MZ_PATH];
    char link[MZ_PATH];
    struct scratch *scratch = scratch_good(0666);
    scratch_create(elsewhere);
    assert_true(mz_path_join(link, elsewhere, "extract_echo.so"));
    assert_int_equal(symlink(scratch->path, link), 0);
    assert_int_equal(check(scratch, link), MZ_PLUGIN_REFUSED);
    assert_says(scratch->error.message, "everybody may write to it");
    chmod(scratch->path, 0644);
    assert_int_equal(check(scratch, link), MZ_OK);
    chmod(scratch->folder, 0777);
    assert_int_equal(check(scratch, link), MZ_PLUGIN_REFUSED);
    assert_int_equal(unlink(scratch->path), 0);
    assert_int_equal(check(scratch, link), MZ_PLUGIN_REFUSED);
    assert_says(scratch->error.message, "No such file");
    scratch_remove(elsewhere);
    scratch_end(scratch);
}

static void test_owner_and_kind_of_file(void **state)
{
    (void)state;
    char folder[MZ_PATH];
    struct scratch *scratch = scratch_good(0644);
    assert_true(mz_path_join(folder, scratch->folder, "extract_folder.so"));
    assert_int_equal(mkdir(folder, 0755), 0);
    assert_int_equal(check(scratch, folder), MZ_PLUGIN_REFUSED);
    assert_says(scratch->error.message, "not a regular file");
    /* Only root can give a file away; others see this checked in CI. */
    if (geteuid() == 0) {
        assert_int_equal(chown(scratch->path, 12345, 12345), 0);
        assert_int_equal(check(scratch, scratch->path), MZ_PLUGIN_REFUSED);
        assert_says(scratch->error.message, "belongs to user 12345");
    }
    scratch_end(scratch);
}

/* ---- damaged files ---- */

/* Wherever it is cut, it is refused before the system's loader maps it: reading behind
 * the end of a mapped file would be SIGBUS. */
static void test_every_cut_is_noticed(void **state)
{
    (void)state;
    char folder[MZ_PATH];
    char path[MZ_PATH];
    struct mz_error error;
    size_t size = 0;
    char *good = good_bytes(&size);
    scratch_create(folder);
    for (size_t cut = 0; cut < size; cut += cut < 1024 ? 31 : 509) {
        scratch_file(path, folder, "extract_echo.so", good, cut, 0644);
        if (mz_plugin_check_elf(path, path, &error) != MZ_PLUGIN_REFUSED) {
            fail_msg("cut to %zu of %zu bytes it passes", cut, size);
        }
    }
    scratch_file(path, folder, "extract_echo.so", good, size - 1, 0644);
    assert_int_equal(mz_plugin_check_elf(path, path, &error), MZ_PLUGIN_REFUSED);
    assert_says(error.message, "cut short");
    scratch_file(path, folder, "extract_echo.so", good, size, 0644);
    assert_int_equal(mz_plugin_check_elf(path, path, &error), MZ_OK);
    scratch_remove(folder);
    free(good);
}

static void expect_damage(const Elf64_Ehdr *header, char *bytes, size_t size,
                          const char *says)
{
    char folder[MZ_PATH];
    char path[MZ_PATH];
    struct mz_error error;
    memcpy(bytes, header, sizeof *header);
    scratch_create(folder);
    scratch_file(path, folder, "extract_echo.so", bytes, size, 0644);
    assert_int_equal(mz_plugin_check_elf(path, path, &error), MZ_PLUGIN_REFUSED);
    assert_says(error.message, says);
    scratch_remove(folder);
}

static void test_damaged_headers(void **state)
{
    (void)state;
    Elf64_Ehdr good;
    Elf64_Ehdr header;
    size_t size = 0;
    char *bytes = good_bytes(&size);
    memcpy(&good, bytes, sizeof good);
    header = good;
    header.e_phnum = 0;
    expect_damage(&header, bytes, size, "damaged");
    header.e_phnum = 60000;
    expect_damage(&header, bytes, size, "damaged");
    header = good;
    header.e_phentsize = 1;
    expect_damage(&header, bytes, size, "damaged");
    header = good;
    header.e_phoff = UINT64_MAX - 8;
    expect_damage(&header, bytes, size, "damaged");
    header.e_phoff = size;
    expect_damage(&header, bytes, size, "cut short");
    header = good;
    header.e_shoff = UINT64_MAX - 8;
    expect_damage(&header, bytes, size, "damaged");
    /* Without a section table the segments tell that something is missing. */
    header = good;
    header.e_shoff = 0;
    header.e_shnum = 0;
    expect_damage(&header, bytes, size / 4, "cut short");
    header = good;
    header.e_type = ET_EXEC;
    expect_damage(&header, bytes, size, "no shared object");
    header = good;
    header.e_ident[EI_CLASS] = ELFCLASS32;
    expect_damage(&header, bytes, size, "another machine");
    free(bytes);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(test_every_refusal_names_both_sides),
        cmocka_unit_test(test_others_load_after_refusals),
        cmocka_unit_test(test_refusal_is_remembered),
        cmocka_unit_test(test_missing_file),
        cmocka_unit_test(test_file_name_must_say_what_it_is),
        cmocka_unit_test(test_file_that_others_may_change),
        cmocka_unit_test(test_folder_that_others_may_change),
        cmocka_unit_test(test_links_are_followed),
        cmocka_unit_test(test_owner_and_kind_of_file),
        cmocka_unit_test(test_every_cut_is_noticed),
        cmocka_unit_test(test_damaged_headers),
    };
    return cmocka_run_group_tests_name("abi_refusal", tests, NULL, NULL);
}
