#!/usr/bin/env python3
"""How fast the figure extractor reads, beside the bare limits of PERFORMANCE.md W4, in turn in one
run: medians and ratios to the first; then how time and memory grow from 1 kB to 100 MB, and what
the lexicon weighs and costs to open.

    MIZAN_BENCH=FOLDER figures.py BUILD [ROUNDS]

FOLDER holds w4_own.c, w4_hs.c and gen_words.py, which are no part of this repository; programs
that cannot be built are left out. BUILD is the build folder with figures_tool and
plugins/figures.lexicon.
"""
import os
import pathlib
import re
import resource
import statistics
import subprocess
import sys
import tempfile

MEBIBYTES = 64
OWN = pathlib.Path(__file__).resolve().parent
build = pathlib.Path(sys.argv[1]).resolve()
rounds = int(sys.argv[2]) if len(sys.argv) > 2 else 5
bench = os.environ.get("MIZAN_BENCH")
tool, lexicon = build / "figures_tool", build / "plugins" / "figures.lexicon"
work = pathlib.Path(tempfile.mkdtemp(prefix="mizan-figures."))


def run(command, stdout=None):
    return subprocess.run([str(c) for c in command], stdout=stdout or subprocess.PIPE,
                          stderr=subprocess.DEVNULL, check=False)


def program(name, libraries):
    """Builds one of the bare limits; None if its source or a library is not there."""
    source, binary = pathlib.Path(bench or ".") / (name + ".c"), work / name
    if bench is None or not source.exists():
        return None
    built = run(["gcc", "-O3", "-w", "-o", binary, source] + libraries)
    return binary if built.returncode == 0 else None


def megabytes_a_second(command):
    found = re.search(rb"= *([0-9]+) MB/s", run(command).stdout)
    return float(found.group(1)) if found else None


def grep(path):
    before = resource.getrusage(resource.RUSAGE_CHILDREN)
    command = "LC_ALL=C grep -cE '[0-9]' " + str(path) + " | cat"
    subprocess.run(["sh", "-c", command], stdout=subprocess.PIPE, check=False)
    after = resource.getrusage(resource.RUSAGE_CHILDREN)
    spent = after.ru_utime + after.ru_stime - before.ru_utime - before.ru_stime
    return path.stat().st_size / 1e6 / max(spent, 1e-3)


def compare(title, text, limits):
    speeds = {name: [] for name in limits}
    for _ in range(rounds):
        for name, measure in limits.items():
            speeds[name].append(measure(text))
    first = statistics.median(speeds["w4_own all"]) if "w4_own all" in speeds else None
    print(f"{title}: {text.stat().st_size / 1e6:.0f} MB, {rounds} rounds in turn")
    for name, values in speeds.items():
        ratio = f"{statistics.median(values) / first:8.3f}" if first else ""
        print(f"    {name:24}{statistics.median(values):9.1f} MB/s {ratio}")


def once(text):
    """Seconds and peak bytes of one process that reads a text and prints its figures."""
    script = ("import os,resource,subprocess,sys;"
              "subprocess.run(sys.argv[1:],stdout=subprocess.DEVNULL,check=True);"
              "u=resource.getrusage(resource.RUSAGE_CHILDREN);"
              "print(u.ru_utime+u.ru_stime,u.ru_maxrss)")
    out = run([sys.executable, "-c", script, tool, lexicon, "--times", text]).stdout.split()
    return float(out[0]), int(out[1]) * 1024


def linearity(dense):
    print("one text of a size (with start, opening and printing): CPU seconds, peak memory")
    source = dense.read_bytes()
    while len(source) < 100_000_000:
        source += source
    for size in (1_000, 10_000, 100_000, 1_000_000, 10_000_000, 100_000_000):
        text = work / "part.txt"
        text.write_bytes(source[:source.rfind(b"\n", 0, size) + 1] or source[:size])
        seconds, peak = once(text)
        print(f"    {size:>11,} bytes{seconds:9.3f} s{seconds / size * 1e9:12.0f} ns/byte"
              f"{peak / 1e6:9.1f} MB")


def main():
    dense, plain, words = work / "dense.txt", work / "plain.txt", work / "words.txt"
    for path, more in ((dense, []), (plain, ["--no-figures"])):
        with path.open("wb") as out:
            run([sys.executable, OWN / "gen_text.py", str(MEBIBYTES)] + more, out)
    if bench:
        with words.open("wb") as out:
            run([sys.executable, pathlib.Path(bench) / "gen_words.py"], out)
    limits = {}
    own = program("w4_own", [])
    vectorscan = program("w4_hs", ["-I/usr/include/hs", "-lhs"])
    if own:
        limits["w4_own all"] = lambda text: megabytes_a_second([own, "all", words, text])
    if vectorscan:
        limits["w4_hs all"] = lambda text: megabytes_a_second([vectorscan, "all", words, text])
    limits["grep -cE [0-9]"] = grep
    limits["figures, all languages"] = lambda text: megabytes_a_second(
        [tool, lexicon, "--bench", text])
    compare("dense news", dense, limits)
    compare("no figures", plain, limits)
    linearity(dense)
    print(f"lexicon: {lexicon.stat().st_size / 1e6:.2f} MB")
    print("    " + run([tool, lexicon, "--open"]).stdout.decode().split(": ", 1)[-1].strip())


main()
