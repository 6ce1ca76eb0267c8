/* The header by which a request is allowed in, made of the stage's secret. */
#ifndef HTTP_AUTH_H
#define HTTP_AUTH_H

#include "http_plan.h"

/* The header's name into *name and its value into `value`, to be finished by the
 * caller. Does nothing when the plan has no auth. `renew`: the token was refused, ask
 * for a new one. */
int32_t http_auth_header(struct http_plan *plan, mizan_task *task, bool renew,
                         struct mizan_slice *name, struct http_text *value);
/* True when the last request failed since it was not let in (status 401). */
bool http_auth_was_refused(const struct http_plan *plan, mizan_task *task);

#endif
