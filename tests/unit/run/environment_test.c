/* Which database and why: every place in its order. */
#include "../base/cmocka_all.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

#include "run/environment.h"

struct scene {
    char folder[64];  /* with nothing above it that is a project */
    char project[80]; /* below it, with a mizan.lua */
};

static void write_text(const char *folder, const char *name, const char *text)
{
    char path[MZ_PATH];
    struct mz_error error;
    assert_true(mz_path_join(path, folder, name));
    assert_int_equal(mz_file_write(path, text, strlen(text), &error), MZ_OK);
}

static int make(void **state)
{
    struct scene *scene = calloc(1, sizeof *scene);
    if (scene == NULL) {
        return -1;
    }
    snprintf(scene->folder, sizeof scene->folder, "/tmp/mizan-env.XXXXXX");
    if (mkdtemp(scene->folder) == NULL) {
        free(scene);
        return -1;
    }
    snprintf(scene->project, sizeof scene->project, "%s/p", scene->folder);
    mkdir(scene->project, 0700);
    write_text(scene->project, "mizan.lua", "return {}");
    unsetenv("MIZAN_DB");
    unsetenv("STATE_DIRECTORY");
    unsetenv("XDG_DATA_HOME");
    setenv("HOME", scene->folder, 1);
    *state = scene;
    return 0;
}

static int drop(void **state)
{
    struct scene *scene = *state;
    char path[MZ_PATH];
    if (mz_path_join(path, scene->project, "mizan.lua")) {
        unlink(path);
    }
    rmdir(scene->project);
    if (mz_path_join(path, scene->folder, "data/mizan")) {
        rmdir(path);
    }
    if (mz_path_join(path, scene->folder, "data")) {
        rmdir(path);
    }
    rmdir(scene->folder);
    free(scene);
    return 0;
}

/* The database for a script in `from` is `folder` + `rest`, for that reason. */
static void resolves(const char *from, const char *given, const char *folder,
                     const char *rest, const char *reason)
{
    struct mz_environment environment;
    struct mz_error error;
    char wanted[MZ_PATH];
    snprintf(wanted, sizeof wanted, "sqlite:%s%s", folder, rest);
    assert_int_equal(mz_environment_init(&environment, from, given, &error), MZ_OK);
    assert_string_equal(environment.database, wanted);
    assert_non_null(strstr(environment.database_reason, reason));
    mz_environment_finish(&environment);
}

static void test_order(void **state)
{
    const struct scene *scene = *state;
    resolves(scene->project, NULL, scene->project, "/mizan.db", "beside mizan.lua");
    write_text(scene->project, "mizan.lua", "return { database = \"sqlite:x/y.db\" }");
    resolves(scene->project, NULL, scene->project, "/x/y.db", "mizan.lua");
    setenv("MIZAN_DB", "sqlite:/v.db", 1);
    resolves(scene->project, NULL, "", "/v.db", "MIZAN_DB");
    resolves(scene->project, "/g.db", "", "/g.db", "--db");
    setenv("MIZAN_DB", "", 1);
    resolves(scene->project, NULL, scene->project, "/x/y.db", "mizan.lua");
}

static void test_data_folder(void **state)
{
    const struct scene *scene = *state;
    resolves(scene->folder, NULL, scene->folder, "/.local/share/mizan/mizan.db",
             "data folder");
    setenv("XDG_DATA_HOME", "relative", 1);
    resolves(scene->folder, NULL, scene->folder, "/.local/share/mizan/mizan.db",
             "data folder");
    setenv("XDG_DATA_HOME", "/xdg", 1);
    resolves(scene->folder, NULL, "/xdg", "/mizan/mizan.db", "data folder");
    setenv("STATE_DIRECTORY", "/var/lib/a:/var/lib/b", 1);
    resolves(scene->folder, NULL, "/var/lib/a", "/mizan.db", "data folder");
}

static void test_no_place(void **state)
{
    const struct scene *scene = *state;
    struct mz_environment environment;
    struct mz_error error;
    unsetenv("HOME");
    assert_int_equal(mz_environment_init(&environment, scene->folder, NULL, &error),
                     MZ_CONFIGURATION);
    assert_non_null(strstr(error.help, "--db"));
}

static void test_too_long(void **state)
{
    const struct scene *scene = *state;
    struct mz_environment environment;
    struct mz_error error;
    char *name = malloc(MZ_PATH + 1);
    assert_non_null(name);
    memset(name, 'x', MZ_PATH);
    name[MZ_PATH] = '\0';
    assert_int_equal(mz_environment_init(&environment, scene->folder, name, &error),
                     MZ_CONFIGURATION);
    name[0] = '/';
    name[MZ_PATH - 4] = '\0';
    setenv("STATE_DIRECTORY", name, 1);
    assert_int_equal(mz_environment_init(&environment, scene->folder, NULL, &error),
                     MZ_CONFIGURATION);
    free(name);
}

static void test_prepare_makes_the_data_folder_only(void **state)
{
    const struct scene *scene = *state;
    struct mz_environment environment;
    struct mz_error error;
    char data[MZ_PATH];
    assert_true(mz_path_join(data, scene->folder, "data"));
    setenv("XDG_DATA_HOME", data, 1);
    assert_int_equal(mz_environment_init(&environment, scene->folder, NULL, &error),
                     MZ_OK);
    assert_false(mz_file_exists(data));
    assert_int_equal(mz_environment_prepare(&environment, &error), MZ_OK);
    assert_true(mz_file_exists(environment.data_folder));
    mz_environment_finish(&environment);
    assert_int_equal(
        mz_environment_init(&environment, scene->folder, "/no/such/x.db", &error),
        MZ_OK);
    assert_int_equal(mz_environment_prepare(&environment, &error), MZ_OK);
    assert_false(mz_file_exists("/no"));
    mz_environment_finish(&environment);
}

static void test_broken_project(void **state)
{
    const struct scene *scene = *state;
    struct mz_environment environment;
    struct mz_error error;
    write_text(scene->project, "mizan.lua", "return { databse = 1 }");
    assert_int_equal(mz_environment_init(&environment, scene->project, NULL, &error),
                     MZ_SCRIPT);
    assert_null(environment.arena);
}

#define TEST(function) cmocka_unit_test_setup_teardown(function, make, drop)

int main(void)
{
    const struct CMUnitTest tests[] = {
        TEST(test_order),          TEST(test_data_folder),
        TEST(test_no_place),       TEST(test_too_long),
        TEST(test_broken_project), TEST(test_prepare_makes_the_data_folder_only),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
