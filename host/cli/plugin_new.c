/* mizan plugin new: a folder with a plugin that builds, passes its checks and is there
 * to be changed. Its files are those of plugins/template, compiled in. */
#include <dirent.h>
#include <stdio.h>
#include <string.h>

#include "base/buffer.h"
#include "base/file.h"
#include "cli/plugin.h"
#include "plug/internal.h"
#include "plug/plugin.h"

#define FILE_MOST ((size_t)1 << 20)

extern const unsigned char mz_template_extract[], mz_template_fetch[],
    mz_template_store[], mz_template_extract_example[], mz_template_fetch_example[],
    mz_template_store_example[], mz_template_cmake[], mz_template_readme[],
    mz_template_format[];

struct new_plugin {
    enum mizan_kind kind;
    const char *name;
    const char *folder;
};

/* ---- what the files say ---- */

static const unsigned char *source_of(enum mizan_kind kind, bool example)
{
    switch ((int)kind) {
    case MIZAN_KIND_FETCH:
        return example ? mz_template_fetch_example : mz_template_fetch;
    case MIZAN_KIND_EXTRACT:
        return example ? mz_template_extract_example : mz_template_extract;
    default:
        return example ? mz_template_store_example : mz_template_store;
    }
}

/* The words of the template and what stands for them in the new plugin. */
static void fill(const struct new_plugin *plugin, const char *text,
                 struct mz_buffer *out)
{
    char label[64];
    char file[64];
    const char *kind = mz_kind_name(plugin->kind);
    snprintf(label, sizeof label, "%s.%s", kind, plugin->name);
    snprintf(file, sizeof file, "%s_%s", kind, plugin->name);
    const struct {
        const char *word, *by;
    } words[] = {{"extract.template", label},
                 {"extract_template", file},
                 {"template", plugin->name},
                 {"A plugin to copy: it ", "It "},
                 {"A fetch plugin to copy: it ", "It "},
                 {"A store plugin to copy: it ", "It "}};
    while (*text != '\0') {
        size_t i = 0;
        while (i < sizeof words / sizeof words[0] &&
               strncmp(text, words[i].word, strlen(words[i].word)) != 0) {
            i++;
        }
        if (i < sizeof words / sizeof words[0]) {
            mz_buffer_text(out, words[i].by);
            text += strlen(words[i].word);
        } else {
            mz_buffer_byte(out, *text++);
        }
    }
}

static enum mz_code write_file(const struct new_plugin *plugin, const char *name,
                               const unsigned char *text, struct mz_error *error)
{
    char path[MZ_PATH];
    struct mz_buffer out;
    mz_buffer_init(&out, FILE_MOST);
    fill(plugin, (const char *)text, &out);
    enum mz_code code = MZ_OK;
    if (!mz_path_join(path, plugin->folder, name)) {
        code = mz_fail(error, MZ_USAGE, "the folder's name is too long");
    } else if (!mz_buffer_ok(&out)) {
        code = mz_fail(error, MZ_MEMORY, "not enough memory for %s", name);
    } else {
        code = mz_file_write(path, out.data, out.size, error);
    }
    mz_buffer_finish(&out);
    return code;
}

static enum mz_code write_all(const struct new_plugin *plugin, struct mz_error *error)
{
    char source[64];
    snprintf(source, sizeof source, "%s_%s.c", mz_kind_name(plugin->kind),
             plugin->name);
    const struct {
        const char *name;
        const unsigned char *text;
    } files[] = {{source, source_of(plugin->kind, false)},
                 {"example.lua", source_of(plugin->kind, true)},
                 {"CMakeLists.txt", mz_template_cmake},
                 {"README.md", mz_template_readme},
                 {".clang-format", mz_template_format}};
    enum mz_code code = mz_folder_create(plugin->folder, error);
    for (size_t i = 0; code == MZ_OK && i < sizeof files / sizeof files[0]; i++) {
        code = write_file(plugin, files[i].name, files[i].text, error);
    }
    return code;
}

/* ---- the command ---- */

static bool read_kind(const char *word, enum mizan_kind *out)
{
    for (int kind = MIZAN_KIND_FETCH; word != NULL && kind <= MIZAN_KIND_STORE;
         kind++) {
        *out = (enum mizan_kind)kind;
        if (strcmp(word, mz_kind_name(*out)) == 0) {
            return true;
        }
    }
    return false;
}

static enum mz_code check_folder(const char *folder, struct mz_error *error)
{
    const struct dirent *entry;
    size_t count = 0;
    DIR *entries = opendir(folder);
    if (entries == NULL) {
        return MZ_OK; /* it is made, or making it says what is wrong */
    }
    /* NOLINTNEXTLINE: no other thread has this stream */
    while ((entry = readdir(entries)) != NULL) {
        count += strcmp(entry->d_name, ".") != 0 && strcmp(entry->d_name, "..") != 0;
    }
    closedir(entries);
    if (count == 0) {
        return MZ_OK;
    }
    mz_fail(error, MZ_CANNOT_CREATE, "the folder %s is not empty", folder);
    mz_error_help(error, "name another: mizan plugin new NAME --kind KIND FOLDER");
    return MZ_CANNOT_CREATE;
}

/* Where find_package will find the SDK: the build folder, or above bin/. */
static void print_steps(const struct new_plugin *plugin)
{
    char program[MZ_PATH];
    char package[MZ_PATH];
    printf("cd %s\n", plugin->folder);
    if (mz_program_folder(program) &&
        mz_path_join(package, program, "lib/cmake/Mizan/MizanConfig.cmake") &&
        !mz_file_exists(package)) {
        char above[MZ_PATH];
        mz_path_folder(above, program);
        memcpy(program, above, sizeof program);
    }
    printf("cmake -S . -B build -DCMAKE_PREFIX_PATH=%s\n"
           "cmake --build build\n"
           "ctest --test-dir build\n",
           program);
}

int mz_plugin_command_new(const struct mz_arguments *arguments)
{
    struct mz_error error;
    char folder[64];
    struct new_plugin plugin = {.name = mz_operand(arguments, 1),
                                .folder = mz_operand(arguments, 2)};
    if (!read_kind(mz_argument(arguments, "kind"), &plugin.kind)) {
        mz_fail(&error, MZ_USAGE, "mizan plugin new needs to know the kind");
        mz_error_help(&error, "usage: mizan plugin new NAME --kind fetch|extract|store "
                              "[FOLDER]");
        return mz_command_fail(&error);
    }
    if (!mz_plugin_name_valid(plugin.name)) {
        mz_fail(&error, MZ_USAGE, "'%s' is no name for a plugin", plugin.name);
        mz_error_help(&error, "a name is of a-z, 0-9 and _, begins with a letter, and "
                              "has 39 bytes at most");
        return mz_command_fail(&error);
    }
    if (plugin.folder == NULL) {
        snprintf(folder, sizeof folder, "%s_%s", mz_kind_name(plugin.kind),
                 plugin.name);
        plugin.folder = folder;
    }
    if (check_folder(plugin.folder, &error) != MZ_OK ||
        write_all(&plugin, &error) != MZ_OK) {
        return mz_command_fail(&error);
    }
    print_steps(&plugin);
    return 0;
}
