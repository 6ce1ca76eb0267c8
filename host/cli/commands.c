#include "cli/command.h"

static const struct mz_option_row no_options[] = {{0}};

static const struct mz_option_row check_options[] = {
    {"param", 'p', "NAME=VALUE", "value of a parameter; may be repeated"},
    {"json", 0, NULL, "one object per file"},
    {0}};

static const struct mz_option_row run_options[] = {
    {"db", 0, "URL", "home database: sqlite:PATH or postgres://HOST/NAME"},
    {"param", 'p', "NAME=VALUE", "value of a parameter; may be repeated"},
    {"limit", 0, "N", "stop after N documents; cursors stay"},
    {"tick", 0, "[TIME]", "the run of this tick (the last one due); done twice: once"},
    {"shard", 0, "N", "with --tick: only the sources of this shard, from 1"},
    {"force", 0, NULL, "with --tick: also when it is done, failed or skipped"},
    {"json", 0, NULL, "print the run as one object instead of its report"},
    {0}};

static const struct mz_option_row try_options[] = {
    {"db", 0, "URL", "home database, for --doc, --dead and --url"},
    {"param", 'p', "NAME=VALUE", "value of a parameter; may be repeated"},
    {"stage", 0, "NAME", "show this stage alone"},
    {"from", 0, "NAME", "begin at this stage"},
    {"to", 0, "NAME", "end after this stage"},
    {"doc", 0, "ID", "begin with a stored document"},
    {"dead", 0, "ID", "begin with the document of a dead letter"},
    {"url", 0, "URL",
     "begin with the stored document of an address; with INPUT: its own"},
    {"live", 0, NULL, "with --url: ask for it now"},
    {"watch", 0, NULL, "try again whenever the script or the input is saved"},
    {"type", 0, "TYPE", "the media type of the input"},
    {"lang", 0, "LANG", "the language of the input"},
    {"limit", 0, "N", "show N documents of the sources (1)"},
    {"json", 0, NULL, "an object per record"},
    {0}};

static const struct mz_option_row test_options[] = {
    {"filter", 0, "TEXT", "only the cases whose name has the text"},
    {"update", 0, NULL, "write golden files anew"},
    {"record", 0, NULL, "ask the network for what a cassette lacks, and add it"},
    {"json", 0, NULL, "an object per case"},
    {0}};

static const struct mz_option_row list_options[] = {
    {"db", 0, "URL", "home database"}, {"json", 0, NULL, "an object per line"}, {0}};

static const struct mz_option_row deploy_options[] = {
    {"db", 0, "URL", "home database"},
    {"any", 0, NULL, "any version may run again"},
    {0}};

static const struct mz_option_row top_options[] = {
    {"db", 0, "URL", "home database"},
    {"once", 0, NULL, "print once, also on a terminal"},
    {"interval", 0, "TIME", "between two looks (2s)"},
    {0}};

static const struct mz_option_row describe_options[] = {
    {"types", 0, NULL, "print mizan.d.lua, the types for editors"},
    {"luacheck", 0, NULL, "print .luacheckrc for the project"},
    {"param", 'p', "NAME=VALUE", "value of a parameter; may be repeated"},
    {"md", 0, NULL, "a handover page in Markdown: schedule, sources, failures …"},
    {"db", 0, "URL", "home database, for --md"},
    {"json", 0, NULL, "one object"},
    {0}};

static const struct mz_option_row runs_options[] = {
    {"db", 0, "URL", "home database"},
    {"limit", 0, "N", "the last N runs (20)"},
    {"status", 0, "STATUS", "only these: ok, failed, running, cancelled …"},
    {"failed", 0, NULL, "only those that failed"},
    {"kind", 0, "KIND", "only these: manual, tick, time, request, after, file"},
    {"since", 0, "TIME", "only those begun since then, or since an age like 2h"},
    {"unusual", 0, NULL, "only those that departed from the usual"},
    {"json", 0, NULL, "an object per line"},
    {0}};

static const struct mz_option_row serve_options[] = {
    {"db", 0, "URL", "home database: sqlite:PATH"},
    {"max-runs", 0, "N", "runs at once (two a core)"},
    {"grace", 0, "TIME", "how long runs may take to end at the end (30s)"},
    {"label", 0, "WORD", "of this host; pipelines may ask for it; may be repeated"},
    {"web", 0, "ADDRESS", "run the dashboard beside it, there"},
    {"no-deliver", 0, NULL, "send nothing: mizan deliver runs elsewhere"},
    {"metrics", 0, "PORT", "/metrics, /healthz, /readyz on 127.0.0.1 (0: any port)"},
    {0}};

static const struct mz_option_row log_options[] = {
    {"db", 0, "URL", "home database"},
    {"follow", 'f', NULL, "go on until the run ends"},
    {0}};

static const struct mz_option_row database_options[] = {
    {"db", 0, "URL", "home database"}, {0}};

static const struct mz_option_row next_options[] = {
    {"tz", 0, "ZONE", "time zone of the expression (UTC)"},
    {"from", 0, "TIME", "the ticks after this time (now)"},
    {"count", 0, "N", "how many (10)"},
    {"id", 0, "NAME", "the name that H is drawn from"},
    {"param", 'p', "NAME=VALUE", "of the pipeline in FILE.lua; may be repeated"},
    {"explain", 0, NULL, "mark what a change of the clock moved or made once"},
    {"batch", 0, NULL, "JSON Lines {id, expr, tz, from} in, {id, next} out"},
    {"json", 0, NULL, "one object"},
    {0}};

static const struct mz_option_row web_options[] = {
    {"db", 0, "URL", "home database"},
    {"listen", 0, "ADDRESS", "ADDRESS:PORT or unix:PATH (127.0.0.1:8780)"},
    {"host", 0, "NAME", "a name that visitors may use; may be repeated"},
    {"read-only", 0, NULL, "take no verdicts and start no runs"},
    {0}};

static const struct mz_option_row figures_options[] = {
    {"json", 0, NULL, "JSON Lines: one object per figure"},
    {"docs", 0, NULL, "input is JSON Lines {id, text, lang?}, a line out for each"},
    {"lang", 0, "LANG,…", "languages to read; else detected per sentence"},
    {"ordinals", 0, NULL, "include ordinals"},
    {"times", 0, NULL, "include times"},
    {"explain", 0, NULL, "tokens, rule and the readings that lost"},
    {0}};

static const struct mz_option_row query_options[] = {
    {"db", 0, "URL", "home database"},
    {"json", 0, NULL, "an object per row"},
    {"csv", 0, NULL, "comma-separated values"},
    {"md", 0, NULL, "a Markdown table"},
    {"tsv", 0, NULL, "tab-separated values"},
    {"table", 0, NULL, "an aligned table, also off a terminal"},
    {"limit-time", 0, "N", "stop a query after N seconds (10)"},
    {0}};

static const struct mz_option_row why_options[] = {
    {"db", 0, "URL", "home database"}, {"json", 0, NULL, "one object"}, {0}};

static const struct mz_option_row review_options[] = {
    {"db", 0, "URL", "home database"},
    {"confirm", 0, NULL, "the figure is right"},
    {"correct", 0, "FIELD=VALUE", "what is right; may be repeated"},
    {"reject", 0, NULL, "it is no figure, or not of this topic: it counts no more"},
    {"message", 'm', "TEXT", "the reason"},
    {"by", 0, "NAME", "who says so ($USER)"},
    {"topic", 0, "ID", "list: only this topic"},
    {"lang", 0, "LANG", "list: only this language"},
    {"limit", 0, "N", "list: most rows (50)"},
    {"json", 0, NULL, "an object per row"},
    {0}};

static const struct mz_option_row diff_options[] = {
    {"db", 0, "URL", "home database"},
    {"url", 0, "URL", "the versions of one address"},
    {"json", 0, NULL, "an object per row"},
    {0}};

static const struct mz_option_row export_options[] = {
    {"db", 0, "URL", "home database"},
    {"to", 0, "FORM", "csv (with CSVW metadata), jsonl or sqlite"},
    {"where", 0, "SQL", "only figures of which this holds, by the exported columns"},
    {0}};

static const struct mz_option_row backfill_options[] = {
    {"db", 0, "URL", "home database"},
    {"param", 'p', "NAME=VALUE", "value of a parameter; may be repeated"},
    {"from-raw", 0, NULL, "run the stored documents again, from their kept bodies"},
    {"from", 0, "TIME", "only documents fetched from then on"},
    {"to", 0, "TIME", "only documents fetched before then"},
    {"reverse", 0, NULL, "the latest first"},
    {"limit", 0, "N", "stop after N documents"},
    {"json", 0, NULL, "print the run as one object instead of its report"},
    {0}};

static const struct mz_option_row series_options[] = {
    {"db", 0, "URL", "home database"},
    {"origin", 0, "ID", "only this origin"},
    {"limit", 0, "N", "most rows (500)"},
    {"chart", 0, NULL, "draw also off a terminal"},
    {"json", 0, NULL, "an object per row"},
    {0}};

static const struct mz_option_row migrate_options[] = {
    {"db", 0, "URL", "home database"},
    {"plan", 0, NULL, "only say what would be done"},
    {"json", 0, NULL, "one object"},
    {0}};

static const struct mz_option_row dead_options[] = {
    {"db", 0, "URL", "home database"},
    {"file", 0, "FILE", "replay, keep: the pipeline's file, if its name does not tell"},
    {"param", 'p', "NAME=VALUE", "replay: value of a parameter; may be repeated"},
    {"stage", 0, "NAME", "list: only of this stage"},
    {"run", 0, "ID", "list: only of this run"},
    {"each", 0, NULL, "list: a row a letter, not a row a cause"},
    {"resolved", 0, NULL, "list: also those whose input went through later"},
    {"limit", 0, "N", "list: most rows (50)"},
    {"body", 0, NULL, "show: the bytes of the document, to standard output"},
    {"json", 0, NULL, "an object per row"},
    {0}};

static const struct mz_option_row source_options[] = {
    {"db", 0, "URL", "home database"},
    {"private", 0, NULL, "probe: the address may be of this machine or network"},
    {"json", 0, NULL, "list: an object per source; probe: one object"},
    {0}};

static const struct mz_option_row deliver_options[] = {
    {"db", 0, "URL", "home database"},
    {"follow", 0, NULL, "go on with what becomes due later, until stopped"},
    {"limit", 0, "N", "send at most N messages; list: most rows (50)"},
    {"pipeline", 0, "NAME", "list: only of this pipeline"},
    {"state", 0, "STATE", "list: only due, sent or dead"},
    {"json", 0, NULL, "an object per row; else: one that counts"},
    {0}};

static const struct mz_option_row state_options[] = {
    {"db", 0, "URL", "home database"},
    {"json", 0, NULL, "get: an object per row"},
    {0}};

static const struct mz_option_row backup_options[] = {{"db", 0, "URL", "home database"},
                                                      {0}};

static const struct mz_option_row gc_options[] = {
    {"db", 0, "URL", "home database"},
    {"dry-run", 0, NULL, "count, and change nothing"},
    {"vacuum", 0, NULL, "give the room back to the disk"},
    {"json", 0, NULL, "an object per row"},
    {0}};

static const struct mz_option_row doctor_options[] = {
    {"db", 0, "URL", "home database"},
    {"quick", 0, NULL, "look at the structure of the database alone"},
    {"json", 0, NULL, "an object per finding"},
    {0}};

static const struct mz_option_row plugin_options[] = {
    {"db", 0, "URL", "enable: home database"},
    {"kind", 0, "KIND", "new: fetch, extract or store"},
    {"option", 'o', "NAME=VALUE", "check: value of an option; may be repeated"},
    {"limit-time", 0, "N", "check: seconds that one check may take (60)"},
    {"json", 0, NULL, "list: an object per plugin; check: one per check"},
    {0}};

static const struct mz_option_row version_options[] = {{"json", 0, NULL, "one object"},
                                                       {0}};

static const struct mz_option_row export_units_options[] = {
    {"db", 0, "URL", "home database of the services"},
    {"to", 0, "FOLDER", "write files there; else all goes to standard output"},
    {"user", 0, "NAME", "run as this user, who may write the project's folder"},
    {0}};

static const struct mz_option_row help_options[] = {
    {"man", 0, NULL, "the manual page as troff: mizan(1), or that of COMMAND"}, {0}};

const struct mz_command mz_commands[] = {
    {"init", "Everyday", "[FOLDER]", 0, 1, "make a new project",
     "  mizan init                  in this folder\n"
     "  mizan init feeds            in a new folder\n",
     no_options, mz_command_init},
    {"check", "Everyday", "FILE…", 1, -1,
     "load pipelines and check every option, without touching sources",
     "  mizan check partnership.lua\n"
     "  mizan check *.lua\n",
     check_options, mz_command_check},
    {"run", "Everyday", "FILE", 1, 1, "run a pipeline once, now",
     "  mizan run partnership.lua\n"
     "  mizan run partnership.lua -p site=http://127.0.0.1:8080 --json\n"
     "  mizan run --tick partnership.lua      from crontab or a timer\n",
     run_options, mz_command_run},
    {"try", "Everyday", "FILE [INPUT]", 1, 2,
     "show what goes in and out of each stage; stores nothing",
     "  mizan try partnership.lua\n"
     "  mizan try partnership.lua --stage figures page.html\n",
     try_options, mz_command_try},
    {"test", "Everyday", "[FILE|FOLDER…]", 0, -1,
     "run the tests of pipelines, …_test.lua, without network",
     "  mizan test                   all test files below this folder\n"
     "  mizan test feeds_test.lua --filter \"no date\"\n"
     "  mizan test --update          after a look at what changed\n",
     test_options, mz_command_test},
    {"list", "Everyday", "[FOLDER]", 0, 1,
     "pipelines of the project and their last run",
     "  mizan list\n"
     "  mizan list scripts --json\n",
     list_options, mz_command_list},
    {"describe", "Everyday", "FILE", 0, 1, "a pipeline, its stages and options",
     "  mizan describe partnership.lua\n"
     "  mizan describe partnership.lua --json\n"
     "  mizan describe partnership.lua --md >HANDOVER.md\n"
     "  mizan describe --types >mizan.d.lua\n",
     describe_options, mz_command_describe},
    {"runs", "Everyday", "[PIPELINE]", 0, 1, "the last runs",
     "  mizan runs\n"
     "  mizan runs partnership --limit 5\n"
     "  mizan runs --failed --since 24h --json\n",
     runs_options, mz_command_runs},
    {"serve", "Everyday", "[FOLDER|FILE…]", 0, -1,
     "run the project's pipelines when they are due, until a signal",
     "  mizan serve\n"
     "  mizan serve scripts --max-runs 8 --metrics 9464\n"
     "  SIGTERM drains, a second one ends at once, SIGHUP describes all anew.\n",
     serve_options, mz_command_serve},
    {"log", "Everyday", "RUN", 1, 1, "what a run wrote",
     "  mizan log 3fa9c1             the beginning of its id is enough\n"
     "  mizan log last -f\n",
     log_options, mz_command_log},
    {"top", "Everyday", "", 0, 0, "runs, lag and hosts, live; once when piped",
     "  mizan top\n"
     "  mizan top --once\n",
     top_options, mz_command_top},
    {"next", "Everyday", "[EXPR|FILE.lua]", 0, 1,
     "when a cron expression or a pipeline is due next",
     "  mizan next '30 2 * * *' --tz Europe/Berlin --from 2025-03-29 --explain\n"
     "  mizan next partnership.lua --count 3\n"
     "  mizan next --batch < rows.jsonl\n",
     next_options, mz_command_next},
    {"web", "Everyday", "[FOLDER]", 0, 1, "the dashboard, until it is stopped",
     "  mizan web\n"
     "  mizan web --listen unix:/run/mizan/web.sock\n"
     "  mizan web --listen 0.0.0.0:8780 --host mizan.example.org   needs the secret "
     "web\n",
     web_options, mz_command_web},
    {"figures", "Everyday", "[FILE…]", 0, -1, "figures of a text, without a database",
     "  echo 'up to 9.8 billion dollars' | mizan figures\n"
     "  mizan figures --json article.txt\n",
     figures_options, mz_command_figures},
    {"query", "Data", "[NAME|SQL] [PARAMETER=VALUE…]", 0, -1,
     "a named query, or read-only SQL, on the home database",
     "  mizan query                 lists the named queries\n"
     "  mizan query ratio\n"
     "  mizan query figures lang=ar limit=20 --json\n"
     "  mizan query \"SELECT count(*) FROM figure\"\n",
     query_options, mz_command_query},
    {"why", "Data", "ID", 1, 1,
     "where a figure comes from: sentence, rule, sources, raw bytes",
     "  mizan why 3fa9c1\n"
     "  mizan why 3fa9c1 --json\n"
     "  An ID may be the beginning of a figure's id, as mizan query figures shows "
     "it.\n",
     why_options, mz_command_why},
    {"review", "Data", "[ID]", 0, 1,
     "figures that nobody judged, the least sure first; judge one",
     "  mizan review --topic killed\n"
     "  mizan review 3fa9c1 --confirm\n"
     "  mizan review 3fa9c1 --correct unit=USD -m \"the text says dollars\"\n"
     "  mizan review 3fa9c1 --reject -m \"the name of a missile\"\n",
     review_options, mz_command_review},
    {"backfill", "Data", "FILE --from-raw", 1, 1,
     "run what is stored through the stages as they are now",
     "  mizan backfill --from-raw partnership.lua\n"
     "  mizan backfill --from-raw --from 2025-09-01 --reverse partnership.lua\n"
     "  mizan runs; mizan diff RUN1 RUN2      what became of the figures\n",
     backfill_options, mz_command_backfill},
    {"diff", "Data", "[RUN1 RUN2]", 0, 2,
     "figures new, gone and changed between runs, or versions of a page",
     "  mizan diff 3fa9c1 77b02e    status 1 when they differ\n"
     "  mizan diff --url https://example.org/a\n",
     diff_options, mz_command_diff},
    {"export", "Data", "FILE", 1, 1, "figures as a file for other programs",
     "  mizan export figures.csv --to csv\n"
     "  mizan export - --to jsonl --where \"topic = 'killed'\"\n"
     "  mizan export data.db --to sqlite\n",
     export_options, mz_command_export},
    {"series", "Data", "[TOPIC]", 0, 1, "an interval over time, as a chart",
     "  mizan series killed\n"
     "  mizan series killed --origin NIS --json\n",
     series_options, mz_command_series},
    {"migrate", "Care", "", 0, 0, "bring the home database up to this program's schema",
     "  mizan migrate --plan         what would be done\n"
     "  mizan migrate                an SQLite file is copied to FILE.before-N first\n",
     migrate_options, mz_command_migrate},
    {"dead", "Care", "list [PIPELINE] | show ID… | replay ID… | keep ID…", 1, -1,
     "what was rejected or broke: by cause, in full, tried again, as a test",
     "  mizan dead list              the causes, the largest first\n"
     "  mizan dead show 3fa9c1       one letter, traceback and record\n"
     "  mizan dead replay 3fa9c1     its document through the stages again\n"
     "  mizan dead keep 3fa9c1       its document as a file, and a failing test\n"
     "  An ID may be the beginning of a letter's id, or a cause in full.\n",
     dead_options, mz_command_dead},
    {"retry", "Care", "RUN", 1, 1, "run the tick of a run again",
     "  mizan retry 3fa9c1\n", database_options, mz_command_retry},
    {"cancel", "Care", "RUN", 1, 1, "tell a run to stop",
     "  mizan cancel 3fa9c1\n"
     "  mizan cancel last\n",
     database_options, mz_command_cancel},
    {"pause", "Care", "PIPELINE…", 1, -1, "make no ticks of a pipeline for now",
     "  mizan pause partnership\n", database_options, mz_command_pause},
    {"resume", "Care", "PIPELINE…", 1, -1, "make ticks of a paused pipeline again",
     "  mizan resume partnership\n", database_options, mz_command_resume},
    {"source", "Care", "list [PIPELINE] | pause|resume PIPELINE SOURCE… | probe URL", 1,
     -1, "the health of sources; pausing one; what an address gives",
     "  mizan source list            state, failures in a row, when it is asked next\n"
     "  mizan source pause feeds sana\n"
     "  mizan source resume feeds sana     and forget its failures\n"
     "  mizan source probe https://example.org/feed.xml\n",
     source_options, mz_command_source},
    {"state", "Care",
     "get PIPELINE [SOURCE [KEY]] | set PIPELINE SOURCE KEY VALUE | move PIPELINE "
     "[SOURCE] NEW | drop PIPELINE [SOURCE [KEY]] | export PIPELINE",
     1, 5, "what sources keep between runs",
     "  mizan state get partnership              all of it\n"
     "  mizan state get partnership demo visited\n"
     "  mizan state set partnership demo mark 2025-09-01\n"
     "  mizan state move partnership demo news   the source has a new id\n"
     "  mizan state drop partnership demo        read it as if for the first time\n"
     "  mizan state export partnership >state.jsonl\n",
     state_options, mz_command_state},
    {"backup", "Care", "FILE", 1, 1, "a copy of the database while others write on",
     "  mizan backup /var/backups/mizan-$(date +%F).db\n"
     "  MIZAN_DB=/var/backups/mizan-2025-09-01.db mizan query figures\n",
     backup_options, mz_command_backup},
    {"gc", "Care", "", 0, 0, "clear up what is no longer kept",
     "  mizan gc --dry-run           what would go\n"
     "  mizan gc --vacuum            and give the room back\n",
     gc_options, mz_command_gc},
    {"doctor", "Care", "", 0, 0, "is everything as it should be, and what to do if not",
     "  mizan doctor                 status 1 when something is wrong\n"
     "  mizan doctor --quick --json\n",
     doctor_options, mz_command_doctor},
    {"deliver", "Care", "[list | show ID | retry ID… | retry dead | drop ID…]", 0, -1,
     "send what is due in the outbox: webhooks, alerts, mail",
     "  mizan deliver                what is due now, then end\n"
     "  mizan deliver --follow       go on, as a service\n"
     "  mizan deliver list --state dead\n"
     "  mizan deliver show 3fa9c1    one message in full\n"
     "  mizan deliver retry dead     try again what was given up\n",
     deliver_options, mz_command_deliver},
    {"alerts", "Care", "", 0, 0, "what is wrong now: failures, lateness, few figures",
     "  mizan alerts                 looks for late pipelines, then lists\n"
     "  mizan alerts --json\n",
     list_options, mz_command_alerts},
    {"deploy", "Care", "[FILE|FOLDER…]", 0, -1,
     "these files are the version that hosts may run",
     "  mizan deploy\n"
     "  mizan deploy partnership.lua\n"
     "  mizan deploy --any partnership.lua   any version again\n",
     deploy_options, mz_command_deploy},
    {"hosts", "Care", "", 0, 0, "who runs the scheduler, and who is out of date",
     "  mizan hosts\n"
     "  mizan hosts --json\n",
     list_options, mz_command_hosts},
    {"plugin", "Making",
     "list [NAME] | check FILE.so | new NAME [FOLDER] | enable NAME", 1, 3,
     "plugins and their options; make one, check one",
     "  mizan plugin list\n"
     "  mizan plugin list fetch.feed\n"
     "  mizan plugin new words --kind extract\n"
     "  mizan plugin check build/extract_words.so\n"
     "  mizan plugin enable extract.words   after it crashed and was mended\n",
     plugin_options, mz_command_plugin},
    {"repl", "Making", "", 0, 0, "Lua line by line, in the sandbox of scripts",
     "  mizan repl\n"
     "  echo 'mizan.decimal \"0.1\" * 3' | mizan repl\n",
     no_options, mz_command_repl},
    {"explain", "Making", "[CODE]", 0, 1, "what an error code or exit status means",
     "  mizan explain                all codes\n"
     "  mizan explain PLUGIN_REFUSED\n"
     "  mizan explain 75             by exit status\n",
     version_options, mz_command_explain},
    {"version", "Making", "", 0, 0, "versions of the program and its libraries",
     "  mizan version\n"
     "  mizan version --json\n",
     version_options, mz_command_version},
    {"export-units", "Making", "[FOLDER]", 0, 1,
     "systemd units and crontab lines for the project's pipelines",
     "  mizan export-units                          to look at\n"
     "  mizan export-units --to /etc/systemd/system\n"
     "  mizan export-units --to units --user data && systemd-analyze verify units/*\n",
     export_units_options, mz_command_export_units},
    {"completion", "Making", "bash | zsh | fish", 1, 1, "a script for your shell",
     "  source <(mizan completion bash)\n"
     "  mizan completion zsh >~/.zfunc/_mizan\n"
     "  mizan completion fish >~/.config/fish/completions/mizan.fish\n",
     no_options, mz_command_completion},
    {"help", "Making", "[COMMAND|TOPIC]", 0, 1, "help on a command or a topic",
     "  mizan help\n"
     "  mizan help run\n"
     "  mizan help secrets\n"
     "  mizan help --man run | man -l -\n",
     help_options, mz_command_help},
    {0}};
