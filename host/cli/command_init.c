#include <stdio.h>
#include <string.h>

#include "base/file.h"
#include "cli/command.h"

static const char project_text[] =
    "-- The project: relative paths start from this folder.\n"
    "return {\n"
    "  -- database = \"sqlite:mizan.db\",   -- the home database (this is the "
    "default)\n"
    "  -- plugins  = { \"plugins\" },       -- further folders with plugins\n"
    "}\n";

static const char pipeline_text[] =
    "-- Reads text files and stores the figures that they state.\n"
    "--   mizan run pipelines/first.lua\n"
    "--   mizan query figures\n"
    "local mizan = require \"mizan\"\n"
    "local fetch, extract, store = mizan.fetch, mizan.extract, mizan.store\n"
    "\n"
    "return mizan.pipeline {\n"
    "  name   = \"first\",\n"
    "  about  = { why = \"figures of the notes in this folder\" },\n"
    "  stages = {\n"
    "    fetch.file { path = \"notes/*.txt\" },\n"
    "    extract.article {},\n"
    "    extract.figures {},\n"
    "    mizan.each(\"figure\", \"sure\", function(figure)\n"
    "      if figure.confidence < 0.5 then return mizan.drop \"low confidence\" end\n"
    "      return figure\n"
    "    end),\n"
    "    store.figures {},\n"
    "  },\n"
    "}\n";

static const char note_text[] =
    "The ministry said on Monday that at least 1,200 soldiers had been sent. Repairs "
    "would cost between 3.5 and 4 million euros.\n";

static const char ignore_text[] = "mizan.db\nmizan.db-shm\nmizan.db-wal\n";

struct new_file {
    const char *path, *text;
};

static const struct new_file new_files[] = {{"mizan.lua", project_text},
                                            {"pipelines/first.lua", pipeline_text},
                                            {"notes/first.txt", note_text},
                                            {".gitignore", ignore_text}};

/* Refuses before it writes anything: a project that is there stays as it is. */
static enum mz_code check_empty(const char *folder, struct mz_error *error)
{
    char path[MZ_PATH];
    for (size_t i = 0; i < sizeof new_files / sizeof new_files[0]; i++) {
        if (!mz_path_join(path, folder, new_files[i].path)) {
            return mz_fail(error, MZ_USAGE, "the folder's name is too long");
        }
        if (strcmp(new_files[i].path, ".gitignore") != 0 && mz_file_exists(path)) {
            mz_fail(error, MZ_CANNOT_CREATE, "%s exists already", path);
            mz_error_help(error, "name another folder: mizan init NAME");
            return MZ_CANNOT_CREATE;
        }
    }
    return MZ_OK;
}

static enum mz_code write_file(const char *folder, const struct new_file *file,
                               struct mz_error *error)
{
    char path[MZ_PATH];
    char parent[MZ_PATH];
    if (!mz_path_join(path, folder, file->path)) {
        return mz_fail(error, MZ_USAGE, "the folder's name is too long");
    }
    if (mz_file_exists(path)) {
        return MZ_OK;
    }
    mz_path_folder(parent, path);
    enum mz_code code = mz_folder_create(parent, error);
    return code == MZ_OK ? mz_file_write(path, file->text, strlen(file->text), error)
                         : code;
}

int mz_command_init(const struct mz_arguments *arguments)
{
    const char *folder =
        mz_operand(arguments, 0) == NULL ? "." : mz_operand(arguments, 0);
    struct mz_error error;
    enum mz_code code = check_empty(folder, &error);
    for (size_t i = 0; code == MZ_OK && i < sizeof new_files / sizeof new_files[0];
         i++) {
        code = write_file(folder, &new_files[i], &error);
    }
    if (code != MZ_OK) {
        return mz_command_fail(&error);
    }
    if (strcmp(folder, ".") != 0) {
        printf("cd %s\n", folder);
    }
    printf("mizan check pipelines/first.lua\n"
           "mizan run pipelines/first.lua\n"
           "mizan query figures\n");
    return 0;
}
