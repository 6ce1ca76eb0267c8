# Secrets that plugins ask for: bound to the stage that names them.
load common
setup() {
    work_setup
    project
    mkdir in plug secrets
    chmod 700 secrets
    (umask 077 && printf 's3cret-canary' >secrets/KEY && printf other >secrets/OTHER)
    cat >ask.c <<'C'
#include <mizan/plugin.h>
#include <stdlib.h>
#include <string.h>
/* Asks for the secret that `ask` names and says how long it is. */
struct stage { const struct mizan_host *host; char name[64]; };
static const struct mizan_option options[] = {
    {.name = "key", .type = MIZAN_OPTION_TEXT, .help = "A secret."},
    {.name = "all", .type = MIZAN_OPTION_MAP, .help = "Secrets."},
    {.name = "ask", .type = MIZAN_OPTION_INTEGER, .default_value = "1", .help = "Which."}};
static int32_t open_stage(const struct mizan_host *host, mizan_task *task,
                          const mizan_options *given, void **instance)
{
    static const char *const names[] = {"", "KEY", "OTHER", "GONE"};
    struct mizan_value ask;
    struct stage *stage = calloc(1, sizeof *stage);
    (void)task;
    host->option(given, "ask", &ask);
    stage->host = host;
    strcpy(stage->name, names[ask.as.integer]);
    *instance = stage;
    return MIZAN_OK;
}
static int32_t ask_it(struct stage *stage, mizan_task *task, mizan_record *record)
{
    struct mizan_slice secret;
    struct mizan_value size = {.type = MIZAN_INTEGER};
    int32_t status = stage->host->secret(task, stage->name, &secret);
    if (status != MIZAN_OK) {
        return status;
    }
    size.as.integer = (int64_t)secret.size;
    if (record != NULL) {
        stage->host->record_set(record, "secret_size", &size);
        return stage->host->emit(task, record);
    }
    stage->host->count(task, "secret_size", size.as.integer);
    return MIZAN_OK;
}
static int32_t extract(void *instance, mizan_task *task, mizan_record *record)
{
    return ask_it(instance, task, record);
}
static int32_t store(void *instance, mizan_task *task, const mizan_record *record)
{
    (void)record;
    return ask_it(instance, task, NULL);
}
extern MIZAN_EXPORT const struct mizan_plugin mizan_plugin_v1;
const struct mizan_plugin mizan_plugin_v1 = {
    .magic = MIZAN_PLUGIN_MAGIC, .size = sizeof(struct mizan_plugin), .abi_major = 1,
    .kind = KIND, .name = "ask", .version = "1", .stability = "stable", .summary = "Asks.",
    .options = options, .option_count = 3, .option_size = sizeof(struct mizan_option),
    .open = open_stage, .close = free,
#if IS_STORE
    .store = store
#else
    .extract = extract
#endif
};
C
    for kind in EXTRACT STORE; do
        gcc -shared -fPIC -w -I "$ROOT/host/include" -DKIND=MIZAN_KIND_$kind \
            -DIS_STORE=$([ $kind = STORE ] && echo 1 || echo 0) \
            -o "plug/$(tr A-Z a-z <<<$kind)_ask.so" ask.c
    done
    export MIZAN_PLUGIN_PATH="$WORK/plug"
}
teardown() { work_teardown; }

# asking STAGE…: the stages between article and store.
asking() {
    {
        echo 'local mizan = require "mizan"'
        echo 'return mizan.pipeline { name = "p", stages = {'
        echo '  mizan.fetch.file { path = "in/*.txt" }, mizan.extract.article {},'
        printf '  %s\n' "$@"
        echo '  mizan.store.jsonl { path = "out.jsonl", types = { "document" } } } }'
    } >p.lua
    echo "some text" >in/a.txt
}

@test "an extractor and a store get the secret that their own stage names" {
    asking 'mizan.extract.ask { key = "KEY" },' 'mizan.store.ask { all = { deep = { "KEY" } } },'
    run "$MIZAN" run --json p.lua
    [ "$status" -eq 0 ] || { echo "$output"; return 1; }
    [[ "$output" == *'"ask.secret_size":13'* || "$output" == *'secret_size":13'* ]]
    grep -q '"secret_size":13' out.jsonl
    ! grep -rq s3cret-canary out.jsonl mizan.db*
}

@test "not one that only another stage names, nor one that is not there" {
    asking 'mizan.extract.ask { key = "KEY", ask = 2 },' 'mizan.store.ask { key = "OTHER", ask = 2 },'
    run "$MIZAN" run p.lua
    fails_with 1 "was not given the secret 'OTHER'"
    rm -f mizan.db*
    asking 'mizan.extract.ask { key = "GONE", ask = 3 },'
    run "$MIZAN" run p.lua
    fails_with 1 "there is no secret 'GONE'"
    run "$MIZAN" dead list
    [[ "$output" != *s3cret* ]]
}
