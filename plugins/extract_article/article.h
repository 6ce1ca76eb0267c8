/* The article library: bytes of a page to its title, text, date, language and the rest
 * that the page states about itself. Pure functions over bytes: no host, no files, no
 * global state, so the plugin, the unit tests and the fuzzers share it. */
#ifndef ARTICLE_ARTICLE_H
#define ARTICLE_ARTICLE_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#define ARTICLE_VERSION "2"

/* UTF-8 unless said otherwise; NULL only when size is 0. */
struct article_slice {
    const char *data;
    size_t size;
};

/* Where results live: `allocate` gives memory aligned for any type, or NULL. Nothing is
 * ever handed back piece by piece: the caller drops it all at once. */
struct article_memory {
    void *(*allocate)(void *user, size_t size);
    void *user;
};

enum article_status {
    ARTICLE_OK = 0,
    ARTICLE_NO_MEMORY,    /* the allocator, or the parser's own, refused */
    ARTICLE_TOO_LARGE,    /* the body exceeds ARTICLE_BODY_LIMIT */
    ARTICLE_NOT_TEXT,     /* neither HTML nor plain text: nothing was set */
    ARTICLE_NO_CONVERTER, /* the C library cannot read the encoding */
    ARTICLE_NO_PARSER     /* libxml2 is not installed */
};

#define ARTICLE_BODY_LIMIT ((size_t)64 << 20)
#define ARTICLE_TEXT_LIMIT ((size_t)16 << 20)
#define ARTICLE_NO_TIME    INT64_MIN

struct article_input {
    struct article_slice body;       /* bytes as received */
    struct article_slice media_type; /* lower case; empty: judged by the first bytes */
    struct article_slice charset;    /* as HTTP declared it, or empty */
    struct article_slice url;        /* after redirects; for canonical_url */
    struct article_slice language;   /* what the source is said to be in, or empty */
    int64_t fetched_at;              /* milliseconds; ARTICLE_NO_TIME: unknown */
};

#define ARTICLE_VARIANT_LIMIT 16

/* The same article in another language, as <link rel=alternate hreflang> names it. */
struct article_variant {
    struct article_slice lang, url;
};

/* Half open, byte offsets into the text. */
struct article_span {
    size_t start, end;
};

struct article {
    struct article_slice title;
    struct article_slice text; /* paragraphs joined by two newlines, one line each */
    struct article_span *paragraphs;
    size_t paragraph_count;
    int64_t published, modified; /* milliseconds UTC, or ARTICLE_NO_TIME */
    struct article_slice lang;   /* BCP 47, or empty */
    double lang_confidence;      /* 0 to 1 */
    struct article_slice outlet, author, canonical_url; /* as stated, or empty */
    struct article_slice amp_url;     /* this page for AMP readers, or empty */
    struct article_variant *variants; /* its own language is often among them */
    size_t variant_count;
    const char *charset_used;     /* the encoding's standard name, static */
    const char *charset_declared; /* what mark, HTTP or page said, likewise; or NULL */
    const char *charset_mended;   /* UTF-8 had been misread as this; undone; or NULL */
    size_t replacements;          /* U+FFFD made while decoding */
    bool partial;                 /* a cap was reached: text may be missing */
    /* What the page is in place of an article, static: "a login page"; or NULL. */
    const char *unexpected;
};

/* Fills `out`; what the page does not state stays empty. Reads the body only. */
enum article_status article_extract(const struct article_input *input,
                                    const struct article_memory *memory,
                                    struct article *out);

#endif
