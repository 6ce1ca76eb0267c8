/* PDF comes from strangers: what pdftotext prints of it, and the maps in the file
 * itself. The text is whole, its paragraphs and pages lie in it, and no byte of a file
 * moves. */
#include <stdint.h>
#include <stdlib.h>
#include <string.h>

#include "pdf.h"

static void *blocks[65536];
static size_t block_count;

static void *allocate(void *user, size_t size)
{
    (void)user;
    if (block_count == sizeof blocks / sizeof blocks[0]) {
        return NULL;
    }
    return blocks[block_count++] = malloc(size + 1);
}

static void require(int truth)
{
    if (!truth) {
        abort();
    }
}

static void lay_out(char *printed, size_t size)
{
    const struct pdf_memory memory = {allocate, NULL};
    struct pdf_boxes boxes;
    struct pdf_text text;
    if (pdf_boxes_read(printed, size, &memory, &boxes) &&
        pdf_lay_out(&boxes, &memory, &text)) {
        size_t before = 0;
        for (size_t i = 0; i < text.paragraph_count; i++) {
            require(text.paragraphs[i].start >= before &&
                    text.paragraphs[i].end >= text.paragraphs[i].start &&
                    text.paragraphs[i].end <= text.size);
            before = text.paragraphs[i].end;
        }
        for (uint32_t i = 0; i < text.page_count; i++) {
            require(text.pages[i] <= text.size);
        }
    }
    while (block_count > 0) {
        free(blocks[--block_count]);
    }
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);
int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
    struct pdf_cmaps maps;
    char *copy = malloc(size + 1);
    require(copy != NULL);
    if (size > 0) {
        memcpy(copy, data, size);
    }
    if (size > 4 && memcmp(copy, "%PDF", 4) == 0) {
        pdf_mend_cmaps(copy, size, &maps);
    } else {
        lay_out(copy, size);
    }
    free(copy);
    return 0;
}
