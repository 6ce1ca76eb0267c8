/* The ABI of major version 1, frozen: the numbers below are what plugins out there were
 * compiled with. A later minor version may add lines at the end of a structure and
 * raise its size; it may not change a line that is here. */
#include "support.h"

#include <string.h>

#include "mizan/plugin.h"
#include "plug/internal.h"

#if !defined(__LP64__)
#error "the numbers of this test are those of 64-bit machines"
#endif

/* SIZE(structure, bytes), FIELD(structure, field, offset, bytes) */
#define LAYOUT(SIZE, FIELD)                                                            \
    SIZE(mizan_slice, 16)                                                              \
    FIELD(mizan_slice, data, 0, 8)                                                     \
    FIELD(mizan_slice, size, 8, 8)                                                     \
    SIZE(mizan_list, 16)                                                               \
    FIELD(mizan_list, items, 0, 8)                                                     \
    FIELD(mizan_list, count, 8, 8)                                                     \
    SIZE(mizan_map, 16)                                                                \
    FIELD(mizan_map, fields, 0, 8)                                                     \
    FIELD(mizan_map, count, 8, 8)                                                      \
    SIZE(mizan_value, 24)                                                              \
    FIELD(mizan_value, type, 0, 4)                                                     \
    FIELD(mizan_value, reserved, 4, 4)                                                 \
    FIELD(mizan_value, as, 8, 16)                                                      \
    FIELD(mizan_value, as.integer, 8, 8)                                               \
    FIELD(mizan_value, as.number, 8, 8)                                                \
    FIELD(mizan_value, as.text, 8, 16)                                                 \
    FIELD(mizan_value, as.list, 8, 16)                                                 \
    FIELD(mizan_value, as.map, 8, 16)                                                  \
    SIZE(mizan_field, 40)                                                              \
    FIELD(mizan_field, name, 0, 16)                                                    \
    FIELD(mizan_field, value, 16, 24)                                                  \
    SIZE(mizan_locator, 48)                                                            \
    FIELD(mizan_locator, kind, 0, 4)                                                   \
    FIELD(mizan_locator, reserved, 4, 4)                                               \
    FIELD(mizan_locator, a, 8, 8)                                                      \
    FIELD(mizan_locator, b, 16, 8)                                                     \
    FIELD(mizan_locator, c, 24, 8)                                                     \
    FIELD(mizan_locator, pointer, 32, 16)                                              \
    SIZE(mizan_option, 56)                                                             \
    FIELD(mizan_option, name, 0, 8)                                                    \
    FIELD(mizan_option, type, 8, 4)                                                    \
    FIELD(mizan_option, flags, 12, 4)                                                  \
    FIELD(mizan_option, default_value, 16, 8)                                          \
    FIELD(mizan_option, minimum, 24, 8)                                                \
    FIELD(mizan_option, maximum, 32, 8)                                                \
    FIELD(mizan_option, choices, 40, 8)                                                \
    FIELD(mizan_option, help, 48, 8)                                                   \
    SIZE(mizan_header, 32)                                                             \
    FIELD(mizan_header, name, 0, 16)                                                   \
    FIELD(mizan_header, value, 16, 16)                                                 \
    SIZE(mizan_http_request, 72)                                                       \
    FIELD(mizan_http_request, size, 0, 8)                                              \
    FIELD(mizan_http_request, url, 8, 8)                                               \
    FIELD(mizan_http_request, method, 16, 8)                                           \
    FIELD(mizan_http_request, headers, 24, 8)                                          \
    FIELD(mizan_http_request, header_count, 32, 8)                                     \
    FIELD(mizan_http_request, body, 40, 16)                                            \
    FIELD(mizan_http_request, flags, 56, 4)                                            \
    FIELD(mizan_http_request, reserved, 60, 4)                                         \
    FIELD(mizan_http_request, maximum_body, 64, 8)                                     \
    SIZE(mizan_http_response, 136)                                                     \
    FIELD(mizan_http_response, size, 0, 8)                                             \
    FIELD(mizan_http_response, status, 8, 4)                                           \
    FIELD(mizan_http_response, reserved, 12, 4)                                        \
    FIELD(mizan_http_response, url, 16, 8)                                             \
    FIELD(mizan_http_response, final_url, 24, 8)                                       \
    FIELD(mizan_http_response, headers, 32, 8)                                         \
    FIELD(mizan_http_response, header_count, 40, 8)                                    \
    FIELD(mizan_http_response, body, 48, 16)                                           \
    FIELD(mizan_http_response, media_type, 64, 16)                                     \
    FIELD(mizan_http_response, charset, 80, 16)                                        \
    FIELD(mizan_http_response, etag, 96, 16)                                           \
    FIELD(mizan_http_response, last_modified, 112, 16)                                 \
    FIELD(mizan_http_response, fetched_at, 128, 8)                                     \
    SIZE(mizan_host, 344)                                                              \
    FIELD(mizan_host, size, 0, 8)                                                      \
    FIELD(mizan_host, abi_major, 8, 2)                                                 \
    FIELD(mizan_host, abi_minor, 10, 2)                                                \
    FIELD(mizan_host, reserved, 12, 4)                                                 \
    FIELD(mizan_host, host_version, 16, 8)                                             \
    FIELD(mizan_host, alloc, 24, 8)                                                    \
    FIELD(mizan_host, arena_mark, 32, 8)                                               \
    FIELD(mizan_host, arena_release, 40, 8)                                            \
    FIELD(mizan_host, fail, 48, 8)                                                     \
    FIELD(mizan_host, log, 56, 8)                                                      \
    FIELD(mizan_host, count, 64, 8)                                                    \
    FIELD(mizan_host, now, 72, 8)                                                      \
    FIELD(mizan_host, remaining, 80, 8)                                                \
    FIELD(mizan_host, cancelled, 88, 8)                                                \
    FIELD(mizan_host, plugin_folder, 96, 8)                                            \
    FIELD(mizan_host, secret, 104, 8)                                                  \
    FIELD(mizan_host, option, 112, 8)                                                  \
    FIELD(mizan_host, state_get, 120, 8)                                               \
    FIELD(mizan_host, state_set, 128, 8)                                               \
    FIELD(mizan_host, record_new, 136, 8)                                              \
    FIELD(mizan_host, record_type, 144, 8)                                             \
    FIELD(mizan_host, record_set, 152, 8)                                              \
    FIELD(mizan_host, record_get, 160, 8)                                              \
    FIELD(mizan_host, record_count, 168, 8)                                            \
    FIELD(mizan_host, record_field, 176, 8)                                            \
    FIELD(mizan_host, record_set_locator, 184, 8)                                      \
    FIELD(mizan_host, record_locator, 192, 8)                                          \
    FIELD(mizan_host, emit, 200, 8)                                                    \
    FIELD(mizan_host, http, 208, 8)                                                    \
    FIELD(mizan_host, unchanged, 216, 8)                                               \
    FIELD(mizan_host, keep_validators, 224, 8)                                         \
    FIELD(mizan_host, db_upsert, 232, 8)                                               \
    FIELD(mizan_host, db_query, 240, 8)                                                \
    FIELD(mizan_host, hash_id, 248, 8)                                                 \
    FIELD(mizan_host, failure, 256, 8)                                                 \
    FIELD(mizan_host, feature, 264, 8)                                                 \
    FIELD(mizan_host, monotonic, 272, 8)                                               \
    FIELD(mizan_host, observe, 280, 8)                                                 \
    FIELD(mizan_host, name, 288, 8)                                                    \
    FIELD(mizan_host, record_of, 296, 8)                                               \
    FIELD(mizan_host, record_source, 304, 8)                                           \
    FIELD(mizan_host, reject, 312, 8)                                                  \
    FIELD(mizan_host, body_read, 320, 8)                                               \
    FIELD(mizan_host, slice_begin, 328, 8)                                             \
    FIELD(mizan_host, slice_end, 336, 8)                                               \
    SIZE(mizan_parts, 104)                                                             \
    FIELD(mizan_parts, size, 0, 8)                                                     \
    FIELD(mizan_parts, type, 8, 8)                                                     \
    FIELD(mizan_parts, names, 16, 8)                                                   \
    FIELD(mizan_parts, values, 24, 8)                                                  \
    FIELD(mizan_parts, count, 32, 8)                                                   \
    FIELD(mizan_parts, locator, 40, 48)                                                \
    FIELD(mizan_parts, source, 88, 16)                                                 \
    SIZE(mizan_cursor, 24)                                                             \
    FIELD(mizan_cursor, offset, 0, 8)                                                  \
    FIELD(mizan_cursor, state, 8, 16)                                                  \
    SIZE(mizan_plugin, 136)                                                            \
    FIELD(mizan_plugin, magic, 0, 8)                                                   \
    FIELD(mizan_plugin, size, 8, 4)                                                    \
    FIELD(mizan_plugin, abi_major, 12, 2)                                              \
    FIELD(mizan_plugin, abi_minor, 14, 2)                                              \
    FIELD(mizan_plugin, kind, 16, 4)                                                   \
    FIELD(mizan_plugin, flags, 20, 4)                                                  \
    FIELD(mizan_plugin, name, 24, 8)                                                   \
    FIELD(mizan_plugin, version, 32, 8)                                                \
    FIELD(mizan_plugin, stability, 40, 8)                                              \
    FIELD(mizan_plugin, summary, 48, 8)                                                \
    FIELD(mizan_plugin, options, 56, 8)                                                \
    FIELD(mizan_plugin, option_count, 64, 4)                                           \
    FIELD(mizan_plugin, option_size, 68, 4)                                            \
    FIELD(mizan_plugin, consumes, 72, 8)                                               \
    FIELD(mizan_plugin, open, 80, 8)                                                   \
    FIELD(mizan_plugin, close, 88, 8)                                                  \
    FIELD(mizan_plugin, fetch, 96, 8)                                                  \
    FIELD(mizan_plugin, extract, 104, 8)                                               \
    FIELD(mizan_plugin, store, 112, 8)                                                 \
    FIELD(mizan_plugin, finish_unit, 120, 8)                                           \
    FIELD(mizan_plugin, discard_unit, 128, 8)

/* NUMBER(name, value): words that plugins store or return. */
#define NUMBERS(NUMBER)                                                                \
    NUMBER(MIZAN_ABI_MAJOR, 1)                                                         \
    NUMBER(MIZAN_PLUGIN_MAGIC, 0x4d495a414e504c47)                                     \
    NUMBER(MIZAN_OK, 0)                                                                \
    NUMBER(MIZAN_ERROR_FAILED, -1)                                                     \
    NUMBER(MIZAN_ERROR_TRANSIENT, -2)                                                  \
    NUMBER(MIZAN_ERROR_MEMORY, -3)                                                     \
    NUMBER(MIZAN_ERROR_CANCELLED, -4)                                                  \
    NUMBER(MIZAN_ERROR_OPTION, -5)                                                     \
    NUMBER(MIZAN_ERROR_INPUT, -6)                                                      \
    NUMBER(MIZAN_ERROR_NOT_FOUND, -7)                                                  \
    NUMBER(MIZAN_ERROR_LIMIT, -8)                                                      \
    NUMBER(MIZAN_ERROR_UNSUPPORTED, -9)                                                \
    NUMBER(MIZAN_ERROR_REJECTED, -10)                                                  \
    NUMBER(MIZAN_KIND_FETCH, 1)                                                        \
    NUMBER(MIZAN_KIND_EXTRACT, 2)                                                      \
    NUMBER(MIZAN_KIND_STORE, 3)                                                        \
    NUMBER(MIZAN_PLUGIN_THREAD_SAFE, 1)                                                \
    NUMBER(MIZAN_PLUGIN_OFFLINE, 2)                                                    \
    NUMBER(MIZAN_PLUGIN_PURE, 4)                                                       \
    NUMBER(MIZAN_PLUGIN_HOME_STORE, 8)                                                 \
    NUMBER(MIZAN_NIL, 0)                                                               \
    NUMBER(MIZAN_BOOLEAN, 1)                                                           \
    NUMBER(MIZAN_INTEGER, 2)                                                           \
    NUMBER(MIZAN_DOUBLE, 3)                                                            \
    NUMBER(MIZAN_DECIMAL, 4)                                                           \
    NUMBER(MIZAN_TEXT, 5)                                                              \
    NUMBER(MIZAN_BYTES, 6)                                                             \
    NUMBER(MIZAN_TIME, 7)                                                              \
    NUMBER(MIZAN_LIST, 8)                                                              \
    NUMBER(MIZAN_MAP, 9)                                                               \
    NUMBER(MIZAN_LOCATOR_NONE, 0)                                                      \
    NUMBER(MIZAN_LOCATOR_SPAN, 1)                                                      \
    NUMBER(MIZAN_LOCATOR_PAGE, 2)                                                      \
    NUMBER(MIZAN_LOCATOR_CELL, 3)                                                      \
    NUMBER(MIZAN_LOCATOR_POINTER, 4)                                                   \
    NUMBER(MIZAN_OPTION_REQUIRED, 1)                                                   \
    NUMBER(MIZAN_OPTION_SECRET, 2)                                                     \
    NUMBER(MIZAN_OPTION_LIST, 4)                                                       \
    NUMBER(MIZAN_OPTION_BOOLEAN, 1)                                                    \
    NUMBER(MIZAN_OPTION_INTEGER, 2)                                                    \
    NUMBER(MIZAN_OPTION_DECIMAL, 3)                                                    \
    NUMBER(MIZAN_OPTION_TEXT, 4)                                                       \
    NUMBER(MIZAN_OPTION_DURATION, 5)                                                   \
    NUMBER(MIZAN_OPTION_SIZE, 6)                                                       \
    NUMBER(MIZAN_OPTION_RATE, 7)                                                       \
    NUMBER(MIZAN_OPTION_PATH, 8)                                                       \
    NUMBER(MIZAN_OPTION_URL, 9)                                                        \
    NUMBER(MIZAN_OPTION_MAP, 10)                                                       \
    NUMBER(MIZAN_OPTION_SOURCES, 11)                                                   \
    NUMBER(MIZAN_HTTP_CONDITIONAL, 1)                                                  \
    NUMBER(MIZAN_LOG_DEBUG, 0)                                                         \
    NUMBER(MIZAN_LOG_INFO, 1)                                                          \
    NUMBER(MIZAN_LOG_WARNING, 2)                                                       \
    NUMBER(MIZAN_LOG_ERROR, 3)

#define SIZE_FROZEN(structure, bytes)                                                  \
    _Static_assert(sizeof(struct structure) == (bytes), "size of " #structure);
#define FIELD_FROZEN(structure, field, offset, bytes)                                  \
    _Static_assert(offsetof(struct structure, field) == (offset) &&                    \
                       sizeof(((struct structure *)0)->field) == (bytes),              \
                   #structure "." #field);
#define NUMBER_FROZEN(name, value) _Static_assert((name) == (value), #name);
LAYOUT(SIZE_FROZEN, FIELD_FROZEN)
NUMBERS(NUMBER_FROZEN)
_Static_assert(MZ_PLUGIN_SIZE_MINIMUM == 136, "the descriptor of 1.0");
_Static_assert(MZ_OPTION_SIZE_MINIMUM == 56, "the option of 1.0");

static const struct frozen {
    const char *what;
    size_t found, frozen;
} layout[] = {
#define SIZE_ROW(structure, bytes) {#structure, sizeof(struct structure), bytes},
#define FIELD_ROW(structure, field, offset, bytes)                                     \
    {#structure "." #field, offsetof(struct structure, field), offset},
    LAYOUT(SIZE_ROW, FIELD_ROW)};

static void test_layout_is_frozen(void **state)
{
    (void)state;
    for (size_t i = 0; i < sizeof layout / sizeof layout[0]; i++) {
        if (layout[i].found != layout[i].frozen) {
            fail_msg("%s is %zu, frozen at %zu", layout[i].what, layout[i].found,
                     layout[i].frozen);
        }
    }
}

/* Fields follow one another: a field that is missing above would leave a hole. */
static void test_every_field_is_listed(void **state)
{
    (void)state;
    size_t end = 0;
    const char *structure = "";
    static const struct {
        const char *structure, *field;
        size_t offset, bytes;
    } fields[] = {
#define NO_ROW(structure, bytes)
#define END_ROW(structure, field, offset, bytes) {#structure, #field, offset, bytes},
        LAYOUT(NO_ROW, END_ROW)};
    for (size_t i = 0; i < sizeof fields / sizeof fields[0]; i++) {
        if (strncmp(fields[i].field, "as.", 3) == 0) {
            continue; /* members of the union lie over one another */
        }
        if (strcmp(structure, fields[i].structure) != 0) {
            structure = fields[i].structure;
            end = 0;
        }
        if (fields[i].offset != end) {
            fail_msg("%s: something lies between byte %zu and %s", structure, end,
                     fields[i].field);
        }
        end = fields[i].offset + fields[i].bytes;
    }
}

/* The table is complete: every function that the header promises is there. */
static void test_host_table_has_no_hole(void **state)
{
    (void)state;
    const struct mizan_host *host = mz_host_table();
    assert_int_equal(host->size, sizeof *host);
    assert_int_equal(host->abi_major, MIZAN_ABI_MAJOR);
    assert_int_equal(host->abi_minor, MIZAN_ABI_MINOR);
    assert_true(MIZAN_HAS(host, host_version));
    for (size_t at = offsetof(struct mizan_host, alloc); at < host->size; at += 8) {
        void *function = NULL;
        memcpy(&function, (const char *)host + at, sizeof function);
        if (function == NULL) {
            fail_msg("the host table has nothing at byte %zu", at);
        }
    }
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(test_layout_is_frozen),
        cmocka_unit_test(test_every_field_is_listed),
        cmocka_unit_test(test_host_table_has_no_hole),
    };
    return cmocka_run_group_tests_name("abi_layout", tests, NULL, NULL);
}
