#include "web/library.h"

#include <stddef.h>

#include "base/library.h"

#define HTTP(member)                                                                   \
    {                                                                                  \
        "MHD_" #member, offsetof(struct mz_http_library, member)                       \
    }

static const struct mz_symbol http_entries[] = {
    HTTP(start_daemon),
    HTTP(stop_daemon),
    HTTP(lookup_connection_value),
    HTTP(get_connection_info),
    HTTP(create_response_from_buffer),
    HTTP(add_response_header),
    HTTP(queue_response),
    HTTP(destroy_response),
};

static const struct mz_symbol password_entries[] = {
    {"argon2_verify", offsetof(struct mz_password_library, verify)},
};

enum mz_code mz_http_load(struct mz_http_library *http, struct mz_error *error)
{
    static const struct mz_library library = {
        "libmicrohttpd.so.12", "libmicrohttpd12", "the dashboard", http_entries,
        sizeof http_entries / sizeof *http_entries};
    return mz_library_load(&library, http, error);
}

enum mz_code mz_password_load(struct mz_password_library *passwords,
                              struct mz_error *error)
{
    static const struct mz_library library = {
        "libargon2.so.1", "libargon2-1", "a hashed password", password_entries,
        sizeof password_entries / sizeof *password_entries};
    return mz_library_load(&library, passwords, error);
}
