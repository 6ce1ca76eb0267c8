/* Values on their way to the server and back. Arguments go as text, whose meaning the
 * server takes from the place they stand in, as SQLite does; bytes go as they are.
 * Doubles are printed with 17 digits and come back in the fewest that tell them apart,
 * so that both ways are exact. */
#include "db/postgres.h"

#include <inttypes.h>
#include <math.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "value/record.h"

#define NUMBER_TEXT 32

/* Of PostgreSQL's pg_type: fixed since the types exist. */
enum {
    OID_BOOL = 16,
    OID_BYTEA = 17,
    OID_INT8 = 20,
    OID_INT2 = 21,
    OID_INT4 = 23,
    OID_OID = 26,
    OID_FLOAT4 = 700,
    OID_FLOAT8 = 701,
    OID_NUMERIC = 1700
};

static const char *print_number(struct mz_arena *arena, const struct mizan_value *value)
{
    char *out = mz_arena_alloc(arena, NUMBER_TEXT);

    if (out != NULL && value->type == MIZAN_INTEGER) {
        (void)snprintf(out, NUMBER_TEXT, "%" PRId64, value->as.integer);
    } else if (out != NULL) {
        (void)snprintf(out, NUMBER_TEXT, "%.17g", value->as.number);
    }
    return out;
}

static enum mz_code encode_one(struct mz_postgres *db, size_t place,
                               const struct mizan_value *value, struct mz_places *out,
                               struct mz_error *error)
{
    struct mz_arena *arena = db->base.scratch;
    const struct mizan_slice *slice = &value->as.text;

    out->values[place] = NULL;
    out->lengths[place] = 0;
    out->formats[place] = 0;
    switch (value->type) {
    case MIZAN_NIL:
        return MZ_OK;
    case MIZAN_DOUBLE:
        if (!isfinite(value->as.number)) {
            return mz_fail(error, MZ_INPUT, "argument %zu is not a finite number",
                           place + 1);
        }
        out->values[place] = print_number(arena, value);
        break;
    case MIZAN_INTEGER:
        out->values[place] = print_number(arena, value);
        break;
    case MIZAN_BYTES:
        if (slice->size > INT32_MAX) {
            return mz_fail(error, MZ_LIMIT, "argument %zu is too large", place + 1);
        }
        out->values[place] = slice->data == NULL ? "" : slice->data;
        out->lengths[place] = (int)slice->size;
        out->formats[place] = 1;
        break;
    default:
        out->values[place] =
            mz_arena_copy(arena, slice->data == NULL ? "" : slice->data, slice->size);
        break;
    }
    return out->values[place] != NULL
               ? MZ_OK
               : mz_fail(error, MZ_MEMORY, "no memory for the arguments of a query");
}

enum mz_code mz_postgres_encode(struct mz_postgres *db,
                                const struct mz_statement *given, size_t count,
                                struct mz_places *out, struct mz_error *error)
{
    struct mz_arena *arena = db->base.scratch;
    enum mz_code code = MZ_OK;

    if (count > given->count) {
        mz_fail(error, MZ_INPUT, "the SQL has a place $%zu and no value for it",
                given->count + 1);
        mz_error_help(error, "places are $1, $2 and so on");
        return MZ_INPUT;
    }
    out->count = count;
    out->values = mz_arena_alloc(arena, (count + 1) * sizeof *out->values);
    out->lengths = mz_arena_alloc(arena, (count + 1) * sizeof *out->lengths);
    out->formats = mz_arena_alloc(arena, (count + 1) * sizeof *out->formats);
    if (out->values == NULL || out->lengths == NULL || out->formats == NULL) {
        return mz_fail(error, MZ_MEMORY, "no memory for the arguments of a query");
    }
    for (size_t i = 0; i < count && code == MZ_OK; i++) {
        code = encode_one(db, i, &given->arguments[i], out, error);
    }
    return code;
}

static int digit(char byte)
{
    return byte <= '9' ? byte - '0' : (byte | 0x20) - 'a' + 10;
}

/* bytea_output is hex: \x and two digits a byte. */
static bool decode_bytes(const char *text, size_t size, struct mz_arena *arena,
                         struct mizan_value *out)
{
    size_t count = size < 2 ? 0 : (size - 2) / 2;
    char *data = mz_arena_alloc(arena, count + 1);

    if (data == NULL) {
        return false;
    }
    for (size_t i = 0; i < count; i++) {
        data[i] = (char)(digit(text[2 + 2 * i]) << 4 | digit(text[3 + 2 * i]));
    }
    *out = mz_bytes(data, count);
    return true;
}

/* Sums of whole numbers and their averages are numeric here: whole ones are integers,
 * as in SQLite, others doubles. */
static struct mizan_value decode_numeric(const char *text)
{
    char *end = NULL;
    long long whole;

    if (strpbrk(text, ".eNI") == NULL && strlen(text) < 19) {
        whole = strtoll(text, &end, 10);
        return mz_integer(whole);
    }
    return mz_double(strtod(text, NULL));
}

bool mz_postgres_decode(const struct mz_libpq *pq, const PGresult *result, int row,
                        int column, struct mz_arena *arena, struct mizan_value *out)
{
    const char *text = pq->getvalue(result, row, column);
    size_t size = (size_t)pq->getlength(result, row, column);

    if (pq->getisnull(result, row, column) != 0) {
        *out = mz_nil();
        return true;
    }
    switch (pq->ftype(result, column)) {
    case OID_INT8:
    case OID_INT4:
    case OID_INT2:
    case OID_OID:
        *out = mz_integer(strtoll(text, NULL, 10));
        return true;
    case OID_FLOAT8:
    case OID_FLOAT4:
        *out = mz_double(strtod(text, NULL));
        return true;
    case OID_NUMERIC:
        *out = decode_numeric(text);
        return true;
    case OID_BOOL:
        *out = mz_integer(text[0] == 't' ? 1 : 0);
        return true;
    case OID_BYTEA:
        return decode_bytes(text, size, arena, out);
    default:
        *out = mz_text_slice(text, size);
        return true;
    }
}
