/* Private to host/web: how a request is answered. answer.c finds the page, sign.c asks
 * who it is for, reply.c sends. */
#ifndef MIZAN_WEB_ANSWER_H
#define MIZAN_WEB_ANSWER_H

#include "web/server.h"

struct mz_asked {
    struct mz_web_server *server;
    struct mz_web_request *request;
};

struct mz_reply {
    int status;
    const char *type, *forward, *cookie; /* the last two may be NULL */
};

/* answer.c */
int mz_web_status(enum mz_code code); /* of HTTP */
const char *mz_web_type(enum mz_web_form form);
enum MHD_Result mz_web_answer_error(const struct mz_asked *asked,
                                    struct mz_web_call *call,
                                    const struct mz_error *error);
/* A form holds the token that its page was given. */
MZ_NODISCARD enum mz_code mz_web_check_token(const struct mz_web_call *call,
                                             struct mz_error *error);

/* reply.c: takes call->out. */
enum MHD_Result mz_web_finish(const struct mz_asked *asked, struct mz_web_call *call,
                              const struct mz_reply *reply);
enum MHD_Result mz_web_send_asset(const struct mz_asked *asked,
                                  const struct mz_web_asset *asset);

/* sign.c */
enum MHD_Result mz_web_show_sign_in(const struct mz_asked *asked,
                                    struct mz_web_call *call);
enum MHD_Result mz_web_do_sign_out(const struct mz_asked *asked,
                                   struct mz_web_call *call);

#endif
