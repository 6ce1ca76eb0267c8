/* What mizan.secret and mizan.auth make, shared by secret_box.c and auth_option.c. */
#ifndef MIZAN_LUA_AUTH_PARTS_H
#define MIZAN_LUA_AUTH_PARTS_H

#include <stdbool.h>
#include <stdint.h>

#include "base/secret.h"

/* User values: 1 the list of hosts that it is bound to, or nil: those of the stage. */
struct mz_secret_box {
    char name[MZ_SECRET_NAME];
};

enum mz_auth_kind { MZ_AUTH_BEARER, MZ_AUTH_BASIC, MZ_AUTH_OAUTH2 };

/* User values: 1 the secret, 2 the user's name; of OAuth 2 also 3 where tokens are had,
 * 4 the scope or nil, 5 the token or nil, 6 the list of hosts it is for, or nil. */
enum {
    MZ_AUTH_SECRET = 1,
    MZ_AUTH_USER,
    MZ_AUTH_URL,
    MZ_AUTH_SCOPE,
    MZ_AUTH_TOKEN,
    MZ_AUTH_HOSTS
};
struct mz_auth_box {
    enum mz_auth_kind kind;
    int64_t expires; /* of the token, monotonic milliseconds */
    bool proven;     /* a request with the token went well */
};

#endif
