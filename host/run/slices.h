/* Long documents: a reader of rows cuts them into slices, each a unit by itself that is
 * committed with the cursor behind it. The body of one that a fetch plugin left in its
 * file is read in pieces and never as a whole. */
#ifndef MIZAN_RUN_SLICES_H
#define MIZAN_RUN_SLICES_H

#include "run/unit.h"
#include "value/digest.h"

/* The field by which a fetch plugin says in which file the body lies; intake takes it
 * off the document, so that no script can name one. */
#define MZ_BODY_FILE "body_file"

/* Moves the field MZ_BODY_FILE from the document to the unit. */
void mz_slices_claim_file(struct mz_unit *unit);
/* Opens the file, if the body lies in one, and writes to `digest` what the document is
 * known by: the digest of its bytes; of a file its size, time of change, and first and
 * last 64 KiB. */
MZ_NODISCARD enum mz_code mz_slices_digest(struct mz_unit *unit,
                                           struct mizan_slice body,
                                           char digest[MZ_DIGEST_TEXT],
                                           struct mz_error *error);
/* host->body_read. */
int32_t mz_slices_read(struct mz_unit *unit, uint64_t offset, void *out, size_t size,
                       size_t *got);
/* host->slice_end. False when the state is longer than MZ_SLICE_STATE. */
bool mz_slices_end(struct mz_unit *unit, const struct mizan_cursor *next);

/* Once the document is identified and its fields are complete; false: no memory. */
bool mz_slices_begin(struct mz_unit *unit);
/* After a slice was committed and there are more: the unit becomes the next one. */
bool mz_slices_next(struct mz_unit *unit);

/* The cursor of an earlier run, as state of the source, under a key of the address;
 * `out` has room for MZ_SLICE_KEY bytes. */
#define MZ_SLICE_KEY 80
void mz_slices_key(const struct mz_unit *unit, char out[MZ_SLICE_KEY]);
/* Goes on from there when the text is of this very document. */
void mz_slices_resume(struct mz_unit *unit, struct mizan_slice text);
/* Adds the change of state that belongs to the commit of this slice. */
bool mz_slices_note(struct mz_unit *unit);

#endif
