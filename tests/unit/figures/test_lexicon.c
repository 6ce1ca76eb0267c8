/* A lexicon that is truncated, damaged or not one at all is refused with a sentence. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include <cmocka.h>

#include "lexicon.h"
#include "support.h"

struct file {
    unsigned char *bytes;
    size_t length;
};

static struct file read_lexicon(void)
{
    const char *path = getenv("FIGURES_LEXICON");
    FILE *file = fopen(path ? path : FIGURES_LEXICON, "rb");
    struct file read = {NULL, 0};
    assert_non_null(file);
    assert_int_equal(fseek(file, 0, SEEK_END), 0);
    read.length = (size_t)ftell(file);
    rewind(file);
    read.bytes = malloc(read.length);
    assert_non_null(read.bytes);
    assert_int_equal(fread(read.bytes, 1, read.length, file), read.length);
    fclose(file);
    return read;
}

static void refuse(const unsigned char *bytes, size_t length, const char *says)
{
    figures_lexicon *lexicon = NULL;
    figures_error error = {0};
    figures_status status = figures_lexicon_from(bytes, length, &lexicon, &error);
    assert_int_equal(status, FIGURES_BAD_LEXICON);
    assert_null(lexicon);
    if (!strstr(error.text, says)) {
        fail_msg("`%s` does not say `%s`", error.text, says);
    }
}

static void reseal(struct file *file)
{
    struct lexicon_header *header = (void *)file->bytes;
    header->checksum =
        lexicon_checksum(file->bytes + sizeof *header, file->length - sizeof *header);
}

static void test_no_file(void **state)
{
    (void)state;
    figures_lexicon *lexicon = NULL;
    figures_error error;
    assert_int_equal(figures_lexicon_open("/nowhere/figures.lexicon", &lexicon, &error),
                     FIGURES_NO_FILE);
    assert_non_null(strstr(error.text, "/nowhere/figures.lexicon"));
    figures_lexicon_close(NULL);
}

static void test_truncated(void **state)
{
    (void)state;
    struct file file = read_lexicon();
    refuse(file.bytes, 0, "truncated");
    refuse(file.bytes, 100, "truncated");
    refuse(file.bytes, file.length - 8, "truncated");
    free(file.bytes);
}

static void test_wrong(void **state)
{
    (void)state;
    struct file file = read_lexicon();
    struct lexicon_header *header = (void *)file.bytes;
    struct lexicon_header kept = *header;
    header->magic[0] = 'X';
    refuse(file.bytes, file.length, "no figures.lexicon");
    *header = kept;
    header->version++;
    refuse(file.bytes, file.length, "compile it again");
    *header = kept;
    header->byte_order = 0x04030201u;
    refuse(file.bytes, file.length, "byte order");
    *header = kept;
    file.bytes[file.length / 2] ^= 0x40;
    refuse(file.bytes, file.length, "checksum");
    free(file.bytes);
}

static void test_pointing_outside(void **state)
{
    (void)state;
    struct file file = read_lexicon();
    struct lexicon_header *header = (void *)file.bytes;
    struct lexicon_header kept = *header;
    header->sections[SECTION_NODES].count = UINT64_MAX / 4;
    refuse(file.bytes, file.length, "outside the file");
    *header = kept;
    struct lexicon_node *nodes =
        (void *)(file.bytes + header->sections[SECTION_NODES].offset);
    nodes[1].base = INT32_MAX;
    reseal(&file);
    refuse(file.bytes, file.length, "outside its section");
    nodes[1].base = INT32_MIN;
    reseal(&file);
    refuse(file.bytes, file.length, "outside its section");
    free(file.bytes);
}

static void test_contents(void **state)
{
    (void)state;
    figures_lexicon *lexicon = test_lexicon();
    assert_true(figures_lexicon_languages(lexicon) >= 4);
    assert_string_equal(figures_lexicon_language(lexicon, 0), "und");
    assert_null(figures_lexicon_language(lexicon, 9999));
    assert_true(lexicon_language_index(lexicon, "ar") > 0);
    assert_int_equal(lexicon_language_index(lexicon, "de-AT"),
                     lexicon_language_index(lexicon, "de"));
    assert_int_equal(lexicon_language_index(lexicon, "xx"), -1);
    const unsigned char text[] = "at least five";
    struct lexicon_match matches[LEXICON_MATCHES];
    size_t count = lexicon_find(lexicon, text, sizeof text - 1, false, false, matches);
    assert_true(count >= 1);
    assert_int_equal(matches[count - 1].length, 8);
    figures_lexicon_close(lexicon);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(test_no_file), cmocka_unit_test(test_truncated),
        cmocka_unit_test(test_wrong), cmocka_unit_test(test_pointing_outside),
        cmocka_unit_test(test_contents)};
    return cmocka_run_group_tests(tests, NULL, NULL);
}
