/* Arabic numbers in words, written by the rules of the grammar: what the tests hold
 * against the reader. Independent of the language pack. */
#ifndef FIGURES_TEST_ARABIC_NUMBERS_H
#define FIGURES_TEST_ARABIC_NUMBERS_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

struct arabic_style {
    bool feminine; /* what is counted is feminine: ثلاث, not ثلاثة */
    bool oblique;  /* accusative or genitive: عشرين, not عشرون */
    bool old_mia;  /* مائة, not مئة */
    bool apart;    /* ثلاث مئة in two words */
    bool no_hamza; /* اربعة and الف, as people type */
    bool billion;  /* بليون, not مليار */
    bool construct; /* the number stands before a noun in the genitive: ألفا جندي */
    bool tanwin; /* ألفًا with its mark, not ألفا */
};

/* Writes `number`, below 10^15, in words; returns the length in bytes. */
size_t arabic_spell(uint64_t number, const struct arabic_style *style, char *out,
                    size_t room);

/* Writes the number as news do: digits and the word of the greatest scale, and the rest
 * in digits (18 ألفا و342). `digits` is the code point of the zero. */
size_t arabic_mix(uint64_t number, const struct arabic_style *style, uint32_t zero,
                  char *out, size_t room);

#endif
