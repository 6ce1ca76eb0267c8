/* One request being answered: what was asked, where the answer grows, and the three
 * forms that every page has. A page is a function that writes sections; a section is a
 * table, or HTML that the other forms leave out. */
#ifndef MIZAN_WEB_CALL_H
#define MIZAN_WEB_CALL_H

#include <stdbool.h>

#include "base/arena.h"
#include "base/buffer.h"
#include "db/db.h"

enum mz_web_form { MZ_WEB_HTML, MZ_WEB_JSON, MZ_WEB_CSV };

#define MZ_WEB_SEGMENTS 4
#define MZ_WEB_TOKEN    65 /* hexadecimal digits and NUL */

struct mz_web_call {
    struct mz_arena *arena;
    struct mz_db *db;     /* reads only */
    const char *database; /* its URL, for what writes */
    struct mz_buffer out;
    enum mz_web_form form;
    /* The path's segments, decoded; those that are missing are NULL. */
    const char *segments[MZ_WEB_SEGMENTS];
    const char *path; /* as asked, without its form's suffix */
    /* A parameter of the query or of a form that was sent; NULL: not given. */
    const char *(*parameter)(void *context, const char *name);
    void *context;
    const char *token;   /* to be sent back with every form */
    bool may_write;      /* forms are shown */
    bool signed_in;      /* behind a password */
    size_t sections;     /* written so far */
    int status;          /* of the answer: 200 unless a page says otherwise */
    const char *forward; /* where the browser goes next (303), or NULL */
    /* Media type of a page that writes something else than the three forms: then
     * mz_web_begin and mz_web_end are not called. Or NULL. */
    const char *type;
};

enum mz_web_cell {
    MZ_WEB_TEXT,   /* with the direction of its own first strong letter */
    MZ_WEB_TIME,   /* ISO text */
    MZ_WEB_NUMBER, /* to the right, for people */
    MZ_WEB_STATUS, /* a word that has a colour */
    MZ_WEB_ADDRESS /* a link to the source */
};

/* How a column of rows is shown. A table shows the columns that are listed; JSON and
 * CSV give all of them. */
struct mz_web_column {
    const char *name, *heading;
    enum mz_web_cell cell;
    const char *link; /* path before the key, or NULL */
    const char *key;  /* column whose value follows `link`; NULL: this one */
};

/* Runs SQL for all its rows. */
MZ_NODISCARD enum mz_code mz_web_rows(struct mz_web_call *call, const char *sql,
                                      const struct mizan_value *arguments, size_t count,
                                      struct mizan_value *rows, struct mz_error *error);
/* The same for a named query, its parameters as pairs of names and texts, ended by
 * NULL; a value that is NULL leaves the parameter at its default. */
MZ_NODISCARD enum mz_code mz_web_named(struct mz_web_call *call, const char *name,
                                       const char *const *pairs,
                                       struct mizan_value *rows,
                                       struct mz_error *error);

/* The page that asks for the password; `wrong` is a sentence or NULL. */
void mz_web_login_page(struct mz_web_call *call, const char *wrong);
/* Opens the document. `title` is plain text. */
void mz_web_begin(struct mz_web_call *call, const char *title);
void mz_web_end(struct mz_web_call *call);
/* A section with a heading (NULL: none). In JSON a member `id`; CSV holds the first
 * table of a page alone. An empty table says `nothing`. */
void mz_web_table(struct mz_web_call *call, const char *id, const char *heading,
                  const struct mz_web_column *columns, const struct mizan_value *rows);
/* One row as a list of terms. */
void mz_web_facts(struct mz_web_call *call, const char *id, const char *heading,
                  const struct mz_web_column *columns, const struct mizan_value *row);
/* HTML of the page's own, or NULL in the other forms. */
struct mz_buffer *mz_web_html(struct mz_web_call *call);
/* Opens a form that posts to `path`, with its token; the caller closes it. */
void mz_web_form_open(struct mz_web_call *call, const char *path);

/* A member of a row as text in the arena, "" when it is nil. */
const char *mz_web_text(struct mz_web_call *call, const struct mizan_value *row,
                        const char *name);
/* MZ_NOT_FOUND with a sentence. */
MZ_NODISCARD enum mz_code mz_web_missing(struct mz_error *error, const char *what,
                                         const char *name);

#endif
