/* Documents that are rows: fetch plugins that read an API, a database or a program mark
 * the media type of what they emit, and each row in it becomes a record behind its
 * document. It is read from the body whenever the unit enters its first stage, so that
 * a unit that is tried again from its kept body has the same rows.
 *
 *     application/json; rows="/data"; type="row"    the list at that JSON pointer
 *     application/x-ndjson; rows=""; type="row"     a line of JSON each
 *     text/plain; rows=""; type="line"              a line each, in the field `text`
 *
 * '%', '"', ';' and what is no visible ASCII stand in the values as %XX. A row that is
 * an object has its members as fields, any other is the field `value`. Locators are the
 * JSON pointer of the row, or the bytes of its line. */
#ifndef MIZAN_RUN_ROWS_H
#define MIZAN_RUN_ROWS_H

#include "run/unit.h"

/* Adds the unit's document and its rows, if it is marked, and takes the mark off the
 * document's media type. A body that is not what the mark says fails the unit with a
 * letter that names `stage`; the code is MZ_MEMORY for want of it. */
MZ_NODISCARD enum mz_code mz_unit_rows(struct mz_unit *unit, const char *stage,
                                       struct mz_records *out, struct mz_error *error);

#endif
