#!/usr/bin/env python3
"""Runs the examples of a page of docs/ and compares what they print.

usage: page.py PAGE.md FOLDER      FOLDER holds the program `mizan`
An example is a fenced block marked `console`: lines that start with `$ ` are commands (one that
ends in a backslash goes on), the lines up to the next command are what it prints, standard error
and standard output one after the other. Every command runs in one empty folder. Exit 1 with the
difference when an example does not hold, 2 when the page has none.
"""
import difflib
import os
import re
import subprocess
import sys
import tempfile

page, folder = sys.argv[1:3]
blocks = re.findall(r"(?ms)^```console\n(.*?)^```$", open(page, encoding="utf-8").read())
environment = {**os.environ, "PATH": os.path.abspath(folder) + os.pathsep + os.environ["PATH"], "NO_COLOR": "1"}
ran, wrong = 0, 0
with tempfile.TemporaryDirectory() as work:
    for block in blocks:
        examples = []
        for line in block.splitlines():
            if line.startswith("$ "):
                examples.append([line[2:], []])
            elif examples and not examples[-1][1] and examples[-1][0].endswith("\\"):
                examples[-1][0] += "\n" + line
            elif examples:
                examples[-1][1].append(line)
            else:
                sys.exit(f"{page}: a console block does not begin with a command: {line}")
        for command, expected in examples:
            done = subprocess.run(["bash", "-c", command], cwd=work, env=environment, stdout=subprocess.PIPE,
                                  stderr=subprocess.PIPE)
            got = (done.stderr + done.stdout).decode("utf-8", "replace").rstrip("\n").splitlines()
            while expected and not expected[-1]:
                expected.pop()
            ran += 1
            if got != expected:
                wrong += 1
                print(f"{page}: $ {command}")
                print("\n".join(difflib.unified_diff(expected, got, "page", "program", lineterm="")))
print(f"{page}: {ran} examples, {wrong} do not hold")
sys.exit(2 if ran == 0 else wrong > 0)
