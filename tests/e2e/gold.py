#!/usr/bin/env python3
"""Holds the figures in a database of the demo site against its gold, page by page.

usage: gold.py DATABASE EXPECTED.TSV     prints a table per language, then every gold figure
                                         that was not found; exit 1 when a value was missed
found    kind, bound, value or ends, unit and approximation are those of the gold
counted, topic, origin   the same of the figures found, where the gold gives them
"""
import collections
import sqlite3
import sys

database, gold = sys.argv[1:3]
base = sqlite3.connect(f"file:{database}?mode=ro", uri=True)
figures = collections.defaultdict(list)
for row in base.execute(
        """SELECT d.url, f.kind, f.bound, f.value_dec, f.low_dec, f.high_dec, f.vague_dec, f.unit,
                  f.approx, f.counted, f.topic_id, f.time,
                  (SELECT COALESCE(a.entity_id, a.name) FROM attribution a
                   WHERE a.figure_id = f.id ORDER BY a.hop DESC LIMIT 1)
           FROM figure f JOIN document d ON d.id = f.document_id
           WHERE f.is_current = 1 ORDER BY f.start_byte"""):
    figures[row[0].split("/", 3)[3]].append(row[1:])


def value_of(row):
    kind, bound, value, low, high, vague = row[:6]
    if kind == "time":
        return row[10]
    return {"range": f"{low}..{high}", "vague": vague}.get(bound, value)


def same_counted(want, got):
    stem = want[:max(2, len(want) - 2)].lower()
    return stem in (got or "").lower()


table = collections.defaultdict(collections.Counter)
missed = []
names = None
for line in open(gold, encoding="utf-8"):
    cells = line.rstrip("\n").split("\t")
    if line.startswith("#"):
        continue
    if names is None:
        names = cells
        continue
    want = dict(zip(names, cells + [""] * len(names)))
    count = table[want["lang"]]
    count["gold"] += 1
    hit = next((row for row in figures[want["page"]]
                if row[0] == want["kind"] and row[1] == want["bound"]
                and value_of(row) == want["value"] and (row[6] or "") == want["unit"]
                and row[7] == (want["approx"] == "yes")), None)
    if hit is None:
        missed.append(f"{want['page']}: {want['text']} ({want['kind']} {want['bound']} {want['value']} {want['unit']})")
        continue
    figures[want["page"]].remove(hit)
    count["found"] += 1
    for name, ok in (("counted", same_counted(want["counted"], hit[8])),
                     ("topic", hit[9] == want["topic"]), ("origin", hit[11] == want["origin"])):
        if want[name]:
            count[name + " gold"] += 1
            count[name] += ok
print(f"{'lang':6}{'gold':>6}{'found':>7}{'counted':>12}{'topic':>12}{'origin':>12}")
for lang in [*sorted(table), "ALL"]:
    c = table[lang] if lang != "ALL" else sum(table.values(), collections.Counter())
    print(f"{lang:6}{c['gold']:6}{c['found']:7}" + "".join(
        f"{c[n]:>7}/{c[n + ' gold']:<4}" for n in ("counted", "topic", "origin")))
for line in missed:
    print("missed", line)
sys.exit(1 if missed else 0)
