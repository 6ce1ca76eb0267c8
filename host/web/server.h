/* Private to host/web: the server's parts. */
#ifndef MIZAN_WEB_SERVER_H
#define MIZAN_WEB_SERVER_H

#include <pthread.h>
#include <stdint.h>
#include <sys/socket.h>

#include "web/call.h"
#include "web/library.h"
#include "web/web.h"

#define MZ_WEB_THREADS  4
#define MZ_WEB_SESSIONS 64
#define MZ_WEB_VISITORS 64
#define MZ_WEB_BODY     (64 * 1024) /* bytes of a form */

/* Who signed in. A token that was never given out matches nobody. */
struct mz_session {
    char id[MZ_WEB_TOKEN], token[MZ_WEB_TOKEN];
    int64_t until; /* monotonic milliseconds; 0: free */
};

/* Wrong passwords of an address; the address waits longer after each. */
struct mz_visitor {
    char address[64];
    int failures;
    int64_t next; /* monotonic milliseconds */
};

struct mz_web_server {
    const struct mz_web_settings *settings;
    struct mz_http_library http;
    struct mz_password_library passwords; /* loaded where a hash is the password */
    struct MHD_Daemon *daemon;
    int socket;
    bool local;           /* listens on the loopback network or a unix socket alone */
    pthread_mutex_t lock; /* guards what follows */
    struct mz_db *idle[MZ_WEB_THREADS];
    struct mz_session sessions[MZ_WEB_SESSIONS];
    struct mz_visitor visitors[MZ_WEB_VISITORS];
    char token[MZ_WEB_TOKEN]; /* of forms where no password is asked */
};

/* One request while it arrives. */
struct mz_web_request {
    struct MHD_Connection *connection;
    const char *method, *url;
    struct mz_buffer body;
    struct mz_arena *arena;
    struct mizan_map form; /* names and texts that were sent */
    bool too_long;
    struct mz_session session; /* a copy; `until` 0: none */
};

/* listen.c: opens the socket that settings->listen names; `address` (128 bytes) becomes
 * what a browser is told. */
MZ_NODISCARD enum mz_code mz_web_listen(struct mz_web_server *server, char *address,
                                        struct mz_error *error);

/* guard.c: refuses what no page of ours sends: names of other hosts (a name that was
 * made to lead here), and forms from other origins. */
MZ_NODISCARD enum mz_code mz_web_guard(const struct mz_web_server *server,
                                       const struct mz_web_request *request,
                                       struct mz_error *error);

/* guard.c: a header of the request; NULL: not there. */
const char *mz_web_header(const struct mz_web_server *server,
                          const struct mz_web_request *request, const char *name);

/* session.c */
bool mz_web_random(char out[MZ_WEB_TOKEN]); /* 32 random bytes as text */
/* True when both are equal; takes as long whatever they hold. */
bool mz_web_same(const char *a, const char *b);
void mz_web_session_find(struct mz_web_server *server, struct mz_web_request *request);
/* Judges a password; on success `session` is a new one. MZ_NOT_PERMITTED when it is
 * wrong, MZ_TRY_AGAIN, with the seconds to wait, after too many wrong ones. */
MZ_NODISCARD enum mz_code mz_web_sign_in(struct mz_web_server *server,
                                         const char *address, const char *password,
                                         struct mz_session *session,
                                         struct mz_error *error);
void mz_web_sign_out(struct mz_web_server *server, const char *id);
/* The address of a visitor as text; "unix" where there is none. */
const char *mz_web_address_text(const struct sockaddr *address, char out[64]);

/* form.c: reads a body of application/x-www-form-urlencoded into request->form. */
MZ_NODISCARD enum mz_code mz_web_form_read(struct mz_web_request *request,
                                           struct mz_error *error);

/* answer.c: the whole answer to a request that has arrived. */
enum MHD_Result mz_web_answer(struct mz_web_server *server,
                              struct mz_web_request *request);
/* assets.c */
struct mz_web_asset {
    const char *name, *type, *etag;
    const unsigned char *plain, *packed; /* packed: gzip */
    const size_t *plain_size, *packed_size;
};
const struct mz_web_asset *mz_web_asset(const char *name); /* NULL: none */

/* server.c: a connection to read with, given back afterwards. */
MZ_NODISCARD enum mz_code mz_web_take(struct mz_web_server *server, struct mz_db **out,
                                      struct mz_error *error);
void mz_web_give(struct mz_web_server *server, struct mz_db *db);

#endif
