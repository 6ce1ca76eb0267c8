#!/usr/bin/env python3
"""What the scheduler costs and how late it starts runs.

usage: serve.py MIZAN [PIPELINES [SECONDS [PART,…]]]

idle     PIPELINES pipelines that are due once a year: time of the first load and of the next, then
         CPU and memory over SECONDS
burst    200 ticks in one second on 8 places: how many ran at once, how long all took
delay    20 runs a second for SECONDS: from when a run was due to the start of its process
"""
import json
import os
import pathlib
import re
import signal
import sqlite3
import subprocess
import sys
import tempfile
import time
import urllib.request

PIPELINE = """
local mizan = require "mizan"
return mizan.pipeline {{ name = "{name}", schedule = {{ {schedule} }}, stages = {{
  mizan.fetch.file {{ path = "in/*.txt" }}, mizan.store.jsonl {{ path = "{name}.jsonl" }},
}} }}
"""
TICKS = os.sysconf("SC_CLK_TCK")


class Bench:
    def __init__(self, mizan, count, schedule):
        self.mizan = mizan
        self.place = tempfile.TemporaryDirectory(prefix="mizan-bench-serve.")
        self.folder = pathlib.Path(self.place.name)
        (self.folder / "in").mkdir()
        (self.folder / "in" / "a.txt").write_text("12 tanks.\n")
        (self.folder / "mizan.lua").write_text("return {}\n")
        for i in range(count):
            name = f"p{i:05d}"
            (self.folder / f"{name}.lua").write_text(
                PIPELINE.format(name=name, schedule=schedule(i)))
        self.process = None

    def __enter__(self):
        return self

    def __exit__(self, *_):
        if self.process is not None and self.process.poll() is None:
            self.process.kill()
            self.process.wait()
        self.place.cleanup()

    def start(self, *options):
        self.log = open(self.folder / "serve.log", "wb")
        self.process = subprocess.Popen(
            [self.mizan, "serve", "--metrics", "0", "--grace", "10s", *options], cwd=self.folder,
            stdout=self.log, stderr=self.log,
            env={k: v for k, v in os.environ.items() if k != "MIZAN_DB"})
        self.url = None
        while self.url is None:
            found = re.search(rb"http://127.0.0.1:\d+/metrics", self.text())
            self.url = found and found[0].decode()
            time.sleep(0.01)

    def stop(self):
        self.process.send_signal(signal.SIGTERM)
        return self.process.wait(60)

    def text(self):
        return (self.folder / "serve.log").read_bytes()

    def metrics(self):
        out = {}
        with urllib.request.urlopen(self.url, timeout=10) as answer:
            for line in answer.read().decode().splitlines():
                if not line.startswith("#"):
                    name, value = line.rsplit(" ", 1)
                    out[name] = float(value)
        return out

    def until(self, test, seconds=3600):
        begin = time.monotonic()
        while not test():
            if time.monotonic() - begin > seconds:
                raise SystemExit("it took too long")
            time.sleep(0.1)
        return time.monotonic() - begin

    def cpu(self):
        fields = pathlib.Path(f"/proc/{self.process.pid}/stat").read_text().rsplit(")", 1)[1].split()
        return (int(fields[11]) + int(fields[12])) / TICKS

    def memory(self):
        text = pathlib.Path(f"/proc/{self.process.pid}/status").read_text()
        return {key: int(re.search(rf"{key}:\s+(\d+)", text)[1]) / 1024 for key in ("VmRSS", "VmHWM")}

    def rows(self, sql):
        db = sqlite3.connect(f"file:{self.folder}/mizan.db?mode=ro", uri=True, timeout=30)
        try:
            return db.execute(sql).fetchall()
        finally:
            db.close()


def idle(mizan, count, seconds):
    with Bench(mizan, count, lambda i: 'cron = "H H 1 1 *"') as bench:
        bench.start()
        first = bench.until(lambda: bench.metrics()["mizan_pipelines"] == count)
        bench.stop()
        begin = time.monotonic()
        bench.start()
        bench.until(lambda: bench.metrics()["mizan_pipelines"] == count)
        again = time.monotonic() - begin
        time.sleep(2)
        before = bench.cpu()
        time.sleep(seconds)
        used = (bench.cpu() - before) / seconds * 100
        memory = bench.memory()
        bench.stop()
    print(json.dumps({"pipelines": count, "first_load_s": round(first, 1),
                      "next_load_s": round(again, 2), "idle_cpu_percent_of_a_core": round(used, 2),
                      "resident_mb": round(memory["VmRSS"], 1),
                      "most_resident_mb": round(memory["VmHWM"], 1)}))


def burst(mizan, count=200, places=8):
    with Bench(mizan, count, lambda i: 'cron = "0 0 1 1 *"') as bench:
        bench.start("--max-runs", str(places))
        bench.until(lambda: bench.metrics()["mizan_pipelines"] == count)
        bench.stop()
        # All are due at once: what a minute's beginning does to many pipelines.
        due = time.strftime("%Y-%m-%dT%H:%M:%SZ", time.gmtime(time.time() + 5))
        db = sqlite3.connect(bench.folder / "mizan.db")
        db.executemany("INSERT INTO tick(pipeline, tick_at) VALUES(?, ?)",
                       [(f"p{i:05d}", due) for i in range(count)])
        db.commit()
        db.close()
        bench.start("--max-runs", str(places))
        most = 0

        def finished():
            nonlocal most
            values = bench.metrics()
            most = max(most, values["mizan_runs_running"])
            return values['mizan_runs_total{status="ok"}'] == count
        bench.until(finished, 600)
        spans = bench.rows("SELECT min(julianday(started_at)), max(julianday(ended_at)) FROM run")[0]
        order = [row[0] for row in bench.rows("SELECT pipeline FROM run ORDER BY rowid")]
        late = max(abs(order.index(name) - i) for i, name in enumerate(sorted(order)))
        bench.stop()
    print(json.dumps({"ticks": count, "places": places, "most_at_once": int(most),
                      "seconds_for_all": round((spans[1] - spans[0]) * 86400),
                      "furthest_from_its_turn": late}))


def delay(mizan, seconds, rate=20):
    with Bench(mizan, rate, lambda i: 'cron = "* * * * * *", jitter = "1s"') as bench:
        bench.start("--max-runs", "40")
        bench.until(lambda: bench.metrics()["mizan_pipelines"] == rate)
        time.sleep(3)
        before = bench.metrics()
        time.sleep(seconds)
        after = bench.metrics()
        bench.stop()
    name = "mizan_start_delay_seconds"
    counts = {key[len(name) + 12:-2]: after[key] - before[key] for key in after
              if key.startswith(f"{name}_bucket")}
    total = counts["+Inf"]
    print(json.dumps({
        "seconds": seconds, "runs_a_second": round(total / seconds, 1),
        "skipped": int(after["mizan_ticks_skipped_total"] - before["mizan_ticks_skipped_total"]),
        "mean_ms": round((after[f"{name}_sum"] - before[f"{name}_sum"]) / total * 1000, 1),
        **{f"p{p}_below_ms": round(next((float(k) for k, v in counts.items()
                                         if v >= total * p / 100), float("inf")) * 1000)
           for p in (50, 90, 99)}}))


def main():
    mizan = os.path.abspath(sys.argv[1])
    count = int(sys.argv[2]) if len(sys.argv) > 2 else 10000
    seconds = int(sys.argv[3]) if len(sys.argv) > 3 else 30
    parts = sys.argv[4].split(",") if len(sys.argv) > 4 else ["delay", "burst", "idle"]
    if "delay" in parts:
        delay(mizan, seconds)
    if "burst" in parts:
        burst(mizan)
    if "idle" in parts:
        idle(mizan, count, seconds)


main()
