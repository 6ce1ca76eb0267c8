#!/bin/sh
# The cases of two peers' own test suites, which are their authors' and not in this tree:
# run where MIZAN_EVAL names their folder, skipped (77) elsewhere. usage: peers.sh MIZAN
set -eu
if [ ! -f "${MIZAN_EVAL:-}/peers-dev.jsonl" ]; then
    echo "skipped: MIZAN_EVAL does not name a folder with peers-dev.jsonl"
    exit 77
fi
python3 "$(dirname "$0")/score.py" peers "$MIZAN_EVAL/peers-dev.jsonl" --cmd "$1 figures --docs" --by source,kind
