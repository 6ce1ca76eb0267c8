#include "sitemap_patterns.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#define PCRE2_CODE_UNIT_WIDTH 8
#include <pcre2.h>

#define MATCH_MOST 50000 /* calls of the matcher for one address */
#define DEPTH_MOST 1000
#define HEAP_MOST  1024 /* kibibytes */

struct sitemap_patterns {
    pcre2_code **codes;
    size_t count;
    pcre2_match_data *data;
    pcre2_match_context *context;
};

static bool prepare(struct sitemap_patterns *patterns, size_t count)
{
    patterns->codes = calloc(count + 1, sizeof(pcre2_code *));
    patterns->data = pcre2_match_data_create(1, NULL);
    patterns->context = pcre2_match_context_create(NULL);
    if (patterns->codes == NULL || patterns->data == NULL ||
        patterns->context == NULL) {
        return false;
    }
    (void)pcre2_set_match_limit(patterns->context, MATCH_MOST);
    (void)pcre2_set_depth_limit(patterns->context, DEPTH_MOST);
    (void)pcre2_set_heap_limit(patterns->context, HEAP_MOST);
    return true;
}

struct sitemap_patterns *sitemap_patterns_create(const char *const *patterns,
                                                 size_t count, size_t *wrong,
                                                 char why[256])
{
    struct sitemap_patterns *made = calloc(1, sizeof *made);
    *wrong = 0;
    if (made == NULL || !prepare(made, count)) {
        (void)snprintf(why, 256, "not enough memory");
        sitemap_patterns_destroy(made);
        return NULL;
    }
    for (size_t i = 0; i < count; i++) {
        int code = 0;
        PCRE2_SIZE place = 0;
        made->codes[i] =
            pcre2_compile((PCRE2_SPTR)patterns[i], PCRE2_ZERO_TERMINATED,
                          PCRE2_UTF | PCRE2_NEVER_BACKSLASH_C, &code, &place, NULL);
        if (made->codes[i] == NULL) {
            char text[200] = "";
            (void)pcre2_get_error_message(code, (PCRE2_UCHAR *)text, sizeof text);
            (void)snprintf(why, 256, "%s, at character %zu", text, place);
            *wrong = i;
            sitemap_patterns_destroy(made);
            return NULL;
        }
        made->count++;
    }
    return made;
}

void sitemap_patterns_destroy(struct sitemap_patterns *patterns)
{
    if (patterns == NULL) {
        return;
    }
    for (size_t i = 0; i < patterns->count; i++) {
        pcre2_code_free(patterns->codes[i]);
    }
    free(patterns->codes);
    pcre2_match_data_free(patterns->data);
    pcre2_match_context_free(patterns->context);
    free(patterns);
}

enum sitemap_match sitemap_patterns_match(const struct sitemap_patterns *patterns,
                                          const char *address)
{
    for (size_t i = 0; i < patterns->count; i++) {
        int found =
            pcre2_match(patterns->codes[i], (PCRE2_SPTR)address, strlen(address), 0, 0,
                        patterns->data, patterns->context);
        /* An address that is no UTF-8 matches nothing. */
        if (found >= 0) {
            return SITEMAP_MATCH;
        }
        if (found == PCRE2_ERROR_MATCHLIMIT || found == PCRE2_ERROR_DEPTHLIMIT ||
            found == PCRE2_ERROR_HEAPLIMIT) {
            return SITEMAP_TOO_HARD;
        }
    }
    return SITEMAP_NO_MATCH;
}
