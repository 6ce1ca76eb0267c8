#include "cli/topics.h"

#include <stddef.h>

const struct mz_topic mz_topics[] = {
    {"project", "FILES", "the folder, mizan.lua, where things lie",
     "A project is a folder with a file mizan.lua: settings that hold for all of its "
     "pipelines. Relative paths and require start there; a pipeline is a Lua file "
     "beside it or in the folder pipelines.\n"
     "\n"
     "  return {\n"
     "    database = \"sqlite:data/mizan.db\",\n"
     "    programs = { \"/usr/bin/pdftotext\" },\n"
     "    keep     = { raw = \"90d\" },\n"
     "    alerts   = { to = { { mail = \"ops@example.org\" } } },\n"
     "    deliver  = { private = { \"10.0.0.7:8080\" } },\n"
     "  }\n"
     "\n"
     "  mizan.lua         settings, as above; all of them may be left out\n"
     "  pipelines/*.lua   pipelines; …_test.lua beside them are their tests\n"
     "  lib/*.lua         modules for require\n"
     "  secrets/NAME      a secret, mode 0600\n"
     "  mizan.db          the database, unless told otherwise\n"},
    {"database", "DATABASE", "which database is used, and why",
     "The first that is given: --db URL, the variable MIZAN_DB, database in mizan.lua, "
     "mizan.db beside mizan.lua, mizan.db in $STATE_DIRECTORY, mizan.db in "
     "$XDG_DATA_HOME/mizan. A URL is sqlite:PATH, a bare path, or postgres://…; mizan "
     "doctor says which one it is and whether it is whole.\n"
     "\n"
     "  mizan run p.lua --db sqlite:/tmp/try.db\n"
     "  MIZAN_DB=sqlite:/srv/mizan/mizan.db mizan query figures\n"
     "  mizan doctor --quick\n"},
    {"environment", "ENVIRONMENT", "variables that are read",
     "  MIZAN_DB             the database\n"
     "  MIZAN_PLUGIN_PATH    folders of plugins, before those of the project\n"
     "  MIZAN_SECRET_NAME    the secret NAME, where it stands in no file\n"
     "  MIZAN_NOW            the time it is taken to be, for tests\n"
     "  MIZAN_WALLS          off: runs without the walls of their process\n"
     "  CREDENTIALS_DIRECTORY, STATE_DIRECTORY   as systemd sets them\n"
     "  XDG_DATA_HOME        where the database lies when there is no project\n"
     "  NO_COLOR             no colours, whatever the value\n"},
    {"secrets", "SECRETS", "passwords and keys: where they lie and where they may go",
     "A script names a secret and never sees it. It is read when it is needed: from "
     "$CREDENTIALS_DIRECTORY/NAME, from secrets/NAME in the project (a file of your "
     "own, mode 0600), or from the variable MIZAN_SECRET_NAME. It goes to the hosts of "
     "its stage alone, over https, and is in no row, log, message or test.\n"
     "\n"
     "  mkdir -m 700 secrets\n"
     "  (umask 077; printf %s 's3cret' >secrets/API_KEY)\n"
     "  mizan doctor         tells what is readable by others, or missing\n"},
    {"status", "EXIT STATUS", "what an exit status says",
     "  0        all is well\n"
     "  1        finished, but some items failed; diff: they differ\n"
     "  64       the command was used wrongly\n"
     "  65       the input is not as expected\n"
     "  66       no such file, or nothing found\n"
     "  69       a source, receiver or database cannot be reached\n"
     "  70       an error inside, a plugin that crashed or ran too long\n"
     "  73, 74   a file cannot be created, read or written\n"
     "  75       not now: the pipeline is being run, the database is busy\n"
     "  77       not permitted\n"
     "  78       the configuration, script or plugin is wrong\n"
     "  128 + N  stopped by signal N\n"
     "\n"
     "  mizan explain 75     tells more\n"},
    {"failures", "WHEN SOMETHING FAILS", "from a failed run to a mended pipeline",
     "  mizan runs                        the last runs\n"
     "  mizan dead list                   what was rejected or broke, by cause\n"
     "  mizan dead show ID                one of them, with traceback and record\n"
     "  mizan dead keep ID                its bytes as a file, and a failing test\n"
     "  mizan try FILE --dead ID --watch  what goes in and out of each stage\n"
     "  mizan dead replay ID              the document through the mended stages\n"
     "  mizan alerts                      what is wrong now\n"
     "  mizan doctor                      is everything as it should be\n"},
    {NULL, NULL, NULL, NULL}};
