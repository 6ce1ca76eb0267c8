/* robots.txt comes from whoever runs a site. The first line of the input is a target,
 * the rest the file. Verdicts must not depend on chance, robots.txt itself is never
 * closed, and a delay is never negative. */
#include <stdint.h>
#include <stdlib.h>
#include <string.h>

#include "net/robots.h"

#define TARGET_MOST 1024

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
    char target[TARGET_MOST] = "/";
    const uint8_t *stop = memchr(data, '\n', size);
    size_t first = stop == NULL ? 0 : (size_t)(stop - data) + 1;
    size_t length = first < 1 ? 0 : first - 1;
    if (length > sizeof target - 2) {
        return 0;
    }
    memcpy(target + 1, data, length);
    target[length + 1] = '\0';
    char *text = malloc(size - first + 1);
    if (text == NULL) {
        return 0;
    }
    memcpy(text, data + first, size - first);
    struct mz_robots *robots = mz_robots_parse(text, size - first, MZ_ROBOTS_PRODUCT);
    free(text);
    if (robots == NULL) {
        return 0;
    }
    if (mz_robots_allows(robots, target) != mz_robots_allows(robots, target) ||
        !mz_robots_allows(robots, "/robots.txt") || mz_robots_crawl_delay(robots) < 0) {
        abort();
    }
    mz_robots_destroy(robots);
    return 0;
}
