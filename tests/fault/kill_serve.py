#!/usr/bin/env python3
"""kill -9 of the scheduler at named points: one run per tick, none lost.

usage: kill_serve.py MIZAN ROUNDS      ROUNDS kills at each point, half of them with all its runs

One database lives through all kills. A point is recognised by what the store shows; the scheduler
is killed at that moment and started again. At the end every second from the first tick to the last
stands in exactly one row, run or skipped with a cause; every tick that is done was done by one run;
every document of every round was stored once; nothing holds a lease.
"""
import os
import pathlib
import signal
import sqlite3
import subprocess
import sys
import tempfile
import time

POINTS = ["tick stored", "child started", "lease taken", "first commit", "last commit", "finished"]
FILES = 4
PIPELINE = """
local mizan = require "mizan"
return mizan.pipeline { name = "p", schedule = { cron = "* * * * * *", retry_delay = "1s" },
  limits = { commit = 1 }, stages = {
  mizan.fetch.file { path = "in/*.txt" },
  mizan.extract.exec { program = "sh", arguments = { "-c", "sleep 0.1; cat" }, output = "text" },
  mizan.store.jsonl { path = "out.jsonl" },
} }
"""


class Failure(Exception):
    pass


class Scheduler:
    def __init__(self, mizan, folder):
        self.mizan, self.folder = mizan, folder
        self.process = None
        self.db = None

    def start(self):
        log = open(self.folder / "serve.log", "ab")
        environment = {k: v for k, v in os.environ.items() if k != "MIZAN_DB"}
        self.process = subprocess.Popen([self.mizan, "serve", "--no-deliver", "--grace", "30s"], cwd=self.folder,
                                        stdout=log, stderr=log, env=environment)
        log.close()

    def kill(self, runs):
        self.process.kill()
        self.process.wait()
        if runs:
            for pid in self.runs():
                try:
                    os.kill(pid, signal.SIGKILL)
                except ProcessLookupError:
                    pass

    def stop(self):
        self.process.send_signal(signal.SIGTERM)
        return self.process.wait(60)

    def runs(self):
        """Processes that work in the folder: the runs, and what they started."""
        found = []
        for entry in os.listdir("/proc"):
            try:
                if entry.isdigit() and os.readlink(f"/proc/{entry}/cwd") == str(self.folder) \
                        and int(entry) not in (self.process.pid, os.getpid()):
                    found.append(int(entry))
            except OSError:
                pass
        return found

    def ask(self, sql):
        if self.db is None:
            self.db = sqlite3.connect(f"file:{self.folder}/mizan.db?mode=ro", uri=True,
                                      timeout=10, isolation_level=None)
        return self.db.execute(sql).fetchall()


def wait(what, test, seconds=30.0, pause=0.001):
    end = time.monotonic() + seconds
    while time.monotonic() < end:
        found = test()
        if found:
            return found
        time.sleep(pause)
    raise Failure(f"never: {what}")


def reaches(scheduler, point, begun):
    """True when the latest work is at the point; `begun` is the second of the round's begin."""
    rows = scheduler.ask("SELECT tick_at, state, (SELECT count(*) FROM batch b WHERE b.tick_at ="
                         " t.tick_at) FROM tick t WHERE state <> 'skipped' AND tick_at >= "
                         f"'{begun}' ORDER BY tick_at DESC LIMIT 1")
    if not rows:
        return False
    tick, state, batches = rows[0]
    return {"tick stored": state == "ready",
            "child started": state == "ready" and len(scheduler.runs()) > 0,
            "lease taken": state == "running" and batches == 0,
            "first commit": state == "running" and 0 < batches < FILES,
            "last commit": state == "running" and batches == FILES,
            "finished": state == "done" and batches == FILES}[point] and tick


def now():
    return time.strftime("%Y-%m-%dT%H:%M:%SZ", time.gmtime())


def write_files(folder, number):
    for i in range(FILES):
        path = folder / "in" / f"{i}.txt"
        beside = folder / f"{i}.new"
        beside.write_text(f"round {number} file {i}\n")
        os.replace(beside, path)


def play(scheduler, folder, point, number, with_runs):
    """A round: new documents, the point, the kill, the start."""
    begun = now()
    write_files(folder, number)
    try:
        tick = wait(point, lambda: reaches(scheduler, point, begun), 15)
    except Failure:
        return False  # the moment was too short to be seen: the round counts for nothing
    scheduler.kill(with_runs)
    scheduler.start()
    wait(f"the end of tick {tick} after a kill at '{point}'",
         lambda: scheduler.ask(f"SELECT 1 FROM tick WHERE tick_at = '{tick}' AND state = 'done'"),
         20, 0.02)
    wait(f"the documents of round {number}", lambda: scheduler.ask(
        "SELECT count(DISTINCT url) FROM document d JOIN raw r ON r.sha256 = d.raw_sha256"
        f" WHERE CAST(r.body AS TEXT) LIKE 'round {number} file %'")[0][0] == FILES, 20, 0.02)
    return True


def check(scheduler):
    faults = []
    for row in scheduler.ask("SELECT tick_at, count(*) FROM run WHERE status = 'ok' GROUP BY tick_at"
                             " HAVING count(*) > 1"):
        faults.append(f"tick {row[0]} was run {row[1]} times")
    for row in scheduler.ask("SELECT tick_at, state FROM tick t WHERE state = 'done' AND NOT EXISTS"
                             "(SELECT 1 FROM run r WHERE r.tick_at = t.tick_at AND r.status = 'ok')"):
        faults.append(f"tick {row[0]} is done, and no run did it")
    for row in scheduler.ask("SELECT tick_at, state FROM tick WHERE state IN('ready', 'running')"
                             " OR (state = 'skipped' AND cause IS NULL)"):
        faults.append(f"tick {row[0]} is left {row[1]}")
    seconds, ticks = scheduler.ask(
        "SELECT strftime('%s', max(coalesce(tick_to, tick_at))) - strftime('%s', min(tick_at)) + 1,"
        " sum(ticks) FROM tick")[0]
    if seconds != ticks:
        faults.append(f"{seconds} seconds, {ticks} ticks")
    for row in scheduler.ask("SELECT url, raw_sha256, count(*) FROM document GROUP BY url, raw_sha256"
                             " HAVING count(*) > 1"):
        faults.append(f"{row[0]} was stored {row[2]} times")
    for row in scheduler.ask("SELECT run_id FROM lease"):
        faults.append(f"run {row[0]} holds its lease")
    if scheduler.ask("PRAGMA integrity_check")[0][0] != "ok":
        faults.append("the database is damaged")
    return faults


def main():
    mizan, rounds = os.path.abspath(sys.argv[1]), int(sys.argv[2])
    seen = dict.fromkeys(POINTS, 0)
    with tempfile.TemporaryDirectory(prefix="mizan-kill-serve.") as name:
        folder = pathlib.Path(name).resolve()
        (folder / "in").mkdir()
        (folder / "mizan.lua").write_text('return { programs = { "sh" } }\n')
        (folder / "p.lua").write_text(PIPELINE)
        write_files(folder, 0)
        scheduler = Scheduler(mizan, folder)
        scheduler.start()
        number = 0
        try:
            wait("the first run", lambda: (folder / "mizan.db").exists() and scheduler.ask(
                "SELECT 1 FROM run WHERE status = 'ok'"), 30, 0.05)
            for point in POINTS:
                tries = 0
                while seen[point] < rounds and tries < rounds * 5 + 5:
                    tries += 1
                    number += 1
                    seen[point] += play(scheduler, folder, point, number, number % 2 == 0)
            wait("quiet", lambda: not scheduler.ask("SELECT 1 FROM tick WHERE state = 'ready' AND"
                                                    " attempt > 0"), 20, 0.05)
            wait("the last scheduler", lambda: scheduler.ask(
                f"SELECT 1 FROM host WHERE pid = {scheduler.process.pid}"), 20, 0.05)
            if scheduler.stop() != 0:
                raise Failure("the last scheduler did not end well")
            faults = check(scheduler)
        except Failure as failure:
            faults = [str(failure)]
        finally:
            if scheduler.process.poll() is None:
                scheduler.kill(True)
            for pid in scheduler.runs():
                os.kill(pid, signal.SIGKILL)
        if faults:
            sys.stdout.write((folder / "serve.log").read_text(errors="replace")[-3000:])
            print(*faults[:20], sep="\n")
            print(f"{len(faults)} faults after {number} rounds")
            return 1
        done, skipped = scheduler.ask("SELECT sum(state = 'done'), sum((state = 'skipped') * ticks)"
                                      " FROM tick")[0]
    print(", ".join(f"{point}: {count}" for point, count in seen.items()))
    print(f"{number} kills, {done} ticks done once each, {skipped} skipped with a cause, none lost")
    return 0 if all(count >= rounds for count in seen.values()) else 1


sys.exit(main())
