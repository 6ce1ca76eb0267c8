// clang-format off
#include <mizan/plugin.h>
static const struct mizan_host *host;
static int32_t open_words(const struct mizan_host *table, mizan_task *task,
                          const mizan_options *options, void **instance)
{
    host = table;
    return (void)task, (void)options, (void)instance, MIZAN_OK;
}
static void close_words(void *instance) { (void)instance; }
static int32_t count_words(void *instance, mizan_task *task, mizan_record *document)
{
    struct mizan_value text, words = { .type = MIZAN_INTEGER };
    if (!host->record_get(document, "text", &text) || text.type != MIZAN_TEXT)
        return host->fail(task, MIZAN_ERROR_INPUT, "the document has no text");
    for (size_t i = 0; i < text.as.text.size; i++)
        words.as.integer += (unsigned char)text.as.text.data[i] > ' '
            && (i == 0 || (unsigned char)text.as.text.data[i - 1] <= ' ');
    int32_t status = host->record_set(document, "words", &words);
    return (void)instance, status == MIZAN_OK ? host->emit(task, document) : status;
}
static const char *const consumes[] = { "document", NULL };
extern MIZAN_EXPORT const struct mizan_plugin mizan_plugin_v1;
const struct mizan_plugin mizan_plugin_v1 = {
    .magic = MIZAN_PLUGIN_MAGIC, .size = sizeof(struct mizan_plugin),
    .abi_major = MIZAN_ABI_MAJOR, .kind = MIZAN_KIND_EXTRACT, .name = "words",
    .version = "1.0", .stability = "stable", .summary = "Counts words.",
    .consumes = consumes, .open = open_words, .close = close_words,
    .extract = count_words };
