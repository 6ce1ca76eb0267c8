#!/usr/bin/env python3
"""What a second run asks of a server that nothing changed at, and what a kill leaves.

usage: unchanged.py MIZAN CHAOS_SERVER DOCUMENTS ROUNDS

Rounds: a run of a new database is killed (its whole process group) at a random moment,
then again, then runs to its end. No address may be answered "not modified" while no
document of it is stored. Then runs over all of them unchanged: as many conditional
requests as documents, nothing stored, under a quarter of the bytes.
"""
import collections
import os
import pathlib
import random
import signal
import sqlite3
import subprocess
import sys
import tempfile
import time

SIZE = 4096


def fail(sentence):
    print(sentence)
    sys.exit(1)


class Work:
    def __init__(self, mizan, chaos, count, folder):
        self.mizan, self.count, self.folder = mizan, count, folder
        self.log = folder / "asked"
        port = folder / "port"
        self.server = subprocess.Popen(
            [chaos, "--port-file", port, "--log", self.log, "--max-seconds", "900"],
            stdout=subprocess.DEVNULL)
        for _ in range(200):
            if port.exists():
                break
            time.sleep(0.05)
        self.port = int(port.read_text())
        (folder / "mizan.lua").write_text("return {}\n")
        (folder / "p.lua").write_text(f"""
local mizan = require "mizan"
local sources = {{}}
for i = 1, {count} do
  sources[i] = {{ id = "s" .. i,
    url = "http://127.0.0.1:{self.port}/d" .. i .. "?size={SIZE}&etag=%22e" .. i .. "%22&honour=1" }}
end
return mizan.pipeline {{ name = "p", politeness = "off", robots = "off",
  network = {{ private = {{ "127.0.0.1" }} }},
  stages = {{ mizan.fetch.http {{ sources = sources }}, mizan.store.jsonl {{ path = "out.jsonl" }} }} }}
""")

    def start(self):
        environment = dict(os.environ, MIZAN_DB=f"sqlite:{self.folder}/mizan.db",
                           ASAN_OPTIONS="detect_leaks=0")
        return subprocess.Popen([self.mizan, "run", "--quiet", "p.lua"], cwd=self.folder,
                                env=environment, start_new_session=True,
                                stdout=subprocess.DEVNULL, stderr=subprocess.PIPE)

    def run(self):
        begun = time.monotonic()
        process = self.start()
        _, said = process.communicate(timeout=600)
        if process.returncode != 0:
            fail(f"exit {process.returncode}: {said.decode()[-500:]}")
        return time.monotonic() - begun

    def killed(self, after):
        process = self.start()
        try:
            process.communicate(timeout=after)
            return False
        except subprocess.TimeoutExpired:
            os.killpg(process.pid, signal.SIGKILL)
            process.communicate()
            return True

    def answers(self, since):
        """{(path, status): [count, bytes]} of what the log has from that byte on."""
        out = collections.Counter(), collections.Counter()
        with open(self.log, encoding="utf-8", errors="replace") as log:
            log.seek(since)
            for line in log:
                parts = line.rstrip("\n").split("\t")
                if len(parts) == 7 and parts[2] == "end":
                    status, _, size = parts[6].partition(" ")
                    out[0][parts[5].split("?")[0], status] += 1
                    out[1][status] += int(size or 0)
        return out

    def stored(self):
        with sqlite3.connect(self.folder / "mizan.db") as database:
            rows = database.execute("SELECT source_id FROM document").fetchall()
        return [row[0] for row in rows]

    def mark(self):
        return self.log.stat().st_size

    def close(self):
        self.server.terminate()
        self.server.wait()


def round_of_kills(work, whole, random_number):
    for name in ("mizan.db", "mizan.db-wal", "mizan.db-shm", "out.jsonl"):
        (work.folder / name).unlink(missing_ok=True)
    begun, kills = work.mark(), 0
    for _ in range(2):
        kills += work.killed(whole * random_number.uniform(0.15, 0.85))
        # Of the run before: none may have been told "not modified" without its document.
        if (work.folder / "mizan.db").exists():
            check_answers(work, begun)
    work.run()
    check_answers(work, begun)
    documents = work.stored()
    if len(documents) != work.count or len(set(documents)) != work.count:
        fail(f"not modified but never stored: {work.count - len(set(documents))} of "
             f"{work.count} documents are missing, {len(documents)} rows")
    return kills


def check_answers(work, since):
    try:
        documents = set(work.stored())
    except sqlite3.Error:
        documents = set()
    missing = [path for path, status in work.answers(since)[0]
               if status == "304" and "s" + path[2:] not in documents]
    if missing:
        fail(f"not modified but never stored: {len(missing)} addresses, {missing[0]} is one")


def main():
    mizan, chaos, count, rounds = sys.argv[1], sys.argv[2], int(sys.argv[3]), int(sys.argv[4])
    seed = int(os.environ.get("SEED", time.time()))
    print(f"seed {seed}")
    random_number = random.Random(seed)
    with tempfile.TemporaryDirectory(prefix="mizan-unchanged.") as folder:
        work = Work(os.path.abspath(mizan), os.path.abspath(chaos), count,
                    pathlib.Path(folder))
        try:
            first = work.run()
            counts, sizes = work.answers(0)
            if sum(counts.values()) != count or sizes["200"] < count * SIZE:
                fail(f"the first run had {sum(counts.values())} answers, {sizes} bytes")
            since = work.mark()
            second = work.run()
            counts, again = work.answers(since)
            if sum(counts.values()) != count or sum(again.values()) != again["304"]:
                fail(f"the second run had {sum(counts.values())} answers, {again} bytes")
            if len(work.stored()) != count:
                fail(f"{len(work.stored())} documents after the second run")
            share = again["304"] / sizes["200"]
            print(f"{count} documents: {first:.2f} s and {sizes['200']} bytes at first, "
                  f"{second:.2f} s and {again['304']} bytes unchanged "
                  f"({share:.3f} of the bytes, {second / first:.2f} of the time)")
            if share > 0.25:
                fail("more than a quarter of the bytes")
            kills = sum(round_of_kills(work, first, random_number) for _ in range(rounds))
            print(f"{rounds} rounds, {kills} kills, no document is missing")
        finally:
            work.close()


main()
