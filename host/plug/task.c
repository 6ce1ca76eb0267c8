#include "plug/task.h"

#include "plug/internal.h"

static const struct {
    int32_t status;
    enum mz_code code;
    const char *name;
} statuses[] = {
    {MIZAN_OK, MZ_OK, "MIZAN_OK"},
    {MIZAN_ERROR_FAILED, MZ_INTERNAL, "MIZAN_ERROR_FAILED"},
    {MIZAN_ERROR_TRANSIENT, MZ_UNREACHABLE, "MIZAN_ERROR_TRANSIENT"},
    {MIZAN_ERROR_MEMORY, MZ_MEMORY, "MIZAN_ERROR_MEMORY"},
    {MIZAN_ERROR_CANCELLED, MZ_CANCELLED, "MIZAN_ERROR_CANCELLED"},
    {MIZAN_ERROR_OPTION, MZ_CONFIGURATION, "MIZAN_ERROR_OPTION"},
    {MIZAN_ERROR_INPUT, MZ_INPUT, "MIZAN_ERROR_INPUT"},
    {MIZAN_ERROR_NOT_FOUND, MZ_NOT_FOUND, "MIZAN_ERROR_NOT_FOUND"},
    {MIZAN_ERROR_LIMIT, MZ_LIMIT, "MIZAN_ERROR_LIMIT"},
    {MIZAN_ERROR_UNSUPPORTED, MZ_PLUGIN_REFUSED, "MIZAN_ERROR_UNSUPPORTED"},
    {MIZAN_ERROR_REJECTED, MZ_INPUT, "MIZAN_ERROR_REJECTED"},
};
#define STATUSES (sizeof statuses / sizeof statuses[0])

enum mz_code mz_status_code(int32_t status)
{
    for (size_t i = 0; i < STATUSES; i++) {
        if (statuses[i].status == status) {
            return statuses[i].code;
        }
    }
    return MZ_INTERNAL;
}

const char *mz_status_name(int32_t status)
{
    for (size_t i = 0; i < STATUSES; i++) {
        if (statuses[i].status == status) {
            return statuses[i].name;
        }
    }
    return NULL;
}
