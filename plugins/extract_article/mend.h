/* Texts that were encoded twice: UTF-8 read as a single-byte encoding and written as
 * UTF-8 again. */
#ifndef ARTICLE_MEND_H
#define ARTICLE_MEND_H

#include "charset.h"

/* Undoes it where nearly everything beyond ASCII takes part; `*name` is then the
 * encoding that was misread, else NULL. `body` is well-formed UTF-8, as yet with its
 * control characters; the result may be `body` itself. Empty data with a size other
 * than 0 never comes back; false when memory was refused. */
bool article_mend(const struct article_memory *memory, struct article_slice body,
                  struct article_slice *mended, const char **name);

#endif
