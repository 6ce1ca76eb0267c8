/* Writing systems, as far as they tell languages apart. */
#ifndef ARTICLE_SCRIPTS_H
#define ARTICLE_SCRIPTS_H

#include <stdint.h>

enum article_script {
    SCRIPT_NONE, /* digits, punctuation, white space */
    SCRIPT_LATIN,
    SCRIPT_CYRILLIC,
    SCRIPT_ARABIC,
    SCRIPT_HAN,
    SCRIPT_KANA,
    SCRIPT_HANGUL,
    SCRIPT_HEBREW,
    SCRIPT_GREEK,
    SCRIPT_THAI,
    SCRIPT_DEVANAGARI,
    SCRIPT_BENGALI,
    SCRIPT_TAMIL,
    SCRIPT_TELUGU,
    SCRIPT_GEORGIAN,
    SCRIPT_ARMENIAN,
    SCRIPT_ETHIOPIC,
    SCRIPT_KHMER,
    SCRIPT_BURMESE,
    SCRIPT_LAO,
    SCRIPT_SINHALA,
    SCRIPT_GUJARATI,
    SCRIPT_GURMUKHI,
    SCRIPT_KANNADA,
    SCRIPT_MALAYALAM,
    SCRIPT_COUNT
};

enum article_script article_script_of(uint32_t code);

#endif
