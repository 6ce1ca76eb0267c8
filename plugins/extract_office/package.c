#include <archive.h>
#include <archive_entry.h>
#include <string.h>

#include "office.h"

static enum office_status feed_part(struct office_document *document,
                                    struct archive *archive, const char *name,
                                    size_t packed, package_feed feed, void *owner)
{
    size_t total = 0;
    for (;;) {
        const void *data;
        size_t size;
        la_int64_t offset;
        int status = archive_read_data_block(archive, &data, &size, &offset);
        if (status == ARCHIVE_EOF) {
            return OFFICE_OK;
        }
        if (status != ARCHIVE_OK && status != ARCHIVE_WARN) {
            return office_refuse(document, "%s cannot be unpacked: %s", name,
                                 archive_error_string(archive) != NULL
                                     ? archive_error_string(archive)
                                     : "it is damaged");
        }
        total += size;
        if (total > OFFICE_PART || total / OFFICE_RATIO > packed) {
            return office_refuse(document,
                                 "%s unpacks to more than %zu MiB, or to more than %d "
                                 "times the file",
                                 name, OFFICE_PART >> 20, OFFICE_RATIO);
        }
        if (document->cancelled(document->owner)) {
            return OFFICE_CANCELLED;
        }
        if (!feed(owner, data, size)) {
            return OFFICE_OK;
        }
    }
}

enum office_status package_read(struct office_document *document,
                                const struct package *package, const char *name,
                                package_feed feed, void *owner)
{
    enum office_status status = OFFICE_NOT_OFFICE;
    struct archive *archive = archive_read_new();
    struct archive_entry *entry;
    if (archive == NULL) {
        return OFFICE_NO_MEMORY;
    }
    (void)archive_read_support_format_zip(archive);
    if (archive_read_open_memory(archive, package->body, package->size) == ARCHIVE_OK) {
        while (status == OFFICE_NOT_OFFICE) {
            int next = archive_read_next_header(archive, &entry);
            if (next != ARCHIVE_OK && next != ARCHIVE_WARN) {
                break;
            }
            const char *path = archive_entry_pathname(entry);
            if (path == NULL || strcmp(path, name) != 0) {
                continue;
            }
            status =
                archive_entry_is_encrypted(entry)
                    ? office_refuse(document, "it is encrypted")
                    : feed_part(document, archive, name, package->size, feed, owner);
        }
    }
    (void)archive_read_free(archive);
    return status;
}
