/* The plugin ABI of Mizan, major version 1.
 *
 * A plugin is a shared object that exports one symbol, `mizan_plugin_v1`, a constant
 * descriptor. It links against nothing of the host: every service comes in as a table
 * of functions (struct mizan_host) when the plugin is opened. No lua_State, FILE,
 * errno, longjmp or malloc'ed return crosses this border.
 *
 * Rules that hold for the whole header
 * - Text is UTF-8 with an explicit length; names (types, fields, tables) are
 *   NUL-terminated ASCII.
 * - Whatever a service returns lives in the arena of the task that asked and dies with
 *   that task, unless said otherwise. A plugin never frees it.
 * - Times are milliseconds since 1970-01-01T00:00:00Z. Durations are milliseconds.
 *   Sizes are bytes.
 * - Decimals are text: an optional minus sign, digits, an optional point and digits.
 * - Functions that return int32_t return MIZAN_OK (0) or a negative enum mizan_status.
 * - Structures only grow at their end, in a minor version; each begins with, or is
 *   accompanied by, its size. MIZAN_HAS(host, field) asks whether the host at hand
 *   knows a service of a later minor version; fields that came after 1.0 stand below
 *   a line that says since when.
 */
#ifndef MIZAN_PLUGIN_H
#define MIZAN_PLUGIN_H

#include <stddef.h>
#include <stdint.h>

#ifdef __cplusplus
extern "C" {
#endif

#define MIZAN_ABI_MAJOR 1
#define MIZAN_ABI_MINOR 2

/* "MIZANPLG", read as a big-endian number. */
#define MIZAN_PLUGIN_MAGIC UINT64_C(0x4d495a414e504c47)

/* True when `table` is large enough to hold `field` and the field is set. */
#define MIZAN_HAS(table, field)                                                        \
    ((table)->size >= offsetof(struct mizan_host, field) + sizeof((table)->field) &&   \
     (table)->field != NULL)

#if defined(__GNUC__)
#define MIZAN_EXPORT              __attribute__((visibility("default")))
#define MIZAN_PRINTF(text, first) __attribute__((format(printf, text, first)))
#else
#define MIZAN_EXPORT
#define MIZAN_PRINTF(text, first)
#endif

/* What a plugin function returns. Say why with host->fail, which returns the status. */
enum mizan_status {
    MIZAN_OK = 0,
    MIZAN_ERROR_FAILED = -1,      /* this call failed and would fail again */
    MIZAN_ERROR_TRANSIENT = -2,   /* this call failed; later it may work */
    MIZAN_ERROR_MEMORY = -3,      /* an allocation was refused */
    MIZAN_ERROR_CANCELLED = -4,   /* the run is being stopped or the deadline passed */
    MIZAN_ERROR_OPTION = -5,      /* an option has a value that cannot be used */
    MIZAN_ERROR_INPUT = -6,       /* the record cannot be processed: a dead letter */
    MIZAN_ERROR_NOT_FOUND = -7,   /* what was asked for does not exist */
    MIZAN_ERROR_LIMIT = -8,       /* a size, count or budget was exceeded */
    MIZAN_ERROR_UNSUPPORTED = -9, /* the host or the task has no such service */
    MIZAN_ERROR_REJECTED = -10    /* the data broke an expectation: a reject */
};

enum mizan_kind { MIZAN_KIND_FETCH = 1, MIZAN_KIND_EXTRACT = 2, MIZAN_KIND_STORE = 3 };

enum mizan_plugin_flag {
    MIZAN_PLUGIN_THREAD_SAFE = 1, /* one instance may be called from many threads */
    MIZAN_PLUGIN_OFFLINE = 2,     /* never asks for host->http */
    MIZAN_PLUGIN_PURE = 4,        /* output depends on input and options alone */
    MIZAN_PLUGIN_HOME_STORE = 8   /* store only: called inside the unit's transaction
                                     and writes through host->db_upsert alone; a store
                                     without this flag is called before the transaction
                                     opens and may see a unit again (at least once) */
};

enum mizan_type {
    MIZAN_NIL = 0,
    MIZAN_BOOLEAN = 1, /* as.integer, 0 or 1 */
    MIZAN_INTEGER = 2, /* as.integer */
    MIZAN_DOUBLE = 3,  /* as.number */
    MIZAN_DECIMAL = 4, /* as.text, exact */
    MIZAN_TEXT = 5,    /* as.text, UTF-8 */
    MIZAN_BYTES = 6,   /* as.text, anything */
    MIZAN_TIME = 7,    /* as.integer, milliseconds since 1970 UTC */
    MIZAN_LIST = 8,    /* as.list */
    MIZAN_MAP = 9      /* as.map, fields in the order they were set */
};

struct mizan_slice {
    const char *data; /* NULL only when size is 0 */
    size_t size;
};

struct mizan_value;
struct mizan_field;

struct mizan_list {
    const struct mizan_value *items;
    size_t count;
};

struct mizan_map {
    const struct mizan_field *fields;
    size_t count;
};

struct mizan_value {
    uint32_t type;     /* enum mizan_type */
    uint32_t reserved; /* 0; in record_of: enum mizan_form */
    union {
        int64_t integer;
        double number;
        struct mizan_slice text;
        struct mizan_list list;
        struct mizan_map map;
    } as;
};

struct mizan_field {
    struct mizan_slice name;
    struct mizan_value value;
};

/* Where in its document a record stands. Unused members are 0. */
enum mizan_locator_kind {
    MIZAN_LOCATOR_NONE = 0,
    MIZAN_LOCATOR_SPAN = 1,   /* byte offsets a..b into the text, half open */
    MIZAN_LOCATOR_PAGE = 2,   /* page a, counted from 1 */
    MIZAN_LOCATOR_CELL = 3,   /* table a, row b, column c, counted from 1 */
    MIZAN_LOCATOR_POINTER = 4 /* JSON Pointer (RFC 6901) in pointer */
};

struct mizan_locator {
    uint32_t kind;
    uint32_t reserved;
    int64_t a, b, c;
    struct mizan_slice pointer;
};

/* How what record_of is given is to be read (since 1.2). */
enum mizan_form {
    MIZAN_FORM_PLAIN = 0,
    /* With type MIZAN_TEXT: as.text is one JSON value as it was written, well-formed
     * and nested no deeper than 32 levels. The host reads it when somebody asks for it.
     */
    MIZAN_FORM_JSON = 1
};

/* A name of a field or a type, kept for the process (since 1.2). */
typedef struct mz_name mizan_name;

/* A record at once, for readers of many rows (since 1.2). Names differ from one
 * another. Texts and lists of the values, the pointer of the locator and the source are
 * not copied: they lie in the arena of the task, or in the body of its document. */
struct mizan_parts {
    size_t size; /* sizeof(struct mizan_parts) */
    const mizan_name *type;
    const mizan_name *const *names;
    const struct mizan_value *values; /* none is nil */
    size_t count;
    struct mizan_locator locator;
    /* The JSON object on one line that the fields were read from, no name in it
     * beginning with '_'; or nothing. */
    struct mizan_slice source;
};

/* Where in a long document a slice of its rows begins (since 1.2). */
struct mizan_cursor {
    uint64_t offset; /* bytes of the body */
    struct mizan_slice
        state; /* the extractor's own, what it must know to go on there */
};

/* One call's context: arena, deadline, source, unit. Valid during the call. */
typedef struct mizan_task mizan_task;

/* A set of typed fields with a type name and a locator. Valid while its task is. */
typedef struct mizan_record mizan_record;

/* The options of one stage, checked against the plugin's schema, defaults filled in. */
typedef struct mizan_options mizan_options;

enum mizan_option_flag {
    MIZAN_OPTION_REQUIRED = 1,
    MIZAN_OPTION_SECRET = 2, /* never printed, logged or shown */
    MIZAN_OPTION_LIST = 4 /* a list of values of this type; one value is a list of 1 */
};

enum mizan_option_type {
    MIZAN_OPTION_BOOLEAN = 1,
    MIZAN_OPTION_INTEGER = 2,
    MIZAN_OPTION_DECIMAL = 3,
    MIZAN_OPTION_TEXT = 4,
    MIZAN_OPTION_DURATION = 5, /* "90s", "5m", "2h", "7d": an integer, milliseconds */
    MIZAN_OPTION_SIZE = 6,     /* "64k", "16M", "1G": an integer, bytes */
    MIZAN_OPTION_RATE = 7,     /* "1/2s": an integer, milliseconds between requests */
    MIZAN_OPTION_PATH = 8,     /* made absolute against the project's folder */
    MIZAN_OPTION_URL = 9,      /* absolute, http or https */
    MIZAN_OPTION_MAP = 10,     /* a table with text keys, values of any type */
    MIZAN_OPTION_SOURCES = 11  /* a list of tables, each with a text `id` */
};

/* One option of a plugin: checking, help, completion and documentation come from it. */
struct mizan_option {
    const char *name;
    uint32_t type;             /* enum mizan_option_type */
    uint32_t flags;            /* enum mizan_option_flag, or-ed */
    const char *default_value; /* as a script would write it, or NULL */
    const char *minimum;       /* numbers, durations, sizes: inclusive, or NULL */
    const char *maximum;
    const char *choices; /* text: allowed words separated by '|', or NULL */
    const char *help;    /* one sentence */
};

struct mizan_header {
    struct mizan_slice name;
    struct mizan_slice value;
};

enum mizan_http_flag {
    MIZAN_HTTP_CONDITIONAL = 1 /* send the validators stored for this address */
};

struct mizan_http_request {
    size_t size;        /* sizeof(struct mizan_http_request) */
    const char *url;    /* absolute, http or https */
    const char *method; /* NULL: GET */
    const struct mizan_header *headers;
    size_t header_count;
    struct mizan_slice body;
    uint32_t flags; /* enum mizan_http_flag */
    uint32_t reserved;
    uint64_t maximum_body; /* decoded bytes; 0: the host's limit */
};

struct mizan_http_response {
    size_t size;    /* sizeof, set by the caller: the host fills no more than this */
    int32_t status; /* 200, 304 …; answers of 4xx and 5xx are errors, not responses */
    uint32_t reserved;
    const char *url;       /* as asked */
    const char *final_url; /* after redirects */
    const struct mizan_header *headers;
    size_t header_count;
    struct mizan_slice body;
    struct mizan_slice media_type; /* lower case, without parameters */
    struct mizan_slice charset;    /* as declared in Content-Type, or empty */
    struct mizan_slice etag;       /* opaque, as sent */
    struct mizan_slice last_modified;
    int64_t fetched_at;
};

enum mizan_log_level {
    MIZAN_LOG_DEBUG = 0,
    MIZAN_LOG_INFO = 1,
    MIZAN_LOG_WARNING = 2,
    MIZAN_LOG_ERROR = 3
};

/* The services of the host. All may be called from the thread that runs the call. */
struct mizan_host {
    size_t size; /* of this table in the host at hand */
    uint16_t abi_major, abi_minor;
    uint32_t reserved;
    const char *host_version;

    /* Memory of the task, aligned for any type, or NULL when its ceiling is reached. */
    void *(*alloc)(mizan_task *task, size_t size);
    /* Frees at once what was allocated since the mark: for loops in long calls. */
    uint64_t (*arena_mark)(mizan_task *task);
    void (*arena_release)(mizan_task *task, uint64_t mark);

    /* Records the sentence that explains a failure; returns `status`. */
    int32_t (*fail)(mizan_task *task, int32_t status, const char *format, ...)
        MIZAN_PRINTF(3, 4);
    void (*log)(mizan_task *task, int32_t level, const char *format, ...)
        MIZAN_PRINTF(3, 4);
    /* Adds to a counter of the run; names are [a-z_]+, shown in the run's counts. */
    void (*count)(mizan_task *task, const char *name, int64_t delta);

    int64_t (*now)(mizan_task *task);       /* wall clock; virtual in tests */
    int64_t (*remaining)(mizan_task *task); /* milliseconds until the deadline */
    int32_t (*cancelled)(mizan_task *task); /* 1: return MIZAN_ERROR_CANCELLED soon */

    /* The folder that the plugin was loaded from, for its data files. */
    const char *(*plugin_folder)(mizan_task *task);
    /* A secret bound to this stage; MIZAN_ERROR_NOT_FOUND names where it was sought. */
    int32_t (*secret)(mizan_task *task, const char *name, struct mizan_slice *out);

    /* The value of an option, type as its schema says; type MIZAN_NIL when not given
     * and without default. Lives as long as the instance. */
    int32_t (*option)(const mizan_options *options, const char *name,
                      struct mizan_value *out);

    /* State kept per pipeline and source. A value that was set becomes visible with
     * the commit of the next document that is emitted, or of the end of the source; one
     * without data (NULL) forgets the key. Getting a value that rides with a document
     * waits for its commit: when it failed, what held before is given. */
    int32_t (*state_get)(mizan_task *task, const char *key, struct mizan_slice *out);
    int32_t (*state_set)(mizan_task *task, const char *key, struct mizan_slice value);

    /* Records. A record made here belongs to the task's arena; record_set copies the
     * value; setting NIL removes the field. */
    mizan_record *(*record_new)(mizan_task *task, const char *type);
    const char *(*record_type)(const mizan_record *record);
    int32_t (*record_set)(mizan_record *record, const char *name,
                          const struct mizan_value *value);
    /* 1 and the value when the field is there, else 0. */
    int32_t (*record_get)(const mizan_record *record, const char *name,
                          struct mizan_value *out);
    size_t (*record_count)(const mizan_record *record);
    void (*record_field)(const mizan_record *record, size_t index,
                         struct mizan_field *out);
    int32_t (*record_set_locator)(mizan_record *record,
                                  const struct mizan_locator *locator);
    void (*record_locator)(const mizan_record *record, struct mizan_locator *out);

    /* Gives a record to the next stage. In fetch it waits while the run is busy (back-
     * pressure) and copies the record, which may then be released. */
    int32_t (*emit)(mizan_task *task, mizan_record *record);

    /* Fetch only. Asks through the host's client: politeness, guard, recording. */
    int32_t (*http)(mizan_task *task, const struct mizan_http_request *request,
                    struct mizan_http_response *response);
    /* Fetch only. Counts an address as unchanged (304, or known and the same). */
    int32_t (*unchanged)(mizan_task *task, const char *url);
    /* Fetch only. Stores the validators of an answer that is itself no document (a
     * feed, an index page) with the commit that closes the source, not before. */
    int32_t (*keep_validators)(mizan_task *task,
                               const struct mizan_http_response *response);

    /* Home stores only, inside the unit's transaction. Columns are the record's fields;
     * a row with the same primary key is updated. A row of `outbox` is a message that
     * leaves the database after the commit: fields id, target (an address), settings (a
     * map: secret, token, names of secrets) and records (a list); one whose id was
     * written before is not sent again. */
    int32_t (*db_upsert)(mizan_task *task, const char *table,
                         const mizan_record *record);
    /* Runs a named query; `arguments` is a map, `rows` becomes a list of maps. */
    int32_t (*db_query)(mizan_task *task, const char *name,
                        const struct mizan_value *arguments, struct mizan_value *rows);
    /* Lower-case hexadecimal SHA-256 of the parts joined by U+001F, cut to 32 digits:
     * how ids are made. `out` has room for 33 bytes. */
    int32_t (*hash_id)(const struct mizan_slice *parts, size_t count, char *out);
    /* The sentence of the last service that failed in this call, or "": for a plugin
     * that goes on without what it asked for and wants to log why. Valid until the
     * next. */
    const char *(*failure)(mizan_task *task);

    /* ---- since 1.1: ask MIZAN_HAS first ---- */

    /* 1 when the host has the feature of that name, else 0, also for names that it
     * never heard of. Names: memory log metrics clock deadline secrets options state
     * records locators emit http db ids features parts rejects slices; and trial, which
     * it has in tests of pipelines alone: files of the user's are left as they are
     * then.
     */
    int32_t (*feature)(const char *name);
    /* For durations: milliseconds since an arbitrary start, never virtual. */
    int64_t (*monotonic)(mizan_task *task);
    /* One measured value, such as a time or a size; names are [a-z_]+ and end with the
     * unit (parse_milliseconds). The run's counts show its NAME_count, NAME_sum. */
    void (*observe)(mizan_task *task, const char *name, int64_t value);

    /* ---- since 1.2: ask MIZAN_HAS first ---- */

    /* NULL when memory is out. The same text gives the same name. */
    const mizan_name *(*name)(const char *text, size_t size);
    /* NULL when memory is out, or there are more fields than a record may have. */
    mizan_record *(*record_of)(mizan_task *task, const struct mizan_parts *parts);
    /* 1 and the source that the record was given when the first *count fields are still
     * those that were read from it, else 0: a store may then write it as it stands. */
    int32_t (*record_source)(const mizan_record *record, struct mizan_slice *source,
                             size_t *count);
    /* Extract only. A piece of the document that broke an expectation: it becomes a
     * dead letter with this sentence, and the others go on. `record` may be NULL. */
    int32_t (*reject)(mizan_task *task, const mizan_record *record, const char *format,
                      ...) MIZAN_PRINTF(3, 4);
    /* Extract only. Up to `size` bytes of the document's body from `offset` on, be it
     * in the field `body` or still in its file; *got is 0 at its end. */
    int32_t (*body_read)(mizan_task *task, uint64_t offset, void *out, size_t size,
                         size_t *got);
    /* Extract only. Where this call is to begin: {0, ""} in the first of a document. */
    int32_t (*slice_begin)(mizan_task *task, struct mizan_cursor *cursor);
    /* Extract only. There are more rows: what was emitted is one slice, which is
     * committed by itself, and the plugin is called for the document again, to go on
     * there. A slice has 10,000 rows, or fewer that take 16 MiB. */
    int32_t (*slice_end)(mizan_task *task, const struct mizan_cursor *next);
};

/* The descriptor that a plugin exports as `mizan_plugin_v1`. */
struct mizan_plugin {
    uint64_t magic;     /* MIZAN_PLUGIN_MAGIC */
    uint32_t size;      /* sizeof(struct mizan_plugin) */
    uint16_t abi_major; /* MIZAN_ABI_MAJOR */
    uint16_t abi_minor; /* the lowest minor version of the host that will do */
    uint32_t kind;      /* enum mizan_kind */
    uint32_t flags;     /* enum mizan_plugin_flag */
    const char *name;   /* [a-z][a-z0-9_]*: fetch.NAME, extract.NAME, store.NAME */
    const char *version;
    const char *stability; /* "stable", "beta" or "experimental" */
    const char *summary;   /* one sentence */
    const struct mizan_option *options;
    uint32_t option_count;
    uint32_t option_size; /* sizeof(struct mizan_option) */
    /* Record types that the plugin wants, NULL-terminated; NULL: all. Records of other
     * types pass it by untouched. */
    const char *const *consumes;

    /* Makes an instance of one stage from its options; once per stage and run. */
    int32_t (*open)(const struct mizan_host *host, mizan_task *task,
                    const mizan_options *options, void **instance);
    /* Frees it. Called once for every open that returned MIZAN_OK. */
    void (*close)(void *instance);

    /* Fetch: reads one source and emits its documents. `source` is a record of type
     * "source" with the fields of the script's list. May block in host->http. */
    int32_t (*fetch)(void *instance, mizan_task *task, const mizan_record *source);
    /* Extract: emits what comes of `record`, the record itself too if it goes on. */
    int32_t (*extract)(void *instance, mizan_task *task, mizan_record *record);
    /* Store: takes one record. */
    int32_t (*store)(void *instance, mizan_task *task, const mizan_record *record);
    /* Store, may be NULL: all records of the unit were given; what is buffered must be
     * written now. */
    int32_t (*finish_unit)(void *instance, mizan_task *task);
    /* Store, may be NULL: the unit ended otherwise; forget what is buffered. */
    void (*discard_unit)(void *instance, mizan_task *task);
};

#ifdef __cplusplus
}
#endif

#endif
