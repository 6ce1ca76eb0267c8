#include "run/stage_secret.h"

#include <string.h>

#include "run/intake_secret.h"

/* True when the text stands anywhere in the options. */
static bool mentions(const struct mizan_value *value, const char *name)
{
    if (value->type == MIZAN_TEXT) {
        return value->as.text.size == strlen(name) &&
               memcmp(value->as.text.data, name, value->as.text.size) == 0;
    }
    for (size_t i = 0; value->type == MIZAN_LIST && i < value->as.list.count; i++) {
        if (mentions(&value->as.list.items[i], name)) {
            return true;
        }
    }
    for (size_t i = 0; value->type == MIZAN_MAP && i < value->as.map.count; i++) {
        if (mentions(&value->as.map.fields[i].value, name)) {
            return true;
        }
    }
    return false;
}

int32_t mz_stage_secret(struct mizan_task *task, const struct mz_stage *stage,
                        const char *folder, const char *name, struct mizan_slice *out)
{
    struct mz_error error;
    *out = (struct mizan_slice){NULL, 0};
    if (name == NULL || !mentions(&stage->given, name)) {
        mz_fail(task->error, MZ_NOT_PERMITTED,
                "the stage %s was not given the secret '%.60s'", stage->name,
                name == NULL ? "" : name);
        if (task->error != NULL) {
            mz_error_help(task->error, "a plugin reads only secrets whose names the "
                                       "script writes among its options");
        }
        return MIZAN_ERROR_OPTION;
    }
    enum mz_code code = mz_intake_secret(task->arena, folder, name, out, &error);
    if (code == MZ_OK) {
        return MIZAN_OK;
    }
    if (task->error != NULL) {
        *task->error = error;
    }
    return code == MZ_MEMORY ? MIZAN_ERROR_MEMORY : MIZAN_ERROR_NOT_FOUND;
}
