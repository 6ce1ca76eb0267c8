#!/usr/bin/env python3
"""Workload W1 (PERFORMANCE.md): JSON lines through a Lua function, beside the bare loops.

usage: rows.py BUILD LOOP DATA ROUNDS
LOOP is the program w1_lua_loop, DATA a file of gen_jsonl.py. Prints medians of CPU seconds, user
and system, and their ratios: `lazy` and one new field, `table` and every field rewritten.
"""
import os
import pathlib
import resource
import statistics
import subprocess
import sys
import tempfile

ONE = "r.total = r.price * r.qty"
EVERY = ONE + """; r.id = r.id + 1; r.ts = r.ts + 1; r.source = r.source .. "!"
r.text = r.text .. "."; r.price = r.price + 1; r.qty = r.qty + 1"""
LOOP = "function transform(r) if r.id % 10 == 0 then return nil end {} return r end\n"
OURS = """local mizan = require "mizan"
return mizan.pipeline {{ name = "w1", stages = {{
  mizan.fetch.file {{ path = "{data}", pieces = true }},
  mizan.extract.json {{}},
  mizan.each("row", "transform", function(r)
    if r.id % 10 == 0 then return mizan.drop "every tenth" end
    {work}
    return r
  end),
  mizan.store.jsonl {{ path = "out.jsonl", append = false }},
}} }}
"""


def cpu(command, folder):
    for name in ("mizan.db", "mizan.db-wal", "mizan.db-shm", "out.jsonl"):
        (folder / name).unlink(missing_ok=True)
    before = resource.getrusage(resource.RUSAGE_CHILDREN)
    subprocess.run(command, cwd=folder, check=True, stdout=subprocess.DEVNULL,
                   stderr=subprocess.DEVNULL)
    after = resource.getrusage(resource.RUSAGE_CHILDREN)
    return after.ru_utime - before.ru_utime, after.ru_stime - before.ru_stime


def main():
    build, loop, data = (os.path.abspath(word) for word in sys.argv[1:4])
    with tempfile.TemporaryDirectory() as name:
        folder = pathlib.Path(name)
        (folder / "mizan.lua").write_text("return {}\n")
        commands = {}
        for mode, work in (("lazy", ONE), ("table", EVERY)):
            (folder / f"{mode}.loop.lua").write_text(LOOP.format(work))
            (folder / f"{mode}.lua").write_text(OURS.format(data=data, work=work))
            commands[f"loop {mode}"] = [loop, mode, f"{mode}.loop.lua", data, "loop.out"]
            commands[f"ours {mode}"] = [f"{build}/mizan", "run", f"{mode}.lua"]
        times = {label: [] for label in commands}
        for _ in range(int(sys.argv[4])):
            for label, command in commands.items():
                times[label].append(cpu(command, folder))
    user = {label: statistics.median(t[0] for t in rounds) for label, rounds in times.items()}
    both = {label: statistics.median(sum(t) for t in rounds) for label, rounds in times.items()}
    for label in commands:
        bare = "loop " + label.split()[1]
        print(f"{label:12} user {user[label]:.2f} s ({user[label] / user[bare]:.2f})  "
              f"user and system {both[label]:.2f} s ({both[label] / both[bare]:.2f})")


if __name__ == "__main__":
    main()
