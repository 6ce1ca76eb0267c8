/* libmicrohttpd and libargon2 as tables of functions, loaded when the dashboard is
 * served: no other command pays for them at its start. */
#ifndef MIZAN_WEB_LIBRARY_H
#define MIZAN_WEB_LIBRARY_H

#include <argon2.h>
#include <microhttpd.h>

#include "base/error.h"

struct mz_http_library {
    struct MHD_Daemon *(*start_daemon)(unsigned flags, uint16_t port,
                                       MHD_AcceptPolicyCallback accept,
                                       void *accept_with,
                                       MHD_AccessHandlerCallback handle,
                                       void *handle_with, ...);
    void (*stop_daemon)(struct MHD_Daemon *daemon);
    const char *(*lookup_connection_value)(struct MHD_Connection *connection,
                                           enum MHD_ValueKind kind, const char *key);
    const union MHD_ConnectionInfo *(*get_connection_info)(
        struct MHD_Connection *connection, enum MHD_ConnectionInfoType type, ...);
    struct MHD_Response *(*create_response_from_buffer)(
        size_t size, void *data, enum MHD_ResponseMemoryMode mode);
    enum MHD_Result (*add_response_header)(struct MHD_Response *response,
                                           const char *name, const char *value);
    enum MHD_Result (*queue_response)(struct MHD_Connection *connection,
                                      unsigned status, struct MHD_Response *response);
    void (*destroy_response)(struct MHD_Response *response);
};

struct mz_password_library {
    int (*verify)(const char *encoded, const void *password, size_t size,
                  argon2_type type);
};

MZ_NODISCARD enum mz_code mz_http_load(struct mz_http_library *http,
                                       struct mz_error *error);
MZ_NODISCARD enum mz_code mz_password_load(struct mz_password_library *passwords,
                                           struct mz_error *error);

#endif
