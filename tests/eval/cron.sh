#!/bin/sh
# Every row of cron-dev.jsonl must be answered as it stands there. usage: cron.sh MIZAN [FILE]
set -eu
rows=${2:-$(dirname "$0")/cron-dev.jsonl}
"$1" next --batch "$rows" | python3 -c '
import json, sys
rows = [json.loads(line) for line in open(sys.argv[1], encoding="utf-8")]
answers = [json.loads(line) for line in sys.stdin]
wrong = [(row, answer) for row, answer in zip(rows, answers)
         if row["id"] != answer["id"] or row["next"] != answer.get("next")]
for row, answer in wrong[:20]:
    print(row["expr"], row["tz"], row["from"], "expected", row["next"], "got", answer)
print(f"{len(rows)} rows, {len(answers)} answers, {len(wrong)} differ")
sys.exit(not rows or len(rows) != len(answers) or bool(wrong))
' "$rows"
