#!/bin/sh
# Confidence against what is right: the hard forms, and the peers' cases where MIZAN_EVAL
# names their folder. usage: calibration.sh MIZAN
set -eu
here=$(dirname "$0")
set -- "$1" --forms "$here/hard-forms.tsv"
if [ -f "${MIZAN_EVAL:-}/peers-dev.jsonl" ]; then
    set -- "$@" --peers "$MIZAN_EVAL/peers-dev.jsonl"
fi
mizan=$1
shift
python3 "$here/calibrate.py" --cmd "$mizan figures" "$@" --most 0.06
