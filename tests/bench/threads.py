#!/usr/bin/env python3
"""Figures per second of a whole run (fetch, extraction, store, commit) with 1 and 2 worker
threads over a folder of generated news documents (gen_text.py), in turn; medians of ROUNDS and
the load of the machine. Once with every figure stored, where the one writer of the database
does most of the work, and once with figures that are found and dropped by a script before the
store. The stored rows of both must be the same, in the same order.

usage: threads.py BUILD [ROUNDS [DOCUMENTS [BYTES]]]
"""
import json
import os
import pathlib
import resource
import shutil
import sqlite3
import statistics
import subprocess
import sys
import tempfile
import time

build = pathlib.Path(sys.argv[1]).resolve()
rounds, documents, size = (int(sys.argv[i]) if len(sys.argv) > i else default
                           for i, default in ((2, 5), (3, 200), (4, 16000)))
THREADS = (1, 2)
DROP = 'mizan.each("figure", "none", function() return mizan.drop "measured" end), '
CASES = {"stored": "", "dropped": DROP}
COLUMNS = "id, document_id, start_byte, end_byte, text, value_dec, unit, counted"
PIPELINE = """local mizan = require "mizan"
return mizan.pipeline { name = "p", limits = { threads = %d }, stages = {
  mizan.fetch.file { path = "in/*.txt" }, mizan.extract.article {}, mizan.extract.figures {},
  %smizan.store.figures {} } }
"""
work = pathlib.Path(tempfile.mkdtemp(prefix="mizan-threads."))
(work / "mizan.lua").write_text("return {}\n")
(work / "in").mkdir()
generator = pathlib.Path(__file__).with_name("gen_text.py")
text = subprocess.run([sys.executable, generator, "4"], check=True,
                      stdout=subprocess.PIPE).stdout.splitlines(keepends=True)
line = 0
for number in range(documents):
    body = b""
    while len(body) < size:
        body += text[line % len(text)]
        line += 1
    (work / "in" / f"{number:05}.txt").write_bytes(body)


def once(case, threads):
    (work / "p.lua").write_text(PIPELINE % (threads, CASES[case]))
    database = work / f"{threads}.db"
    for old in work.glob(f"{threads}.db*"):
        old.unlink()
    before = resource.getrusage(resource.RUSAGE_CHILDREN)
    begin = time.monotonic()
    subprocess.run([build / "mizan", "run", "-q", "--db", f"sqlite:{database}", work / "p.lua"],
                   check=True, stdout=subprocess.DEVNULL)
    wall = time.monotonic() - begin
    after = resource.getrusage(resource.RUSAGE_CHILDREN)
    processor = after.ru_utime + after.ru_stime - before.ru_utime - before.ru_stime
    with sqlite3.connect(database) as connection:
        rows = connection.execute(f"SELECT {COLUMNS} FROM figure ORDER BY rowid").fetchall()
        counts = json.loads(connection.execute("SELECT counts FROM run").fetchone()[0])
    return counts["stages"]["figures.out"] - documents, wall, processor, rows


def measure(case):
    results = {threads: [] for threads in THREADS}
    loads = []
    for _ in range(rounds):
        loads.append(os.getloadavg()[0])
        kept = None
        for threads in THREADS:
            count, wall, processor, rows = once(case, threads)
            if kept is not None and rows != kept:
                sys.exit("the rows differ")
            kept = rows
            results[threads].append((count / wall, wall, processor))
    print(f"{case}: {documents} documents of {size} bytes, {count} figures, {rounds} rounds in "
          f"turn, load {min(loads):.1f} to {max(loads):.1f}")
    for threads in THREADS:
        rate, wall, processor = (statistics.median(c) for c in zip(*results[threads]))
        print(f"  {threads} threads: {rate:10,.0f} figures/s  {wall:6.2f} s wall"
              f"  {processor:6.2f} s processor")
    pairs = [two[0] / one[0] for one, two in zip(results[1], results[2])]
    print(f"  two against one, by pairs: median {statistics.median(pairs):.2f}, "
          f"best {max(pairs):.2f}")


for name in CASES:
    measure(name)
shutil.rmtree(work)
