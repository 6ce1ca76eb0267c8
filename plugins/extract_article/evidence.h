/* Which encoding bytes are in when nobody says so, or when what was said reads badly.
 */
#ifndef ARTICLE_EVIDENCE_H
#define ARTICLE_EVIDENCE_H

#include "charset.h"

/* Every single-byte encoding is tried and the text that reads most like a language
 * wins; the multi-byte ones are uchardet's to tell. `said` is kept where nothing reads
 * clearly better; `language` (a tag, or empty) breaks ties. `body` is not UTF-8. Never
 * NULL. */
const struct article_charset *article_charset_by_evidence(
    const struct article_memory *memory, struct article_slice body, bool markup,
    const struct article_charset *said, struct article_slice language);

#endif
