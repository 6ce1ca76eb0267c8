#!/usr/bin/env python3
"""What a run costs before and around its work: `mizan run` of one local file, stored, beside an
empty process, Lua alone, and Lua with SQLite, in turn in one run. Prints medians over ROUNDS.

usage: start.py BUILD ROUNDS
"""
import os
import pathlib
import resource
import statistics
import subprocess
import sys
import tempfile
import time

build, rounds = pathlib.Path(sys.argv[1]).resolve(), int(sys.argv[2])
work = pathlib.Path(tempfile.mkdtemp(prefix="mizan-start."))
(work / "mizan.lua").write_text("return {}\n")
(work / "a.txt").write_text("The ministry said that at least 1,200 soldiers had been sent.\n")
(work / "p.lua").write_text("""local mizan = require "mizan"
return mizan.pipeline { name = "p", stages = {
  mizan.fetch.file { path = "a.txt" }, mizan.extract.article {}, mizan.extract.figures {},
  mizan.store.figures {} } }
""")
(work / "sql.lua").write_text("return 1\n")
COMMANDS = {
    "empty process": ["/bin/true"],
    "lua5.4": ["lua5.4", "-e", "return 1"],
    "sqlite3": ["sqlite3", ":memory:", "SELECT 1"],
    "mizan version": [str(build / "mizan"), "version"],
    "mizan run, new": [str(build / "mizan"), "run", "-q", str(work / "p.lua")],
    "mizan run, unchanged": [str(build / "mizan"), "run", "-q", str(work / "p.lua")],
}


def once(name, command):
    database = work / "mizan.db"
    if name == "mizan run, new":
        for file in work.glob("mizan.db*"):
            file.unlink()
        # The schema is made by a run before, so that the row is the work, not the set-up.
        subprocess.run(command, check=True, stdout=subprocess.DEVNULL)
        (work / "a.txt").write_text(f"At least {time.monotonic_ns()} soldiers had been sent.\n")
    begin = time.monotonic()
    process = subprocess.Popen(command, stdout=subprocess.DEVNULL, stdin=subprocess.DEVNULL)
    _, status, usage = os.wait4(process.pid, 0)
    wall = (time.monotonic() - begin) * 1000
    if status:
        sys.exit(f"{name}: wait status {status}")
    del database
    return wall, (usage.ru_utime + usage.ru_stime) * 1000, usage.ru_maxrss / 1024


results = {name: [] for name in COMMANDS}
for round_number in range(rounds + 1):
    for name, command in COMMANDS.items():
        measured = once(name, command)
        if round_number:
            results[name].append(measured)
base = statistics.median(row[0] for row in results["empty process"])
print(f"{'':24}{'wall ms':>9}{'over empty':>12}{'CPU ms':>8}{'RSS MB':>8}")
for name, rows in results.items():
    wall, cpu, memory = (statistics.median(row[i] for row in rows) for i in range(3))
    print(f"{name:24}{wall:9.1f}{wall - base:12.1f}{cpu:8.1f}{memory:8.1f}")
print(f"page size {resource.getpagesize()}, {os.cpu_count()} cores, {rounds} rounds in turn")
