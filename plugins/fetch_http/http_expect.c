/* Whether an answer of status 200 is the content that was asked for, and not a page
 * that says something else: what was stored before stays then. */
#include <ctype.h>
#include <stdbool.h>
#include <string.h>
#include <strings.h>

#include "http_visit.h"

#define LOOK_MOST 4096 /* bytes looked at for the first element */

static const char *skip_prolog(const char *at, const char *end)
{
    bool more = true;
    while (more && at < end) {
        while (at < end && (isspace((unsigned char)*at) || (unsigned char)*at == 0xEF ||
                            (unsigned char)*at == 0xBB || (unsigned char)*at == 0xBF)) {
            at++;
        }
        bool comment = end - at > 4 && memcmp(at, "<!--", 4) == 0;
        bool other = end - at > 2 && at[0] == '<' && (at[1] == '?' || at[1] == '!');
        more = comment || other;
        if (more) {
            const char *close = comment ? memmem(at, (size_t)(end - at), "-->", 3)
                                        : memchr(at, '>', (size_t)(end - at));
            at = close == NULL ? end : close + (comment ? 3 : 1);
        }
    }
    return at;
}

/* Writes what the body begins with: "list", "object", the name of an element, or
 * "text".
 */
static void find_root(const struct mizan_slice *body, char out[64])
{
    const char *at = body->size > 0 ? body->data : "";
    const char *end = at + (body->size < LOOK_MOST ? body->size : LOOK_MOST);
    size_t size = 0;
    at = skip_prolog(at, end);
    if (at < end && *at == '<') {
        for (at++;
             at < end && size < 63 &&
             (isalnum((unsigned char)*at) || (*at != '\0' && strchr(":_-.", *at)));
             at++) {
            out[size++] = *at;
        }
        out[size] = '\0';
        return;
    }
    const char *word = at < end && *at == '['   ? "list"
                       : at < end && *at == '{' ? "object"
                                                : "text";
    memcpy(out, word, strlen(word) + 1);
}

static bool is_type(const struct mizan_slice *type, const char *expected)
{
    size_t size = strlen(expected);
    bool prefix = size > 0 && expected[size - 1] == '/';
    return (prefix ? type->size >= size : type->size == size) &&
           strncasecmp(type->data == NULL ? "" : type->data, expected, size) == 0;
}

int32_t http_check_answer(const struct http_visit *visit)
{
    const struct http_plan *plan = visit->plan;
    const struct mizan_http_response *answer = &visit->answer;
    const char *wanted = plan->records != NULL ? "JSON" : plan->expect.root;
    const char *url = visit->url.data;
    char root[64];
    find_root(&answer->body, root);
    if (plan->expect.type != NULL && !is_type(&answer->media_type, plan->expect.type)) {
        return visit->host->fail(
            visit->task, MIZAN_ERROR_FAILED,
            "%s: unexpected content: %.*s in place of %s", url,
            answer->media_type.size > 0 ? (int)answer->media_type.size : 7,
            answer->media_type.size > 0 ? answer->media_type.data : "nothing",
            plan->expect.type);
    }
    bool right = plan->expect.root == NULL || strcasecmp(root, plan->expect.root) == 0;
    right = right && (plan->records == NULL || strcmp(root, "list") == 0 ||
                      strcmp(root, "object") == 0);
    if (!right) {
        bool page = strcasecmp(root, "html") == 0;
        return visit->host->fail(visit->task, MIZAN_ERROR_FAILED,
                                 "%s: unexpected content: %s%s in place of %s", url,
                                 page ? "an HTML page, perhaps an error or a login"
                                      : "it begins with ",
                                 page ? "" : root, wanted);
    }
    if (plan->expect.contains != NULL &&
        (answer->body.size == 0 ||
         memmem(answer->body.data, answer->body.size, plan->expect.contains,
                strlen(plan->expect.contains)) == NULL)) {
        return visit->host->fail(
            visit->task, MIZAN_ERROR_FAILED,
            "%s: unexpected content: '%.100s' does not stand in it", url,
            plan->expect.contains);
    }
    return MIZAN_OK;
}
