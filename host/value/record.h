/* The record: typed fields, a type name, a locator, and a generation by which a handle
 * that outlived it is recognised. It lives in the arena it was made in; values are
 * copied into that arena. `mizan_record` of plugin.h is this structure.
 *
 * Field names are interned per process: two fields of one name share one pointer, so
 * look-up compares addresses (PERFORMANCE W5). */
#ifndef MIZAN_VALUE_RECORD_H
#define MIZAN_VALUE_RECORD_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "base/arena.h"
#include "mizan/plugin.h"

#define MZ_VALUE_DEPTH   32   /* lists and maps nest no deeper */
#define MZ_RECORD_FIELDS 4096 /* a record has no more fields */

struct mz_name; /* an interned name: compare pointers */

/* The one interned name for the text, or NULL when out of memory. Thread-safe. Names
 * live as long as the process. */
const struct mz_name *mz_name_intern(const char *text, size_t size);
const char *mz_name_text(const struct mz_name *name);
size_t mz_name_size(const struct mz_name *name);

/* NULL when the arena is exhausted. */
struct mizan_record *mz_record_create(struct mz_arena *arena, const char *type);
/* A record at once; the arena, or something that lives as long, holds what the parts
 * point to. NULL when the arena is exhausted or there are too many fields. */
struct mizan_record *mz_record_of(struct mz_arena *arena,
                                  const struct mizan_parts *parts);
/* True when a field could not be read for want of memory: what the record shows is not
 * what it was given. */
bool mz_record_spoiled(const struct mizan_record *record);
/* The source and how many fields were read from it, when none of them changed. */
bool mz_record_source(const struct mizan_record *record, struct mizan_slice *source,
                      size_t *count);
/* A record of its own whose values lie where those of the other do, which must live as
 * long. */
struct mizan_record *mz_record_alias(struct mz_arena *arena,
                                     const struct mizan_record *record);
/* A copy of everything into another arena, with a generation of its own. */
struct mizan_record *mz_record_copy(struct mz_arena *arena,
                                    const struct mizan_record *record);
/* Marks the record dead: its generation changes, so handles to it are recognised. Its
 * memory stays the arena's. */
void mz_record_retire(struct mizan_record *record);
/* Never 0, and never the same for two records that lived in one process. */
uint64_t mz_record_generation(const struct mizan_record *record);

const char *mz_record_type(const struct mizan_record *record);
struct mz_arena *mz_record_arena(const struct mizan_record *record);
size_t mz_record_count(const struct mizan_record *record);
/* Name and value of field `index`, in the order they were first set. */
const struct mizan_value *mz_record_field(const struct mizan_record *record,
                                          size_t index, const struct mz_name **name);
/* NULL when absent. */
const struct mizan_value *mz_record_get(const struct mizan_record *record,
                                        const struct mz_name *name);
const struct mizan_value *mz_record_find(const struct mizan_record *record,
                                         const char *name);
/* Copies the value into the record's arena (deep); NIL removes the field. MIZAN_OK,
 * MIZAN_ERROR_MEMORY or MIZAN_ERROR_LIMIT (depth, number of fields). */
int32_t mz_record_set(struct mizan_record *record, const struct mz_name *name,
                      const struct mizan_value *value);
int32_t mz_record_put(struct mizan_record *record, const char *name,
                      const struct mizan_value *value);
/* mz_record_set without the copy: what the value, which is not nil, points to lives as
 * long as the record. */
int32_t mz_record_borrow(struct mizan_record *record, const struct mz_name *name,
                         const struct mizan_value *value);
void mz_record_set_locator(struct mizan_record *record,
                           const struct mizan_locator *locator);
struct mizan_locator mz_record_locator(const struct mizan_record *record);

/* Values. Constructors borrow what they are given. */
struct mizan_value mz_nil(void);
struct mizan_value mz_boolean(bool value);
struct mizan_value mz_integer(int64_t value);
struct mizan_value mz_double(double value);
struct mizan_value mz_time(int64_t milliseconds);
struct mizan_value mz_text(const char *text); /* NULL gives nil */
struct mizan_value mz_text_slice(const char *data, size_t size);
struct mizan_value mz_bytes(const char *data, size_t size);
struct mizan_value mz_decimal_text(const char *data, size_t size);
/* Deep copy; false when the arena is exhausted or nesting is too deep. */
bool mz_value_copy(struct mz_arena *arena, const struct mizan_value *value,
                   struct mizan_value *out);
/* Same type and content; decimals by value, maps without regard to order. */
bool mz_value_equal(const struct mizan_value *a, const struct mizan_value *b);
/* A member of a map, or NULL. */
const struct mizan_value *mz_map_member(const struct mizan_value *map,
                                        const char *name);
/* The text of a member, closed by NUL; NULL when there is none or it is no text. */
const char *mz_map_text(const struct mizan_value *map, const char *name);
/* An integer member; `otherwise` when there is none or it is no integer. */
int64_t mz_map_integer(const struct mizan_value *map, const char *name,
                       int64_t otherwise);
/* True when it is text (or decimal) equal to `text`. */
bool mz_value_is(const struct mizan_value *value, const char *text);
const char *mz_type_name(uint32_t type); /* "text", "decimal" … */

#endif
