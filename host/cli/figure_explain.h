/* What the extractor says of one figure of a text: the rule that read it and the
 * readings that lost. It calls the plugin: only in a supervised child. */
#ifndef MIZAN_CLI_FIGURE_EXPLAIN_H
#define MIZAN_CLI_FIGURE_EXPLAIN_H

#include "run/environment.h"

/* A line of text. */
struct mz_explanation {
    const char **lines; /* in the environment's arena, without indent */
    size_t count, room;
};

/* The lines about the figure at `start` to `end`; none when the extractor reads no
 * figure there any more. `lang` may be NULL. */
MZ_NODISCARD enum mz_code mz_figure_explain(struct mz_environment *environment,
                                            struct mizan_slice text, const char *lang,
                                            int64_t start, int64_t end,
                                            struct mz_explanation *out,
                                            struct mz_error *error);

#endif
