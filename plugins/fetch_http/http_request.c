#include <inttypes.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <strings.h>

#include "http_address.h"
#include "http_auth.h"
#include "http_visit.h"
#include "json_span.h"

#define HEADERS_OF_OWN 3
#define FIELDS_OF_OWN  2 /* page and cursor */

static int32_t no_memory(const struct http_visit *visit)
{
    return visit->host->fail(visit->task, MIZAN_ERROR_MEMORY,
                             "not enough memory for a request");
}

static bool is_number(const char *text)
{
    return *text != '\0' && text[strspn(text, "0123456789")] == '\0';
}

/* The parameters by which pages and the cursor are asked for. */
static size_t list_fields(const struct http_visit *visit, char number[32],
                          struct http_field fields[FIELDS_OF_OWN])
{
    const struct http_plan *plan = visit->plan;
    size_t count = 0;
    if (plan->cursor.send != NULL && visit->cursor.size > 0) {
        fields[count++] = (struct http_field){plan->cursor.send, visit->cursor.data,
                                              is_number(visit->cursor.data)};
    }
    if (plan->pages.kind == HTTP_PAGES_NUMBER) {
        (void)snprintf(number, 32, "%" PRId64, plan->pages.first + visit->page);
        fields[count++] = (struct http_field){plan->pages.name, number, true};
    } else if (plan->pages.kind == HTTP_PAGES_OFFSET) {
        (void)snprintf(number, 32, "%" PRId64, plan->pages.first + visit->rows);
        fields[count++] = (struct http_field){plan->pages.name, number, true};
    } else if (plan->pages.kind == HTTP_PAGES_CURSOR && visit->next.size > 0) {
        fields[count++] =
            (struct http_field){plan->pages.send, visit->next.data, false};
    }
    return count;
}

static int32_t make_url(struct http_visit *visit)
{
    const struct http_plan *plan = visit->plan;
    const struct mizan_host *host = visit->host;
    struct mizan_value url = {.type = MIZAN_NIL}, params = {.type = MIZAN_NIL};
    struct mizan_slice name = {"", 0};
    http_text_finish(&visit->url);
    if (host->record_get(visit->source, "url", &url) && mizan_is_text(&url)) {
        http_text_add(&visit->url, url.as.text.data, url.as.text.size);
    } else if (plan->url != NULL) {
        http_text_string(&visit->url, plan->url);
    } else {
        return host->fail(visit->task, MIZAN_ERROR_OPTION, "a source has no url");
    }
    bool good = http_address_set_all(&visit->url, &plan->params, &name);
    if (good && host->record_get(visit->source, "params", &params)) {
        good = http_address_set_all(&visit->url, &params, &name);
    }
    if (!good) {
        return host->fail(
            visit->task, MIZAN_ERROR_OPTION,
            "params: %.*s wants text, a number, a boolean or a list of such",
            (int)name.size, name.data);
    }
    return visit->url.failed ? no_memory(visit) : MIZAN_OK;
}

int32_t http_visit_address(struct http_visit *visit)
{
    const struct http_plan *plan = visit->plan;
    struct http_field fields[FIELDS_OF_OWN];
    char number[32];
    int32_t status = make_url(visit);
    if (status != MIZAN_OK) {
        return status;
    }
    size_t count = list_fields(visit, number, fields);
    http_text_finish(&visit->body);
    if (plan->body.type == MIZAN_MAP) {
        http_body_write(&visit->body, &plan->body, fields,
                        plan->fields_in_body ? count : 0);
    } else if (plan->fields_in_body) {
        http_body_write(&visit->body, &plan->body, fields, count);
    } else if (mizan_is_text(&plan->body)) {
        http_text_add(&visit->body, plan->body.as.text.data, plan->body.as.text.size);
    }
    for (size_t i = 0; i < count && !plan->fields_in_body; i++) {
        http_address_set(&visit->url, fields[i].name, fields[i].value);
    }
    return visit->url.failed || visit->body.failed ? no_memory(visit) : MIZAN_OK;
}

/* A request that was made before would be made for ever. */
static int32_t note_request(struct http_visit *visit)
{
    const struct mizan_slice parts[] = {{visit->url.data, visit->url.size},
                                        {visit->body.data, visit->body.size}};
    char hash[33];
    int32_t status = visit->host->hash_id(parts, 2, hash);
    for (size_t i = 0; i < visit->seen_count && status == MIZAN_OK; i++) {
        if (memcmp(visit->seen[i], hash, sizeof hash) == 0) {
            return visit->host->fail(visit->task, MIZAN_ERROR_FAILED,
                                     "%s: the page leads back to one that was there "
                                     "before",
                                     visit->url.data);
        }
    }
    if (visit->seen_count % 64 == 0) {
        void *larger =
            realloc(visit->seen, (visit->seen_count + 64) * sizeof *visit->seen);
        if (larger == NULL) {
            return no_memory(visit);
        }
        visit->seen = larger;
    }
    memcpy(visit->seen[visit->seen_count++], hash, sizeof hash);
    return status;
}

static int32_t ask_once(struct http_visit *visit, bool renew)
{
    struct http_plan *plan = visit->plan;
    struct http_text allowed = {.data = NULL};
    struct mizan_slice name = {NULL, 0};
    struct mizan_header *headers =
        calloc(plan->header_count + HEADERS_OF_OWN, sizeof *headers);
    size_t count = plan->header_count;
    if (headers == NULL) {
        return no_memory(visit);
    }
    if (count > 0) {
        memcpy(headers, plan->headers, count * sizeof *headers);
    }
    int32_t status = http_auth_header(plan, visit->task, renew, &name, &allowed);
    if (name.data != NULL) {
        headers[count++] = (struct mizan_header){name, {allowed.data, allowed.size}};
    }
    if (plan->body.type == MIZAN_MAP || plan->fields_in_body) {
        headers[count++] =
            (struct mizan_header){{"Content-Type", 12}, {"application/json", 16}};
    }
    const struct mizan_http_request request = {
        .size = sizeof request,
        .url = visit->url.data,
        .method = plan->method != NULL   ? plan->method
                  : visit->body.size > 0 ? "POST"
                                         : NULL,
        .headers = headers,
        .header_count = count,
        .body = {visit->body.data, visit->body.size},
        /* A page that did not change still leads to the next, which 304 does not tell.
         */
        .flags = plan->pages.kind == HTTP_PAGES_NONE && plan->method == NULL &&
                         visit->body.size == 0
                     ? MIZAN_HTTP_CONDITIONAL
                     : 0};
    if (status == MIZAN_OK) {
        visit->answer = (struct mizan_http_response){.size = sizeof visit->answer};
        status = visit->host->http(visit->task, &request, &visit->answer);
    }
    http_text_finish(&allowed);
    free(headers);
    return status;
}

int32_t http_visit_ask(struct http_visit *visit)
{
    int32_t status = note_request(visit);
    if (status == MIZAN_OK) {
        status = ask_once(visit, false);
    }
    if (status == MIZAN_ERROR_NOT_FOUND && visit->plan->auth.kind == HTTP_AUTH_OAUTH2 &&
        http_auth_was_refused(visit->plan, visit->task)) {
        status = ask_once(visit, true);
    }
    return status;
}

/* ---- the next page ---- */

/* Of `<https://…?page=2>; rel="next", <…>; rel="last"` the link that is next. */
static bool find_link(const struct mizan_slice *header, struct http_text *out)
{
    const char *at = header->data, *end = header->data + header->size;
    while (at < end) {
        const char *open = memchr(at, '<', (size_t)(end - at));
        const char *close =
            open == NULL ? NULL : memchr(open, '>', (size_t)(end - open));
        if (close == NULL) {
            return false;
        }
        const char *stop = memchr(close, '<', (size_t)(end - close));
        stop = stop == NULL ? end : stop;
        for (const char *rel = close; rel + 8 <= stop; rel++) {
            bool named = strncasecmp(rel, "rel=", 4) == 0;
            const char *word = rel + 4 + (named && rel[4] == '"' ? 1 : 0);
            if (named && word + 4 <= stop && strncasecmp(word, "next", 4) == 0) {
                http_text_add(out, open + 1, (size_t)(close - open - 1));
                return true;
            }
        }
        at = stop;
    }
    return false;
}

/* What the answer says of the next page into visit->next. */
static bool find_next(struct http_visit *visit)
{
    const struct http_plan *plan = visit->plan;
    const struct mizan_http_response *answer = &visit->answer;
    bool found = false;
    http_text_finish(&visit->next);
    if (plan->pages.kind == HTTP_PAGES_LINK) {
        for (size_t i = 0; i < answer->header_count && !found; i++) {
            found = answer->headers[i].name.size == 4 &&
                    strncasecmp(answer->headers[i].name.data, "link", 4) == 0 &&
                    find_link(&answer->headers[i].value, &visit->next);
        }
        return found;
    }
    struct json_span whole, value;
    return json_span_whole(answer->body.size > 0 ? answer->body.data : "",
                           answer->body.size, &whole) &&
           json_span_find(whole, plan->pages.name, &value) &&
           json_span_text(value, &visit->next) && visit->next.size > 0 &&
           strcmp(visit->next.data, "false") != 0;
}

/* A link takes the place of the address; to another host it would take secrets along.
 */
static int32_t follow(struct http_visit *visit)
{
    struct http_text url = {.data = NULL};
    if (!http_address_resolve(visit->url.data, visit->next.data, &url)) {
        http_text_finish(&url);
        return no_memory(visit);
    }
    if (!http_address_same_origin(visit->url.data, url.data)) {
        int32_t status = visit->host->fail(
            visit->task, MIZAN_ERROR_FAILED,
            "%s: the next page is at another host, %.200s; that is not followed",
            visit->url.data, url.data);
        http_text_finish(&url);
        return status;
    }
    http_text_finish(&visit->url);
    visit->url = url;
    return MIZAN_OK;
}

int32_t http_visit_next(struct http_visit *visit, bool *more)
{
    const struct http_plan *plan = visit->plan;
    visit->page++;
    *more = false;
    switch (plan->pages.kind) {
    case HTTP_PAGES_NUMBER:
    case HTTP_PAGES_OFFSET:
        *more = visit->page_rows > 0 && visit->page_rows >= plan->pages.size;
        break;
    case HTTP_PAGES_POINTER:
    case HTTP_PAGES_LINK:
    case HTTP_PAGES_CURSOR:
        *more = find_next(visit);
        break;
    case HTTP_PAGES_NONE:
    default:
        break;
    }
    if (*more && visit->page >= plan->pages.most) {
        return visit->host->fail(visit->task, MIZAN_ERROR_LIMIT,
                                 "%s: more than %" PRId64
                                 " pages (pages.most sets how many are read)",
                                 visit->url.data, plan->pages.most);
    }
    if (!*more) {
        return MIZAN_OK;
    }
    bool is_link =
        plan->pages.kind == HTTP_PAGES_POINTER || plan->pages.kind == HTTP_PAGES_LINK;
    return is_link ? follow(visit) : http_visit_address(visit);
}
