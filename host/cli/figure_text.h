/* A text with its figures marked, for people: each line of the text, below it a line
 * for each figure in it. */
#ifndef MIZAN_CLI_FIGURE_TEXT_H
#define MIZAN_CLI_FIGURE_TEXT_H

#include "base/buffer.h"
#include "run/unit.h"

/* `figures` are records of type figure in text order. With `colour` the marks are
 * terminal sequences (unless NO_COLOR is set), else brackets. */
void mz_figure_text(struct mz_buffer *out, struct mizan_slice text,
                    const struct mz_records *figures, bool colour);
/* "9800000000 USD, at most, about; counted …; says A < B": one figure in words. */
void mz_figure_reading(struct mz_buffer *out, const struct mizan_record *figure);

#endif
