#include "cmocka_all.h"

#include <dirent.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

#include "base/file.h"

static char root[64];

static const char *in_root(char out[MZ_PATH], const char *name)
{
    assert_true(mz_path_join(out, root, name));
    return out;
}

static int set_up(void **state)
{
    (void)state;
    snprintf(root, sizeof root, "/tmp/mizan_file_XXXXXX");
    return mkdtemp(root) == NULL ? -1 : 0;
}

static int count_files(void)
{
    int count = 0;
    DIR *folder = opendir(root);
    assert_non_null(folder);
    for (struct dirent *entry = readdir(folder); entry != NULL;
         entry = readdir(folder)) {
        count += entry->d_name[0] == '.' ? 0 : 1;
    }
    closedir(folder);
    return count;
}

static int tear_down(void **state)
{
    (void)state;
    static const char *const names[] = {"a", "link", "a/b/c", "a/b", "a", "f"};
    char path[MZ_PATH];
    for (size_t i = 0; i < sizeof names / sizeof names[0]; i++) {
        remove(in_root(path, names[i]));
    }
    return rmdir(root);
}

static void writes_and_reads(void **state)
{
    (void)state;
    char path[MZ_PATH];
    char *data = NULL;
    size_t size = 0;
    struct mz_error error;
    in_root(path, "f");
    assert_false(mz_file_exists(path));
    assert_int_equal(mz_file_write(path, "one\0two", 7, &error), MZ_OK);
    assert_true(mz_file_exists(path));
    assert_int_equal(mz_file_read(path, 7, &data, &size, &error), MZ_OK);
    assert_int_equal(size, 7);
    assert_memory_equal(data, "one\0two", 8);
    free(data);
    assert_int_equal(mz_file_read(path, 6, &data, &size, &error), MZ_INPUT);
    assert_null(data);
    assert_int_equal(mz_file_write(path, "", 0, &error), MZ_OK);
    assert_int_equal(mz_file_read(path, 100, &data, &size, &error), MZ_OK);
    assert_int_equal(size, 0);
    assert_string_equal(data, "");
    free(data);
    assert_int_equal(count_files(), 1);
}

static void reads_large_files(void **state)
{
    (void)state;
    char path[MZ_PATH];
    size_t most = 300000;
    char *written = malloc(most);
    char *data = NULL;
    size_t size = 0;
    assert_non_null(written);
    memset(written, 'y', most);
    in_root(path, "f");
    assert_int_equal(mz_file_write(path, written, most, NULL), MZ_OK);
    assert_int_equal(mz_file_read(path, most, &data, &size, NULL), MZ_OK);
    assert_int_equal(size, most);
    assert_memory_equal(data, written, most);
    free(data);
    free(written);
    assert_int_equal(mz_file_read("/proc/self/maps", 10000000, &data, &size, NULL),
                     MZ_OK);
    assert_true(size > 100);
    free(data);
    assert_int_equal(mz_file_read("/proc/self/maps", 100, &data, &size, NULL),
                     MZ_INPUT);
    assert_int_equal(mz_file_read("/proc/self/maps", 0, &data, &size, NULL), MZ_INPUT);
    assert_int_equal(mz_file_read("/dev/null", SIZE_MAX, &data, &size, NULL), MZ_OK);
    free(data);
}

static void names_what_is_wrong(void **state)
{
    (void)state;
    char path[MZ_PATH];
    char *data = NULL;
    size_t size = 0;
    struct mz_error error;
    assert_int_equal(mz_file_read(in_root(path, "none"), 10, &data, &size, &error),
                     MZ_NO_FILE);
    assert_non_null(strstr(error.message, "none"));
    assert_int_equal(mz_file_read(root, 10, &data, &size, &error), MZ_INPUT);
    assert_non_null(strstr(error.message, "folder"));
    in_root(path, "none/below");
    assert_int_equal(mz_file_write(path, "x", 1, &error), MZ_CANNOT_CREATE);
    assert_int_equal(mz_file_write(root, "x", 1, &error), MZ_CANNOT_CREATE);
    assert_int_equal(count_files(), 0);
}

static void keeps_modes_and_links(void **state)
{
    (void)state;
    char path[MZ_PATH];
    char link[MZ_PATH];
    struct stat status;
    char *data = NULL;
    size_t size = 0;
    in_root(path, "f");
    in_root(link, "link");
    assert_int_equal(mz_file_write(path, "x", 1, NULL), MZ_OK);
    assert_int_equal(chmod(path, 0640), 0);
    assert_int_equal(symlink(path, link), 0);
    assert_int_equal(mz_file_write(link, "new", 3, NULL), MZ_OK);
    assert_int_equal(lstat(link, &status), 0);
    assert_true(S_ISLNK(status.st_mode));
    assert_int_equal(stat(path, &status), 0);
    assert_int_equal(status.st_mode & 0777, 0640);
    assert_int_equal(mz_file_read(path, 100, &data, &size, NULL), MZ_OK);
    assert_string_equal(data, "new");
    free(data);
}

static void creates_folders(void **state)
{
    (void)state;
    char path[MZ_PATH];
    struct stat status;
    struct mz_error error;
    in_root(path, "a/b/c/");
    assert_int_equal(mz_folder_create(path, &error), MZ_OK);
    assert_int_equal(mz_folder_create(path, &error), MZ_OK);
    assert_int_equal(stat(path, &status), 0);
    assert_int_equal(status.st_mode & 07777, 0700);
    assert_int_equal(mz_file_write(in_root(path, "f"), "x", 1, NULL), MZ_OK);
    in_root(path, "f/under");
    assert_int_equal(mz_folder_create(path, &error), MZ_CANNOT_CREATE);
    assert_int_equal(mz_folder_create("", &error), MZ_CANNOT_CREATE);
    char *endless = malloc(2 * MZ_PATH);
    assert_non_null(endless);
    memset(endless, 'x', 2 * MZ_PATH);
    endless[2 * MZ_PATH - 1] = '\0';
    assert_int_equal(mz_folder_create(endless, &error), MZ_CANNOT_CREATE);
    assert_false(mz_path_join(path, "/x", endless));
    assert_false(mz_path_join(path, endless, "x"));
    free(endless);
}

static void assert_folder(const char *path, const char *expected)
{
    char out[MZ_PATH];
    mz_path_folder(out, path);
    assert_string_equal(out, expected);
}

static void takes_paths_apart(void **state)
{
    (void)state;
    char out[MZ_PATH];
    assert_true(mz_path_join(out, "/a", "b"));
    assert_string_equal(out, "/a/b");
    assert_true(mz_path_join(out, "/a/", "b"));
    assert_string_equal(out, "/a/b");
    assert_true(mz_path_join(out, "/a", "/b"));
    assert_string_equal(out, "/b");
    assert_true(mz_path_join(out, "", "b"));
    assert_string_equal(out, "b");
    assert_true(mz_path_join(out, NULL, "b"));
    assert_string_equal(out, "b");
    assert_true(mz_path_join(out, out, "c"));
    assert_string_equal(out, "b/c");
    assert_folder("a", ".");
    assert_folder("", ".");
    assert_folder("/a", "/");
    assert_folder("/", "/");
    assert_folder("a/b", "a");
    assert_folder("/a/b/", "/a");
    assert_folder("a//b", "a");
    assert_string_equal(mz_path_name("/a/b.lua"), "b.lua");
    assert_string_equal(mz_path_name("b.lua"), "b.lua");
    assert_true(mz_program_folder(out));
    assert_int_equal(out[0], '/');
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test_setup_teardown(writes_and_reads, set_up, tear_down),
        cmocka_unit_test_setup_teardown(reads_large_files, set_up, tear_down),
        cmocka_unit_test_setup_teardown(names_what_is_wrong, set_up, tear_down),
        cmocka_unit_test_setup_teardown(keeps_modes_and_links, set_up, tear_down),
        cmocka_unit_test_setup_teardown(creates_folders, set_up, tear_down),
        cmocka_unit_test(takes_paths_apart),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
