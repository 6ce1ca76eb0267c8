#!/usr/bin/env python3
"""The rows of the data tables of an HTML page, from standard input to standard output: a
JSON object a line with `table` and `row` (counted from 1) and `cells`, an object of heading
and text. Numbers stay text: what they mean is the pipeline's to say.

Status 65, with the reason as the last line of standard error, for a page without such a table.
"""
import html.parser
import json
import sys


class Tables(html.parser.HTMLParser):
    """Collects `tables`: lists of rows, which are lists of (is heading, text)."""

    def __init__(self):
        super().__init__()
        self.tables = []
        self.open = []  # tables in work, the innermost last
        self.cell = None

    def end_cell(self):
        if self.cell is not None and self.open and self.open[-1]:
            heading, parts = self.cell
            self.open[-1][-1].append((heading, " ".join("".join(parts).split())))
        self.cell = None

    def handle_starttag(self, tag, attributes):
        if tag == "table":
            self.end_cell()
            self.open.append([])
        elif tag == "tr" and self.open:
            self.end_cell()
            self.open[-1].append([])
        elif tag in ("td", "th") and self.open and self.open[-1]:
            self.end_cell()
            self.cell = (tag == "th", [])

    def handle_endtag(self, tag):
        if tag in ("td", "th", "tr"):
            self.end_cell()
        elif tag == "table" and self.open:
            self.end_cell()
            self.tables.append(self.open.pop())

    def handle_data(self, data):
        if self.cell is not None:
            self.cell[1].append(data)


def main():
    page = sys.stdin.buffer.read().decode("utf-8", "replace")
    tables = Tables()
    tables.feed(page)
    tables.close()
    found = 0
    for number, rows in enumerate(tables.tables, 1):
        rows = [row for row in rows if row]
        if len(rows) < 2 or not all(heading for heading, _ in rows[0]):
            continue  # no row of headings: a table that only lays out the page
        names = [text for _, text in rows[0]]
        for place, row in enumerate(rows[1:], 1):
            found += 1
            cells = dict(zip(names, (text for _, text in row)))
            print(json.dumps({"table": number, "row": place, "cells": cells}))
    if found == 0:
        print("no table with headings", file=sys.stderr)
        return 65
    return 0


sys.exit(main())
