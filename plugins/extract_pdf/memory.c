#include <string.h>

#include "pdf.h"

bool pdf_grow(const struct pdf_memory *memory, void **items, size_t *room, size_t count,
              size_t extra, size_t size)
{
    if (count + extra <= *room) {
        return true;
    }
    size_t larger = *room < 64 ? 64 : *room * 2;
    larger = larger < count + extra ? count + extra : larger;
    void *moved = memory->allocate(memory->user, larger * size);
    if (moved == NULL) {
        return false;
    }
    if (count > 0) {
        memcpy(moved, *items, count * size);
    }
    *items = moved;
    *room = larger;
    return true;
}

bool pdf_put(const struct pdf_memory *memory, struct pdf_text *out, const char *text,
             size_t size)
{
    void *items = out->text;
    if (!pdf_grow(memory, &items, &out->room, out->size, size + 1, 1)) {
        return false;
    }
    out->text = items;
    if (size > 0) {
        memcpy(out->text + out->size, text, size);
    }
    out->size += size;
    out->text[out->size] = '\0';
    return true;
}
