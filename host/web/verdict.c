#include <string.h>

#include "value/record.h"
#include "web/html.h"
#include "web/page.h"

enum mz_code mz_web_verdict(struct mz_web_call *call, struct mz_error *error)
{
    return mz_web_missing(error, "figure", call->path);
}
