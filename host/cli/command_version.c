#include <stdio.h>

#include "cli/command.h"
#include "mizan/plugin.h"

int mz_command_version(const struct mz_arguments *arguments)
{
    if (mz_argument(arguments, "json") != NULL) {
        printf("{\"v\":1,\"mizan\":\"%s\",\"abi\":\"%d.%d\"}\n", MIZAN_VERSION,
               MIZAN_ABI_MAJOR, MIZAN_ABI_MINOR);
        return 0;
    }
    printf("mizan %s (plugin ABI %d.%d)\n", MIZAN_VERSION, MIZAN_ABI_MAJOR,
           MIZAN_ABI_MINOR);
    return 0;
}
