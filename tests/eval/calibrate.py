#!/usr/bin/env python3
"""Is a figure that is given 0.9 right nine times in ten? And the weights that make it so.

    calibrate.py --cmd 'build/release/mizan figures' [--forms hard-forms.tsv] [--peers peers-dev.jsonl]
                 [--gold DATABASE EXPECTED.TSV] [--fit] [--most 0.1]

Material: the hard forms, the gold of the demo site (a database that a run of it made), and,
where they are at hand, the peers' cases. A figure is right when an expected one has its value
or ends (forms: the bound too; gold: kind, bound and unit too); every other one is wrong, also one
that a case does not expect. Of the peers' cases for money and the like, which leave other figures
of their texts out, only figures of that kind at the place are judged. Times and ordinals are left out.
Prints the reliability table (bins of confidence: figures, mean confidence, share that is right),
the expected calibration error and the Brier score. --most fails where the error is greater.
--fit prints the weights for plugins/extract_figures/confidence.h: log-odds of being right, fitted
to the signs that `--explain` names, every kind of material weighing the same.
"""
import argparse
import collections
import json
import math
import os
import re
import shlex
import sqlite3
import subprocess
import sys

sys.argv, given = [sys.argv[0]], sys.argv[1:]
parser = argparse.ArgumentParser(usage=__doc__)
parser.add_argument("--cmd", default="build/release/mizan figures")
parser.add_argument("--forms")
parser.add_argument("--peers")
parser.add_argument("--gold", nargs=2, metavar=("DATABASE", "EXPECTED"))
parser.add_argument("--fit", action="store_true")
parser.add_argument("--most", type=float)
options = parser.parse_args(given)
BINS = [0, 0.3, 0.5, 0.7, 0.8, 0.85, 0.9, 0.93, 0.96, 0.98, 1.01]


def score_module():
    """The measures of score.py, which is a program: its functions, not its main part."""
    path = os.path.join(os.path.dirname(os.path.abspath(__file__)), "score.py")
    source = open(path, encoding="utf-8").read().split("\nCMD = option(")[0]
    module = {"__name__": "score"}
    exec(compile(source, path, "exec"), module)
    return module


score = score_module()


def read(documents):
    """Figures of every document with the signs that lower their confidence."""
    lines = "".join(json.dumps(d, ensure_ascii=False) + "\n" for d in documents)
    done = subprocess.run(shlex.split(options.cmd) + ["--docs", "--explain"], input=lines.encode(),
                          stdout=subprocess.PIPE, stderr=subprocess.PIPE, check=True)
    signs = []
    for line in done.stderr.decode("utf-8", "replace").splitlines():
        found = re.match(r"  confidence [0-9.]+(?:: (.*))?$", line)
        if found:
            signs.append(frozenset(found[1].split("; ")) if found[1] else frozenset())
    out, at = {}, 0
    for line in done.stdout.decode("utf-8", "replace").splitlines():
        record = json.loads(line)
        out[record["id"]] = [(f, signs[at + i]) for i, f in enumerate(record["figures"])]
        at += len(record["figures"])
    if at != len(signs):
        sys.exit(f"calibrate.py: {at} figures but {len(signs)} explained; is the program of one build?")
    return out


# what the peers' cases of a kind say something about: other figures of the text they leave out
JUDGED = {"money": ("money",), "percent": ("percent",), "measure": ("measure",), "age": ("measure",),
          "temperature": ("measure",)}


def judged(case, figure):
    if case["kind"] == "range" and figure.get("bound") in ("exact", "vague"):
        return False
    surfaces = [e["surface"].lower() for e in case["expect"] if e.get("surface")]
    text = figure["text"].lower()
    if case["kind"] != "number" and not any(text in s or s in text for s in surfaces):
        return False
    return figure["kind"] in JUDGED.get(case["kind"], (figure["kind"],))


def right_of(case, figure):
    """The value is expected, be it in the part of a unit that the case counts in (cents, grams)."""
    parts = (1, 100, 1000) if case["kind"] in JUDGED else (1,)
    scaled = [{**figure, **{k: float(figure[k]) * part for k in ("value", "low", "high") if k in figure}} for part in parts]
    return any(score["same"](e, f) for e in case["expect"] for f in scaled)


def plain(figures):
    return [(f, s) for f, s in figures if f["kind"] not in ("time", "ordinal")]


def of_peers(path):
    rows = [json.loads(line) for line in open(path, encoding="utf-8")]
    rows = [r for r in rows if all("value" in e or "low" in e or "high" in e for e in r["expect"])
            and not any((e.get("unit") or "").lower().startswith(score["CENT"]) for e in r["expect"])]
    got = read([{"id": r["id"], "text": r["text"], "lang": r["lang"]} for r in rows])
    return [("peers", f["confidence"], right_of(r, f), s)
            for r in rows for f, s in plain(got[r["id"]]) if judged(r, f)]


def of_forms(path):
    rows = [line.rstrip("\n").split("\t") for line in open(path, encoding="utf-8")][1:]
    out = []
    for given_language in (True, False):
        got = read([{"id": r[0], "text": r[2], **({"lang": r[1]} if given_language else {})} for r in rows])
        for name, _, _, expect in rows:
            want = [e for e in score["parse_form"](expect) if not e.get("time")]
            for f, s in plain(got[name]):
                values = score["form_values"](f)
                right = any(len(values) == len(e["values"]) and f.get("bound", "exact") in score["QUAL"][e["qual"]] and
                            all(any(score["close"](v, x) for x in alt) for v, alt in zip(values, e["values"])) for e in want)
                out.append(("forms", f["confidence"], right, s))
    return out


def of_gold(database, expected):
    """The pages whose every figure is in the gold: those in Arabic, English and German."""
    names, gold = None, collections.defaultdict(list)
    for line in open(expected, encoding="utf-8"):
        if line.startswith("#"):
            continue
        cells = line.rstrip("\n").split("\t")
        if names is None:
            names = cells
        else:
            row = dict(zip(names, cells + [""] * len(names)))
            gold[row["page"]].append(row)
    base = sqlite3.connect(f"file:{database}?mode=ro", uri=True)
    out = []
    for url, kind, bound, value, low, high, vague, unit, confidence in base.execute(
            """SELECT d.url, f.kind, f.bound, f.value_dec, f.low_dec, f.high_dec, f.vague_dec, f.unit, f.confidence
               FROM figure f JOIN document d ON d.id = f.document_id WHERE f.is_current = 1
               AND f.kind NOT IN ('time', 'ordinal')"""):
        page = url.split("/", 3)[3]
        if page.split("/")[0] not in ("ar", "en", "de") or page not in gold:
            continue
        shown = {"range": f"{low}..{high}", "vague": vague}.get(bound, value)
        right = any((w["kind"], w["bound"], w["value"], w["unit"]) == (kind, bound, shown, unit or "") for w in gold[page])
        out.append(("gold", confidence, right, None))
    return out


def table(samples):
    print(f"{'confidence':14}{'figures':>9}{'mean':>8}{'right':>8}")
    error = brier = 0
    for low, high in zip(BINS, BINS[1:]):
        inside = [(c, r) for _, c, r, _ in samples if low <= c < high]
        if not inside:
            continue
        mean = sum(c for c, _ in inside) / len(inside)
        right = sum(r for _, r in inside) / len(inside)
        error += len(inside) / len(samples) * abs(mean - right)
        print(f"{low:.2f} to {min(high, 1):.2f}  {len(inside):8}{mean:8.3f}{right:8.3f}")
    brier = sum((c - r) ** 2 for _, c, r, _ in samples) / len(samples)
    print(f"figures {len(samples)}, right {sum(r for _, _, r, _ in samples) / len(samples):.3f}, "
          f"expected calibration error {error:.3f}, Brier score {brier:.3f}")
    return error


def fit(samples):
    """Logistic regression by gradient ascent, with a prior that keeps rare signs small."""
    samples = [s for s in samples if s[3] is not None]
    names = sorted({name for s in samples for name in s[3]})
    share = collections.Counter(s[0] for s in samples)
    groups = collections.Counter((s[0], s[2], s[3]) for s in samples)
    rows = [(count / share[kind], right, [names.index(n) for n in signs])
            for (kind, right, signs), count in groups.items()]
    weights, base = [0.0] * len(names), 2.0
    prior = 0.002
    for step in range(6000):
        slope, slope_base = [-prior * w for w in weights], 0.0
        for weight, right, signs in rows:
            odds = base + sum(weights[i] for i in signs)
            delta = weight * (right - 1 / (1 + math.exp(-odds)))
            slope_base += delta
            for i in signs:
                slope[i] += delta
        rate = 2.0
        base += rate * slope_base
        weights = [w + rate * s for w, s in zip(weights, slope)]
    print(f"base {base:.2f}")
    for name, weight in zip(names, weights):
        count = sum(name in s[3] for s in samples)
        print(f"{weight:6.2f}  {name} ({count} figures)")


samples = []
if options.forms:
    samples += of_forms(options.forms)
if options.peers:
    samples += of_peers(options.peers)
if options.gold:
    samples += of_gold(*options.gold)
if not samples:
    sys.exit("calibrate.py: no material; name --forms, --peers or --gold")
worst = 0
for kind in sorted({s[0] for s in samples}):
    print(f"== {kind}")
    worst = max(worst, table([s for s in samples if s[0] == kind]))
if options.fit:
    fit(samples)
if options.most is not None and worst > options.most:
    sys.exit(f"calibrate.py: the calibration error {worst:.3f} is greater than {options.most}")
