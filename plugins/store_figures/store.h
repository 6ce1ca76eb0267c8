/* store.figures, inside: a unit's records are kept until all are there, then written in
 * the order that their references need. */
#ifndef STORE_FIGURES_STORE_H
#define STORE_FIGURES_STORE_H

#include <locale.h>
#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "mizan/plugin.h"

#define ID_SIZE 33 /* of host->hash_id, the closing NUL included */

/* One stage's instance. The records are the unit's and live as long as it. */
struct store {
    const struct mizan_host *host;
    locale_t locale; /* "C": numbers are read the same everywhere */
    uint32_t kinds;  /* bit i: kind i of figure_kinds is stored */
    double minimum;  /* confidence */
    const mizan_record **records;
    size_t count, room;
};

/* A figure of the unit while it is being written. */
struct figure {
    const mizan_record *record;
    size_t sequence; /* in the unit */
    struct mizan_slice document_id, extractor;
    int64_t start, end;
    int64_t ordinal; /* among the figures of the same span */
    bool left_out;   /* by the options kinds and minimum_confidence */
    char id[ID_SIZE];
};

/* What a unit's writing shares. */
struct unit {
    struct store *store;
    const struct mizan_host *host;
    mizan_task *task;
    struct figure *figures; /* sorted by document, extractor, span, sequence */
    size_t count;
    const mizan_record *document;           /* NULL when none came */
    struct mizan_slice document_id, run_id; /* empty when the host gave none */
    struct mizan_value known; /* rows of the document's figures of earlier runs */
};

extern const char *const figure_kinds[]; /* NULL-terminated, as are the next two */
extern const char *const figure_bounds[];
bool is_one_of(struct mizan_slice word, const char *const *words);

/* Fields. A text that is absent or of another type is empty. */
struct mizan_slice text_field(const struct mizan_host *host, const mizan_record *record,
                              const char *name);
bool integer_field(const struct mizan_host *host, const mizan_record *record,
                   const char *name, int64_t *out);
/* A member of a map, or NULL. */
const struct mizan_value *map_member(const struct mizan_value *map, const char *name);
struct mizan_slice map_text(const struct mizan_value *map, const char *name);
bool slice_is(struct mizan_slice slice, const char *text);

/* The confidence of a figure; false when it has none from 0 to 1. */
bool confidence_field(const struct store *store, const mizan_record *record,
                      double *out);

/* Refuses a figure that lacks what its row needs: MIZAN_ERROR_INPUT names the field. */
int32_t check_figure(const struct store *store, mizan_task *task,
                     const mizan_record *record);

/* Rows. Each returns what host->db_upsert returned. */
int32_t write_figure(struct unit *unit, const struct figure *figure);
int32_t write_roles(struct unit *unit, const struct figure *figure);
int32_t write_attribution(struct unit *unit, const struct figure *figure);
int32_t write_links(struct unit *unit, const struct figure *figure);

/* Before the figures are written: reads what is stored of the document; figures of
 * earlier runs count no more and lose chains, parties and links. */
int32_t forget_known(struct unit *unit);
/* The earlier reading of a figure, where another version of its extractor made it. */
int32_t write_history(struct unit *unit, const struct figure *figure);
/* The run that read the figure first. */
struct mizan_slice first_run(const struct unit *unit, const struct figure *figure);
/* Once all are written: repeats, supersedes and contradicts. */
int32_t link_documents(struct unit *unit);

/* A row under construction: the first failure is kept, later calls do nothing. */
struct row {
    struct unit *unit;
    const char *table;
    mizan_record *record;
    int32_t status;
};
void row_begin(struct row *row, struct unit *unit, const char *table);
void row_text(struct row *row, const char *column, struct mizan_slice text);
void row_string(struct row *row, const char *column, const char *text);
void row_integer(struct row *row, const char *column, int64_t number);
void row_double(struct row *row, const char *column, double number);
int32_t row_write(struct row *row);

/* An exact decimal as text: a decimal, an integer, or text of that form. False for
 * anything else. `buffer` (32 bytes) serves integers. */
bool decimal_text(const struct mizan_value *value, char *buffer,
                  struct mizan_slice *out);
/* Digits that carry the value: 9800000000 has 2, 0.0120 has 3. */
int64_t significant_digits(struct mizan_slice decimal);
/* False when the text is longer than a double's digits could ever need. */
bool decimal_number(const struct store *store, struct mizan_slice decimal, double *out);

#define MOMENT_SIZE 21 /* YYYY-MM-DDTHH:MM:SSZ and its NUL */
/* First and last second of `2023`, `2023-05`, `2023-Q2`, `2023-05-01`, of an interval
 * `a/b`, or of an open one `a/..`; an end that is open or not understood is "". */
void span_of_time(struct mizan_slice text, char from[MOMENT_SIZE],
                  char to[MOMENT_SIZE]);

/* JSON of a value in the task's memory; empty when memory was refused. */
struct mizan_slice json_of(const struct mizan_host *host, mizan_task *task,
                           const struct mizan_value *value);

#endif
