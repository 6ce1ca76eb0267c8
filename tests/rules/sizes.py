#!/usr/bin/env python3
"""File and function sizes, line width and banned functions (STYLE, sections 4 and 6).

usage: sizes.py ROOT           prints each breach as file:line: sentence; exit 1 when there is one
"""
import pathlib
import re
import sys

MOST_FILE, MOST_FUNCTION, MOST_PARAMETERS, MOST_WIDTH = 800, 80, 6, 100
BANNED = ("strcpy strcat sprintf vsprintf gets strtok alloca setjmp longjmp localtime gmtime "
          "ctime asctime atoi atol atof system popen tmpnam rand srand").split()
DICTATED = {"handle_request", "on_element_start"}  # signatures that a library prescribes
CALL = re.compile(r"(?<![\w.>])(" + "|".join(BANNED) + r")\s*\(")
TEXT = re.compile(r'"(?:\\.|[^"\\\n])*"|\'(?:\\.|[^\'\\\n])*\'|/\*.*?\*/|//[^\n]*', re.S)
HEAD = re.compile(r"^(?!static const|typedef|struct [^(]*$|enum|union|extern)"
                  r"[A-Za-z_][^;{}=#]*?\b([a-z_]\w*)\s*\(", re.S)


def blank(match):
    """Strings and comments replaced by spaces, line ends kept."""
    return re.sub(r"[^\n]", " ", match[0])


def functions(lines):
    """(name, first line, last line, number of parameters) of each definition."""
    head, start = [], 0
    number = 0
    while number < len(lines):
        line = lines[number]
        if line.startswith("{") and head:
            match = HEAD.match("\n".join(head))
            end = number
            while end < len(lines) and not lines[end].startswith("}"):
                end += 1
            if match:
                text = "\n".join(head)
                inside = text[text.index("(", match.start(1)) + 1:text.rindex(")")]
                depth = commas = 0
                for letter in inside:
                    depth += letter == "("
                    depth -= letter == ")"
                    commas += letter == "," and depth == 0
                count = 0 if inside.strip() in ("", "void") else commas + 1
                yield match[1], start + 1, end + 1, count
            head, number = [], end
        elif not line.strip() or line.startswith(("#", "}")) or line.rstrip().endswith(";"):
            head = []
        else:
            if not head:
                start = number
            head.append(line)
        number += 1


def check(path):
    text = path.read_text(encoding="utf-8")
    count = text.count("\n")
    if count > MOST_FILE:
        yield 1, f"{count} lines, {MOST_FILE} is the most: make it two files"
    for number, line in enumerate(text.splitlines(), 1):
        if len(line) > MOST_WIDTH:
            yield number, f"{len(line)} columns, {MOST_WIDTH} is the most"
    bare = TEXT.sub(blank, text)
    for number, line in enumerate(bare.splitlines(), 1):
        for match in CALL.finditer(line):
            yield number, f"{match[1]}() is banned"
    for name, first, last, parameters in functions(bare.splitlines()):
        if last - first + 1 > MOST_FUNCTION:
            yield first, f"{name} has {last - first + 1} lines, {MOST_FUNCTION} is the most"
        if parameters > MOST_PARAMETERS and name not in DICTATED:
            yield first, f"{name} has {parameters} parameters, {MOST_PARAMETERS} is the most"


def main():
    root = pathlib.Path(sys.argv[1]).resolve()
    bad = files = 0
    for folder in ("host", "plugins", "tests"):
        for path in sorted([*root.glob(f"{folder}/**/*.[ch]")]):
            files += 1
            for number, sentence in check(path):
                bad += 1
                print(f"{path.relative_to(root)}:{number}: {sentence}")
    print(f"{files} files, {bad} breaches")
    return 1 if bad or files == 0 else 0


sys.exit(main())
