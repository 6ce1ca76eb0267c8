/* What `mizan figures --explain` prints: how a figure was made, which readings lost and
 * why, how sure it is. Called only when a trace is asked for. The lines are for people,
 * but their form is stable: docs/figures.md shows it and a test compares it. */
#ifndef MIZAN_FIGURES_EXPLAIN_H
#define MIZAN_FIGURES_EXPLAIN_H

#include "reader.h"

void explain_sentence(struct reader *reader);
void explain_figure(struct reader *reader, const struct quantity *quantity,
                    const figures_figure *figure);
void explain_time(struct reader *reader, const struct time_mark *mark);
/* A quantity that makes no figure. */
void explain_nothing(struct reader *reader, const struct quantity *quantity);

#endif
