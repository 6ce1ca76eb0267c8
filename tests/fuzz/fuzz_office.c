/* Office documents come from strangers: the package, and its parts as XML. What is read
 * becomes a text whose paragraphs and cells lie in it. The first byte chooses: a whole
 * package, or one part that a package is made around. */
#include <stdint.h>
#include <stdlib.h>
#include <string.h>

#include <archive.h>
#include <archive_entry.h>

#include "office.h"

static void *blocks[1 << 18];
static size_t block_count;

static void *allocate(void *user, size_t size)
{
    (void)user;
    if (block_count == sizeof blocks / sizeof blocks[0]) {
        return NULL;
    }
    return blocks[block_count++] = malloc(size + 1);
}

static bool never(void *owner)
{
    (void)owner;
    return false;
}

static void require(int truth)
{
    if (!truth) {
        abort();
    }
}

static void read_body(const char *body, size_t size)
{
    const struct table_memory memory = {allocate, NULL};
    static struct office_document document;
    struct office_text text;
    enum office_status status =
        office_read(body, size, &memory, never, NULL, &document);
    require(status != OFFICE_REFUSED || document.reason[0] != '\0');
    if (status == OFFICE_OK && office_write(&document, &text)) {
        size_t before = 0;
        for (size_t i = 0; i < text.paragraph_count; i++) {
            require(text.paragraphs[i].start >= before &&
                    text.paragraphs[i].end >= text.paragraphs[i].start &&
                    text.paragraphs[i].end <= text.size);
            before = text.paragraphs[i].end;
        }
        for (size_t i = 0; i < text.cell_count; i++) {
            require(text.cells[i].line <= text.cells[i].start &&
                    text.cells[i].start <= text.cells[i].end &&
                    text.cells[i].end <= text.size);
        }
    }
    while (block_count > 0) {
        free(blocks[--block_count]);
    }
}

static void add(struct archive *archive, const char *name, const char *data,
                size_t size)
{
    struct archive_entry *entry = archive_entry_new();
    require(entry != NULL);
    archive_entry_set_pathname(entry, name);
    archive_entry_set_size(entry, (la_int64_t)size);
    archive_entry_set_filetype(entry, AE_IFREG);
    (void)archive_write_header(archive, entry);
    (void)archive_write_data(archive, data, size);
    archive_entry_free(entry);
}

/* A package of what the parts of an xlsx need to find one another. */
static size_t wrap(char *out, size_t room, const char *part, const char *data,
                   size_t size)
{
    static const char book[] = "<workbook><sheets><sheet name='S' r:id='1' "
                               "xmlns:r='r'/></sheets></workbook>";
    static const char relations[] = "<r><Relationship Id='1' Type='x/worksheet' "
                                    "Target='s.xml'/></r>";
    static const char strings[] =
        "<sst><si><t>Head</t></si><si><t>Other</t></si></sst>";
    static const char styles[] = "<s><cellXfs><xf numFmtId='0'/><xf numFmtId='14'/>"
                                 "</cellXfs></s>";
    size_t used = 0;
    struct archive *archive = archive_write_new();
    require(archive != NULL);
    (void)archive_write_set_format_zip(archive);
    (void)archive_write_zip_set_compression_store(archive);
    if (archive_write_open_memory(archive, out, room, &used) == ARCHIVE_OK) {
        add(archive, part, data, size);
        if (part[0] == 'x') {
            add(archive, "xl/workbook.xml", book, sizeof book - 1);
            add(archive, "xl/_rels/workbook.xml.rels", relations, sizeof relations - 1);
            add(archive, "xl/sharedStrings.xml", strings, sizeof strings - 1);
            add(archive, "xl/styles.xml", styles, sizeof styles - 1);
        }
        (void)archive_write_close(archive);
    }
    (void)archive_write_free(archive);
    return used;
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);
int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
    static const char *const parts[] = {"word/document.xml", "xl/s.xml", "content.xml"};
    const char *text = (const char *)data;
    if (size > 0 && data[0] != 'P') {
        size_t room = size + 65536;
        char *package = malloc(room);
        require(package != NULL);
        read_body(package, wrap(package, room, parts[data[0] % 3], text + 1, size - 1));
        free(package);
    } else {
        read_body(size > 0 ? text : "", size);
    }
    return 0;
}
