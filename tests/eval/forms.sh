#!/bin/sh
# The hard forms: at least 97 % clean in Arabic, English and German, 92 % over all
# languages, every source found. usage: forms.sh MIZAN
set -eu
here=$(dirname "$0")
out=$(python3 "$here/score.py" forms "$here/hard-forms.tsv" --cmd "$1 figures --docs" -v 40)
echo "$out"
echo "$out" | awk '
    $1 == "ar" || $1 == "de" || $1 == "en" { if ($5 * 100 < $2 * 97) bad = bad " " $1; seen++ }
    $1 == "ALL" { if ($5 * 100 < $2 * 92) bad = bad " ALL"; split($7, s, "/"); if (s[1] != s[2]) bad = bad " source"; seen++ }
    END { if (seen != 4) bad = bad " rows"; if (bad != "") { print "below its measure:" bad; exit 1 } }'
