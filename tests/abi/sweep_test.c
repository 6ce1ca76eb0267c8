/* Allocation failure swept over every service of the host and every call into plugins:
 * the 1st, 2nd, … allocation is refused, once and from then on, until the call runs
 * untouched; each time it ends in order, and nothing is left allocated. The allocator
 * is wrapped by the linker, for the host's code alone. */
#include "support.h"

#include <stdio.h>
#include <string.h>

#include "value/record.h"

/* ---- the allocator ---- */

void *__real_malloc(size_t size);
void *__real_calloc(size_t count, size_t size);
void *__real_realloc(void *memory, size_t size);
char *__real_strdup(const char *text);
void __real_free(void *memory);
void *__wrap_malloc(size_t size);
void *__wrap_calloc(size_t count, size_t size);
void *__wrap_realloc(void *memory, size_t size);
char *__wrap_strdup(const char *text);
void __wrap_free(void *memory);

static struct {
    long asked, refuse; /* refuse: the number of the one to refuse; 0: none */
    bool onward, refused;
    long live;
} heap;

static bool refuses(void)
{
    heap.asked++;
    bool now = heap.refuse != 0 &&
               (heap.asked == heap.refuse || (heap.onward && heap.asked > heap.refuse));
    heap.refused = heap.refused || now;
    return now;
}

static void *count_live(void *memory)
{
    heap.live += memory != NULL;
    return memory;
}

void *__wrap_malloc(size_t size)
{
    return refuses() ? NULL : count_live(__real_malloc(size));
}

void *__wrap_calloc(size_t count, size_t size)
{
    return refuses() ? NULL : count_live(__real_calloc(count, size));
}

void *__wrap_realloc(void *memory, size_t size)
{
    if (refuses()) {
        return NULL;
    }
    void *larger = __real_realloc(memory, size);
    heap.live += memory == NULL && larger != NULL;
    return larger;
}

char *__wrap_strdup(const char *text)
{
    return refuses() ? NULL : count_live(__real_strdup(text));
}

void __wrap_free(void *memory)
{
    heap.live -= memory != NULL;
    __real_free(memory);
}

/* ---- what is swept ---- */

static int32_t refuse_nothing(struct mizan_task *task, struct mizan_record *record)
{
    (void)task;
    (void)record;
    return MIZAN_OK;
}

static const struct mz_services services = {.emit = refuse_nothing};

/* A task in an arena of its own, which is the first thing that is refused. */
struct place {
    struct mz_arena *arena;
    struct mizan_task task;
    struct mz_error error;
    struct mz_plugin *plugin; /* loaded before */
};

static int32_t set_text(mizan_record *record, const char *name, const char *text)
{
    struct mizan_value value = mz_text(text);
    return mz_host_table()->record_set(record, name, &value);
}

static bool use_alloc(struct place *place)
{
    const struct mizan_host *host = mz_host_table();
    uint64_t mark = host->arena_mark(&place->task);
    bool right = host->alloc(&place->task, 100) != NULL &&
                 host->alloc(&place->task, 100000) != NULL;
    host->arena_release(&place->task, mark);
    return right;
}

static bool use_record(struct place *place)
{
    static const struct mizan_value items[2] = {{.type = MIZAN_INTEGER},
                                                {.type = MIZAN_NIL}};
    static const struct mizan_locator pointer = {.kind = MIZAN_LOCATOR_POINTER,
                                                 .pointer = {"/a/b", 4}};
    const struct mizan_host *host = mz_host_table();
    struct mizan_value list = {.type = MIZAN_LIST, .as.list = {items, 2}};
    struct mizan_value found;
    struct mizan_field field;
    struct mizan_locator locator;
    mizan_record *record = host->record_new(&place->task, "document");
    if (record == NULL) {
        return false;
    }
    bool right = set_text(record, "text", "a text") == MIZAN_OK &&
                 host->record_set(record, "list", &list) == MIZAN_OK &&
                 host->record_set_locator(record, &pointer) == MIZAN_OK;
    /* What was refused is absent or as it was, never half there. */
    for (size_t i = 0; i < host->record_count(record); i++) {
        host->record_field(record, i, &field);
        assert_true(field.name.size > 0);
    }
    host->record_locator(record, &locator);
    (void)host->record_get(record, "list", &found);
    return right && host->emit(&place->task, record) == MIZAN_OK;
}

static bool use_messages(struct place *place)
{
    const struct mizan_host *host = mz_host_table();
    char id[33];
    struct mizan_slice part = {"a", 1};
    host->log(&place->task, MIZAN_LOG_DEBUG, "%s", "text");
    host->count(&place->task, "name", 1);
    host->observe(&place->task, "name", 1);
    struct mizan_slice out;
    /* Services that nobody gives answer so, with a sentence. */
    assert_int_equal(host->secret(&place->task, "key", &out), MIZAN_ERROR_UNSUPPORTED);
    assert_int_equal(host->state_get(&place->task, "key", &out),
                     MIZAN_ERROR_UNSUPPORTED);
    assert_true(host->failure(&place->task)[0] != '\0');
    assert_int_equal((host->fail)(&place->task, MIZAN_ERROR_INPUT, "%d", 1),
                     MIZAN_ERROR_INPUT);
    return host->hash_id(&part, 1, id) == MIZAN_OK && host->now(&place->task) > 0 &&
           host->feature("emit") == 1;
}

static bool use_options(struct place *place)
{
    struct mizan_options *options = NULL;
    struct mizan_value value;
    struct mz_schema schema = mz_plugin_schema(place->plugin);
    if (mz_options_default(place->arena, &schema, &options, &place->error) != MZ_OK) {
        return false;
    }
    return mz_host_table()->option(options, "limit", &value) == MIZAN_OK;
}

/* Opens, extracts, closes: what instances take, and what the plugin asks for. */
static bool use_instance(struct place *place)
{
    struct mizan_options *options = NULL;
    struct mz_instance *instance = NULL;
    struct mz_schema schema = mz_plugin_schema(place->plugin);
    struct mizan_record *record = mz_record_create(place->arena, "document");
    if (record == NULL || set_text(record, "text", "a b") != MIZAN_OK ||
        mz_options_default(place->arena, &schema, &options, &place->error) != MZ_OK ||
        mz_instance_open(place->plugin, &place->task, options, 1000, &instance,
                         &place->error) != MZ_OK) {
        return false;
    }
    bool right = mz_instance_extract(instance, &place->task, record, 1000,
                                     &place->error) == MZ_OK;
    mz_instance_close(instance);
    return right;
}

/* Finding and loading, into a registry of its own. */
static bool use_loader(struct place *place)
{
    const char *folders[] = {ABI_PLUGINS "/good"};
    struct mz_plugin *plugin = NULL;
    struct mz_plugin_entry *entries = NULL;
    size_t count = 0;
    struct mz_registry *registry = mz_registry_create(folders, 1);
    if (registry == NULL) {
        return false;
    }
    bool right = mz_registry_find(registry, MIZAN_KIND_EXTRACT, "words", &plugin,
                                  &place->error) == MZ_OK &&
                 mz_registry_list(registry, place->arena, &entries, &count,
                                  &place->error) == MZ_OK &&
                 count > 5;
    mz_registry_destroy(registry);
    return right;
}

static const struct {
    const char *name;
    bool (*use)(struct place *place);
    const char *plugin;
} uses[] = {{"alloc", use_alloc, NULL},
            {"records", use_record, NULL},
            {"messages", use_messages, NULL},
            {"options", use_options, "good/extract_first.so"},
            {"calls", use_instance, "good/extract_words.so"},
            {"loading", use_loader, NULL}};

/* ---- the sweep ---- */

/* One try with the refusal that is set; returns whether it did what it should. */
static bool try_once(size_t use, struct mz_plugin *plugin)
{
    struct place place = {.plugin = plugin};
    bool right = false;
    place.arena = mz_arena_create((size_t)8 << 20);
    if (place.arena != NULL) {
        place.task = (struct mizan_task){.services = &services,
                                         .arena = place.arena,
                                         .stage = "stage",
                                         .record = "https://example.org/",
                                         .error = &place.error};
        right = uses[use].use(&place);
    }
    mz_arena_destroy(place.arena);
    return right;
}

static void sweep(size_t use, struct mz_plugin *plugin, bool onward)
{
    for (long nth = 1; nth < 100000; nth++) {
        long before = heap.live;
        heap.asked = 0;
        heap.refused = false;
        heap.onward = onward;
        heap.refuse = nth;
        bool right = try_once(use, plugin);
        heap.refuse = 0;
        if (heap.live != before) {
            fail_msg("%s: %ld blocks are left after allocation %ld was refused",
                     uses[use].name, heap.live - before, nth);
        }
        if (!heap.refused) {
            assert_true(right);
            return;
        }
    }
    fail_msg("%s: it never ran untouched", uses[use].name);
}

static void test_every_service(void **state)
{
    (void)state;
    for (size_t use = 0; use < sizeof uses / sizeof uses[0]; use++) {
        struct bench bench;
        bench_init(&bench);
        struct mz_plugin *plugin =
            uses[use].plugin == NULL ? NULL : bench_load(&bench, uses[use].plugin);
        /* Once untouched: names are interned for good, libraries loaded for good. */
        assert_true(try_once(use, plugin));
        sweep(use, plugin, false);
        sweep(use, plugin, true);
        bench_finish(&bench);
    }
}

int main(void)
{
    const struct CMUnitTest tests[] = {cmocka_unit_test(test_every_service)};
    return cmocka_run_group_tests_name("abi_sweep", tests, NULL, NULL);
}
