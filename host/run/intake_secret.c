#include "run/intake_secret.h"

#include <string.h>
#include <strings.h>

#include "base/secret.h"
#include "net/cassette.h"
#include "value/url.h"

enum mz_code mz_intake_secret(struct mz_arena *arena, const char *folder,
                              const char *name, struct mizan_slice *out,
                              struct mz_error *error)
{
    char text[MZ_SECRET_MOST + 1];
    size_t size = 0;
    *out = (struct mizan_slice){NULL, 0};
    if (!mz_secret_name_ok(name)) {
        return mz_fail(
            error, MZ_SCRIPT,
            "'%.60s' is no name of a secret: letters, digits, '-' and '_', a "
            "letter first",
            name);
    }
    if (mz_cassette_playing()) {
        *out = (struct mizan_slice){"not read in tests", 17};
        return MZ_OK;
    }
    enum mz_code code = mz_secret_read(name, folder, text, &size, error);
    if (code != MZ_OK) {
        return code;
    }
    out->data = mz_arena_copy(arena, text, size);
    out->size = size;
    mz_secret_wipe(text, sizeof text);
    return out->data == NULL
               ? mz_fail(error, MZ_MEMORY, "not enough memory for a secret")
               : MZ_OK;
}

static bool is_host(struct mizan_slice host, const char *name)
{
    return host.size == strlen(name) && strncasecmp(host.data, name, host.size) == 0;
}

enum mz_code mz_intake_may_hold_secret(const char *url, struct mz_error *error)
{
    struct mz_url parts;
    if (!mz_url_split(url, strlen(url), &parts) || parts.host.size == 0) {
        return mz_fail(error, MZ_USAGE, "'%.80s' is no address to send a secret to",
                       url);
    }
    bool plain =
        parts.scheme.size == 4 && strncasecmp(parts.scheme.data, "http", 4) == 0;
    if (!plain || is_host(parts.host, "127.0.0.1") ||
        is_host(parts.host, "localhost") || is_host(parts.host, "::1")) {
        return MZ_OK;
    }
    mz_fail(error, MZ_NOT_PERMITTED,
            "%.200s: a stage that has a secret sends nothing without encryption", url);
    mz_error_help(error, "write https://");
    return MZ_NOT_PERMITTED;
}
