/* Shared objects that are no plugins, by definition of the build: AS_FUNCTION exports a
 * function under the plugin's name, AS_SMALL an object too small, MISSING needs a
 * symbol that nobody has, else nothing is exported at all. */
#include <mizan/plugin.h>

#if defined(AS_FUNCTION)
MIZAN_EXPORT int mizan_plugin_v1(void) __attribute__((aligned(16)));
int mizan_plugin_v1(void)
{
    return 1;
}
#elif defined(AS_SMALL)
extern MIZAN_EXPORT const uint64_t mizan_plugin_v1;
const uint64_t mizan_plugin_v1 = MIZAN_PLUGIN_MAGIC;
#elif defined(MISSING)
extern int mizan_no_such_function(void);
MIZAN_EXPORT int call_it(void);
int call_it(void)
{
    return mizan_no_such_function();
}
#else
MIZAN_EXPORT int nothing_of_note(void);
int nothing_of_note(void)
{
    return 0;
}
#endif
