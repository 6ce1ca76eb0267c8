/* A plain main for a fuzz target: runs it over every file of the folders or files that
 * are named, so that ctest replays the corpora with any compiler. */
#include <dirent.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

static size_t replayed;

static int replay_file(const char *path)
{
    FILE *file = fopen(path, "rbe");
    struct stat status;
    if (file == NULL || fstat(fileno(file), &status) != 0) {
        perror(path);
        return 1;
    }
    size_t size = (size_t)status.st_size;
    /* Of exactly this size, so that a byte read too far is seen. */
    uint8_t *data = malloc(size == 0 ? 1 : size);
    int failure = data == NULL || fread(data, 1, size, file) != size;
    if (!failure) {
        LLVMFuzzerTestOneInput(data, size);
        replayed++;
    }
    free(data);
    fclose(file);
    return failure;
}

static int replay_folder(const char *folder)
{
    struct dirent **entries = NULL;
    int count = scandir(folder, &entries, NULL, alphasort);
    int failure = count < 0;
    for (int i = 0; i < count; i++) {
        char path[4096];
        int length = snprintf(path, sizeof path, "%s/%s", folder, entries[i]->d_name);
        if (entries[i]->d_name[0] != '.' && length < (int)sizeof path) {
            failure |= replay_file(path);
        }
        free(entries[i]);
    }
    free(entries);
    return failure;
}

int main(int count, char **words)
{
    int failure = 0;
    for (int i = 1; i < count; i++) {
        struct stat status;
        if (stat(words[i], &status) == 0 && S_ISDIR(status.st_mode)) {
            failure |= replay_folder(words[i]);
        } else {
            failure |= replay_file(words[i]);
        }
    }
    printf("%zu inputs replayed\n", replayed);
    return failure != 0 || replayed == 0;
}
