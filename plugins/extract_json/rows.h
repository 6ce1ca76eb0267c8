/* Records made of JSON values, for the readers of this plugin. */
#ifndef EXTRACT_JSON_ROWS_H
#define EXTRACT_JSON_ROWS_H

#include <mizan/plugin.h>

#include "path.h"
#include "scan.h"

#define SLICE_ROWS  10000
#define SLICE_BYTES ((size_t)16 << 20)
#define ROW_FIELDS  4096 /* the most that a record has */
#define ROW_DEPTH   32   /* the most that a value of a record nests */

/* A field that the script asked for. */
struct wanted {
    char *name;
    struct path path;
};

enum form { FORM_AUTO, FORM_LINES, FORM_DOCUMENT };

/* One stage; read only once it is open. */
struct extract_json {
    const struct mizan_host *host;
    const mizan_name *type;
    enum form form;
    struct path records;
    bool has_records; /* the script said where they are */
    struct wanted *wanted;
    size_t wanted_count;
};

/* One call. */
struct rows {
    const struct extract_json *plugin;
    const struct mizan_host *host;
    mizan_task *task;
    mizan_record *document;
    uint64_t emitted;
    /* The names of the last object: most objects have those of the one before. */
    struct json_value *shape;
    const mizan_name **names;
    size_t shape_count, shape_room;
    bool reserved; /* one of them begins with '_' */
    bool changed;  /* names were added since that was looked at */
    struct mizan_value *values;
    const mizan_name **used;
    const mizan_name *value_name; /* of what is no object */
    const char *wrong;            /* why the last value is no record */
    const char *place;            /* where in it */
};

int32_t rows_begin(struct rows *rows, const struct extract_json *plugin,
                   mizan_task *task, mizan_record *document);
/* Reads one value and emits its record. When it is no good, rows->wrong says why,
 * rows->place where, and MIZAN_ERROR_INPUT is returned. `line`: it stands on a line of
 * its own. */
int32_t rows_value(struct rows *rows, struct json_scan *scan, bool line,
                   const struct mizan_locator *locator);

/* The two readers; both begin where the slice begins. */
int32_t read_lines(struct rows *rows, struct mizan_slice body, bool whole);
int32_t read_document(struct rows *rows, struct mizan_slice body);

#endif
