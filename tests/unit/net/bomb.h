#ifndef BOMB_H
#define BOMB_H

#include <stddef.h>

/* An answer with a gzip body that unpacks to about `size` zeros, 1,032 times what is
 * sent. malloc'ed. */
char *bomb_make(size_t size, size_t *answer_size);

#endif
