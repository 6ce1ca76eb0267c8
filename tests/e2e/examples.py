#!/usr/bin/env python3
"""Runs the examples of a page: in a block marked ```console each line that begins with "$ " is
a command, the lines up to the next one are all that it prints. Prints what differs; exit 1.

usage: examples.py PAGE FOLDER-OF-THE-PROGRAM
"""
import os
import pathlib
import re
import subprocess
import sys

page = pathlib.Path(sys.argv[1]).read_text(encoding="utf-8")
environment = {**os.environ, "PATH": f"{sys.argv[2]}:{os.environ['PATH']}", "NO_COLOR": "1"}
bad = count = 0
for block in re.findall(r"^```console\n(.*?)^```$", page, re.M | re.S):
    for example in re.split(r"^\$ ", block, flags=re.M)[1:]:
        command, _, expected = example.partition("\n")
        done = subprocess.run(["bash", "-c", command], env=environment, text=True,
                              stdout=subprocess.PIPE, stderr=subprocess.STDOUT)
        count += 1
        if done.stdout != expected:
            bad += 1
            print(f"$ {command}\nprints\n{done.stdout}instead of\n{expected}")
print(f"{count} examples, {bad} differ")
sys.exit(bad > 0 or count == 0)
