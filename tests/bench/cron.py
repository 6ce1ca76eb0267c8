#!/usr/bin/env python3
"""Next instants per second: `mizan next --batch`, printing included, and croner in Node.js,
formatting included, on the same rows, in turn. Prints medians over ROUNDS and how many of the
rows are equal. Without Node.js, or without the npm package croner in NODE_PATH, mizan is
measured alone (npm install --prefix DIR croner, then NODE_PATH=DIR/node_modules).

usage: cron.py BUILD ROUNDS [COUNT]          COUNT instants a row (200)
"""
import json
import pathlib
import shutil
import statistics
import subprocess
import sys
import tempfile
import time

build, rounds = pathlib.Path(sys.argv[1]).resolve(), int(sys.argv[2])
count = int(sys.argv[3]) if len(sys.argv) > 3 else 200
EXPRESSIONS = ["*/15 * * * *", "30 2 * * *", "0 6 * * 1-5", "0 0 L * *", "0 12 * * 5#2",
               "17 */2 * * *", "0 0 1 1 *", "*/10 * * * * *"]
ZONES = ["UTC", "Europe/Berlin", "America/New_York", "Asia/Kathmandu", "Africa/Cairo",
         "Australia/Lord_Howe", "Pacific/Apia", "America/Sao_Paulo"]
CRONER = """
const { Cron } = require("croner");
const lines = require("fs").readFileSync(process.argv[1], "utf8").trim().split("\\n");
const count = Number(process.argv[2]);
for (const line of lines) {
  const row = JSON.parse(line);
  const cron = new Cron(row.expr, { timezone: row.tz, paused: true });
  const next = [];
  for (let at = new Date(row.from); next.length < count; ) {
    at = cron.nextRun(at);
    if (at === null) break;
    next.push(at.toISOString().replace(".000Z", "Z"));
  }
  console.log(JSON.stringify({ id: row.id, next }));
}
"""
rows = [{"expr": e, "tz": z, "from": "2024-01-01T00:00:00Z"} for e in EXPRESSIONS for z in ZONES]
work = pathlib.Path(tempfile.mkdtemp(prefix="mizan-cron."))
file = work / "rows.jsonl"
file.write_text("".join(json.dumps({"id": i, **row}) + "\n" for i, row in enumerate(rows)))
commands = {"mizan": [str(build / "mizan"), "next", "--batch", str(file), "--count", str(count)]}
if shutil.which("node") and subprocess.run(["node", "-e", "require('croner')"],
                                           stderr=subprocess.DEVNULL).returncode == 0:
    commands["croner"] = ["node", "-e", CRONER, str(file), str(count)]

seconds = {name: [] for name in commands}
answers = {}
for _ in range(rounds):
    for name, command in commands.items():
        begin = time.monotonic()
        done = subprocess.run(command, check=True, capture_output=True, text=True)
        seconds[name].append(time.monotonic() - begin)
        answers[name] = [json.loads(line)["next"] for line in done.stdout.splitlines()]
for name, taken in seconds.items():
    found = sum(map(len, answers[name]))
    middle = statistics.median(taken)
    print(f"{name:8} {found} instants in {middle * 1000:.1f} ms: {found / middle:,.0f} a second")
if "croner" in answers:
    equal = sum(a == b for a, b in zip(answers["mizan"], answers["croner"]))
    print(f"{equal} of {len(rows)} rows are equal")
shutil.rmtree(work)
