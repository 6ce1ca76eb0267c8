#!/usr/bin/env python3
"""Who may include whom (ARCHITECTURE, section 7), from the #include lines.

usage: includes.py ROOT        prints each breach as file:line: sentence; exit 1 when there is one
"""
import pathlib
import re
import sys

PROJECT = {  # folder of the host: the folders it may include, besides its own
    "base": set(),
    "value": {"base", "mizan"},
    # A folder of its own and not a part of sched: lua checks schedules when it loads a script,
    # and a run finds the tick it stands for; neither may include the scheduler.
    "cron": {"base"},
    "net": {"base", "value", "mizan"},
    "db": {"base", "value", "mizan"},
    "plug": {"base", "value", "net", "mizan"},
    "lua": {"base", "cron", "value", "plug", "net", "mizan"},
    # What leaves the database: alerts and the messages of the outbox. Runs write alerts, the
    # scheduler starts the process that sends them; neither sends.
    "deliver": {"base", "cron", "value", "net", "db", "mizan"},
    "run": {"base", "cron", "value", "net", "plug", "db", "deliver", "lua", "mizan"},
    "sched": {"base", "cron", "value", "db", "mizan"},
    "web": {"base", "value", "db", "mizan"},
    "cli": {"base", "cron", "value", "net", "plug", "db", "deliver", "lua", "run", "sched",
            "web", "mizan"},
}
LIBRARIES = {  # header of a library: the only folders of the host that may include it
    "lua.h": {"lua"}, "lauxlib.h": {"lua"}, "lualib.h": {"lua"},
    "sqlite3.h": {"db"}, "libpq-fe.h": {"db"}, "zstd.h": {"db", "net"},
    "zlib.h": {"net"}, "brotli/": {"net"},
    "curl/": {"net"}, "cjson/": {"value"}, "nettle/": {"value"},
    "uv.h": {"sched", "web"}, "microhttpd.h": {"web"}, "argon2.h": {"web"},
    "dlfcn.h": {"base", "plug"},
    "seccomp.h": {"run"},
}
LINE = re.compile(r'^\s*#\s*include\s*([<"])([^>"]+)[>"]')


def includes(path):
    for number, line in enumerate(path.read_text(encoding="utf-8").splitlines(), 1):
        match = LINE.match(line)
        if match:
            yield number, match[1] == '"', match[2]


def check_host(root, path):
    folder = path.relative_to(root / "host").parts[0]
    if folder == "main.c":
        folder = "cli"
    for number, quoted, name in includes(path):
        if quoted and "/" in name:
            target = name.split("/")[0]
            if target != folder and target not in PROJECT[folder]:
                yield number, f"host/{folder} may not include {name}"
        elif quoted and not (path.parent / name).exists():
            yield number, f'"{name}" is not beside the file: write its folder'
        for header, allowed in LIBRARIES.items():
            if name.startswith(header) and folder not in allowed:
                yield number, f"only host/{', host/'.join(sorted(allowed))} may include {name}"


def check_plugin(root, path):
    for number, quoted, name in includes(path):
        if name.startswith("mizan/") or not quoted:
            if name.split("/")[0] in PROJECT:
                yield number, f"plugins may not include {name}"
        elif name.startswith("shared/"):  # libraries that plugins share
            if not (root / "plugins" / name).exists():
                yield number, f"there is no plugins/{name}"
        elif not (path.parent / name).resolve().is_relative_to(
                (root / "plugins" / path.relative_to(root / "plugins").parts[0]).resolve()):
            yield number, f"plugins include mizan/plugin.h and their own files, not {name}"
        elif not (path.parent / name).exists():
            yield number, f"plugins include mizan/plugin.h and their own files, not {name}"


def check_public(path):
    for number, _, name in includes(path):
        if name not in ("stddef.h", "stdint.h", "mizan/plugin.h"):
            yield number, f"a public header includes only stddef.h and stdint.h, not {name}"


def main():
    root = pathlib.Path(sys.argv[1]).resolve()
    bad = 0
    files = 0
    for path in sorted([*root.glob("host/**/*.[ch]"), *root.glob("plugins/**/*.[ch]")]):
        files += 1
        if path.is_relative_to(root / "host/include"):
            found = check_public(path)
        elif path.is_relative_to(root / "host"):
            found = check_host(root, path)
        else:
            found = check_plugin(root, path)
        for number, sentence in found:
            bad += 1
            print(f"{path.relative_to(root)}:{number}: {sentence}")
    print(f"{files} files, {bad} breaches")
    return 1 if bad or files == 0 else 0


sys.exit(main())
