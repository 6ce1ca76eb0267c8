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
# The trivial one stores a file that changes each time; the other finds its figures too.
(work / "trivial.lua").write_text("""local mizan = require "mizan"
return mizan.pipeline { name = "trivial", stages = {
  mizan.fetch.file { path = "a.txt" }, mizan.store.figures {} } }
""")
COMMANDS = {
    "empty process": ["/bin/true"],
    "lua5.4": ["lua5.4", "-e", "return 1"],
    "sqlite3": ["sqlite3", ":memory:", "SELECT 1"],
    "mizan version": [str(build / "mizan"), "version"],
    "mizan run, trivial": [str(build / "mizan"), "run", "-q", str(work / "trivial.lua")],
    "… without walls": [str(build / "mizan"), "run", "-q", str(work / "trivial.lua")],
    "mizan run, new": [str(build / "mizan"), "run", "-q", str(work / "p.lua")],
    "mizan run, unchanged": [str(build / "mizan"), "run", "-q", str(work / "p.lua")],
}


def once(name, command):
    if name != "mizan run, unchanged":
        (work / "a.txt").write_text(f"At least {time.monotonic_ns()} soldiers had been sent.\n")
    else:
        subprocess.run(command, check=True, stdout=subprocess.DEVNULL)
    # /usr/bin/time is a small parent: the memory that a process inherits between fork and
    # exec counts as its own, and Python's would hide it.
    before = resource.getrusage(resource.RUSAGE_CHILDREN)
    begin = time.monotonic()
    walls = "off" if name == "… without walls" else "on"
    done = subprocess.run(["/usr/bin/time", "-f", "@%M", *command], text=True,
                          stdout=subprocess.DEVNULL, stderr=subprocess.PIPE,
                          env=os.environ | {"MIZAN_WALLS": walls})
    wall = (time.monotonic() - begin) * 1000
    if done.returncode:
        sys.exit(f"{name}: exit {done.returncode}: {done.stderr}")
    after = resource.getrusage(resource.RUSAGE_CHILDREN)
    processor = after.ru_utime + after.ru_stime - before.ru_utime - before.ru_stime
    return wall, processor * 1000, int(done.stderr.rpartition("@")[2]) / 1024


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
print(f"{os.cpu_count()} cores, {rounds} rounds in turn")
