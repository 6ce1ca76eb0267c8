/* cmocka wants these four before it. */
#ifndef MIZAN_TEST_CMOCKA_ALL_H
#define MIZAN_TEST_CMOCKA_ALL_H

#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>

#endif
