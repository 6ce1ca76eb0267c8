/* Which form it is, and what the file states about itself. */
#include <string.h>

#include "office.h"

struct title {
    struct office_document *document;
    struct gathered text;
    bool inside;
};

static void on_start(void *owner, const char *name, int count, const char **attributes)
{
    struct title *title = owner;
    (void)count;
    (void)attributes;
    title->inside = strcmp(name, "title") == 0;
}

static void on_end(void *owner, const char *name)
{
    struct title *title = owner;
    (void)name;
    title->inside = false;
}

static void on_text(void *owner, const char *data, size_t size)
{
    struct title *title = owner;
    if (title->inside && title->text.size + size < 1000) {
        gather(title->document, &title->text, data, size);
    }
}

static enum office_status read_title(struct office_document *document,
                                     const struct package *package, const char *part)
{
    struct title title = {.document = document};
    struct markup markup = {.document = document,
                            .owner = &title,
                            .start = on_start,
                            .end = on_end,
                            .text = on_text};
    enum office_status status = markup_read(package, part, &markup);
    if (status == OFFICE_OK && title.text.size > 0) {
        document->title = office_keep(document, title.text.data, title.text.size);
    }
    return status == OFFICE_NO_MEMORY || status == OFFICE_CANCELLED ? status
                                                                    : OFFICE_OK;
}

static bool is_old(const char *body, size_t size)
{
    return size > 8 && memcmp(body, "\xd0\xcf\x11\xe0\xa1\xb1\x1a\xe1", 8) == 0;
}

/* The directory at the end of a package; without it the file was cut short. */
static bool is_whole(const char *body, size_t size)
{
    size_t look = size < 65557 ? size : 65557;
    return memmem(body + size - look, look, "PK\x05\x06", 4) != NULL;
}

enum office_status office_read(const char *body, size_t size,
                               const struct table_memory *memory,
                               bool (*cancelled)(void *owner), void *owner,
                               struct office_document *out)
{
    const struct package package = {body, size};
    memset(out, 0, sizeof *out);
    out->memory = memory;
    out->cancelled = cancelled;
    out->owner = owner;
    if (is_old(body, size)) {
        return office_refuse(out,
                             "it is a binary file of old, or encrypted: save it as "
                             "docx, xlsx or OpenDocument without a password");
    }
    if (size < 4 || memcmp(body, "PK\x03\x04", 4) != 0) {
        return OFFICE_NOT_OFFICE;
    }
    if (!is_whole(body, size)) {
        return office_refuse(out,
                             "it was cut short: the end of the package is missing");
    }
    const char *properties = "docProps/core.xml";
    out->form = OFFICE_DOCX;
    enum office_status status = word_read(out, &package);
    if (status == OFFICE_NOT_OFFICE) {
        out->form = OFFICE_XLSX;
        status = book_read(out, &package);
    }
    if (status == OFFICE_NOT_OFFICE) {
        properties = "meta.xml";
        status = open_read(out, &package);
    }
    if (status == OFFICE_OK) {
        status = read_title(out, &package, properties);
        out->reason[0] = '\0';
    }
    return out->no_memory ? OFFICE_NO_MEMORY : status;
}
