#!/usr/bin/env python3
"""A JSON API on loopback, for tests of sources that read pages.

    api_server.py FOLDER PORT_FILE

Rows are the lines of FOLDER/items.jsonl, read anew for each request; `since` leaves out
those whose `changed` is below it. Ways to page: /pointer, /link, /number, /offset,
/cursor and, by POST, /search; three rows a page. FOLDER/fail holds the number of the page
(counted from 1) that answers status 500, FOLDER/html makes every page a login page.
/secure/… wants the token of /token, which FOLDER/refuse makes it refuse once. What was
asked is logged in FOLDER/log, a line each.
"""
import base64
import json
import os
import sys
import urllib.parse
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer

FOLDER, PORT_FILE = sys.argv[1:3]
SIZE = 3
tokens = {"given": 0}


def path(name):
    return os.path.join(FOLDER, name)


def content(name):
    try:
        with open(path(name), encoding="utf-8") as file:
            return file.read()
    except FileNotFoundError:
        return None


def rows(since):
    lines = [line for line in (content("items.jsonl") or "").splitlines() if line.strip()]
    return [line for line in lines
            if not since or str(json.loads(line).get("changed", "")) >= since]


class Api(BaseHTTPRequestHandler):
    protocol_version = "HTTP/1.1"

    def log_message(self, *arguments):
        pass

    def answer(self, status, text, media_type="application/json", headers=()):
        body = text.encode()
        self.send_response(status)
        self.send_header("Content-Type", media_type)
        self.send_header("Content-Length", str(len(body)))
        for name, value in headers:
            self.send_header(name, value)
        self.end_headers()
        self.wfile.write(body)

    def do_POST(self):
        self.take(self.rfile.read(int(self.headers.get("Content-Length", 0))).decode())

    def do_GET(self):
        self.take("")

    def take(self, body):
        with open(path("log"), "a", encoding="utf-8") as log:
            log.write(f"{self.command} {self.path} {body}\n")
        url = urllib.parse.urlsplit(self.path)
        asked = dict(urllib.parse.parse_qsl(url.query))
        way = url.path.strip("/")
        if way == "token":
            return self.token(body)
        if way.startswith("secure/"):
            if not self.is_let_in():
                return self.answer(401, "{}")
            way = way.removeprefix("secure/")
        if way == "search":
            asked = {name: str(value) for name, value in json.loads(body).items()}
        if content("html") is not None:
            return self.answer(200, "<!DOCTYPE html><html><title>Sign in</title></html>",
                               "text/html")
        return self.page(way, asked)

    def token(self, body):
        given = self.headers.get("Authorization", "").removeprefix("Basic ")
        if base64.b64decode(given).decode() != "client:canary-51c2" or "client_credentials" not in body:
            return self.answer(401, "{}")
        tokens["given"] += 1
        return self.answer(200, json.dumps({"access_token": f"token-{tokens['given']}"}))

    def is_let_in(self):
        if content("refuse") is not None:
            os.remove(path("refuse"))
            return False
        return self.headers.get("Authorization") in (
            f"Bearer token-{tokens['given']}", "Bearer canary-51c2")

    def page(self, way, asked):
        found = rows(asked.get("since"))
        number = int(asked.get("page", 1))
        first = int(asked["offset"]) if way == "offset" else (number - 1) * SIZE
        if way == "cursor":
            first = int(asked.get("after", "row0").removeprefix("row"))
        number = first // SIZE + 1
        if (content("fail") or "").strip() == str(number):
            return self.answer(500, "{}")
        shown = found[first:first + SIZE]
        more = first + SIZE < len(found)
        keep = {name: value for name, value in asked.items() if name != "page"}
        link = "?" + urllib.parse.urlencode({**keep, "page": number + 1})
        headers = [("Link", f'<{self.path}>; rel="self", </{way}{link}>; rel="next"')] \
            if way == "link" and more else []
        meta = {"next": link if way == "pointer" and more else None,
                "after": f"row{first + SIZE}" if way == "cursor" and more else None}
        text = '{"data":[' + ",".join(shown) + '],"meta":' + json.dumps(meta) + "}"
        return self.answer(200, text, headers=headers)


server = ThreadingHTTPServer(("127.0.0.1", 0), Api)
with open(PORT_FILE + ".new", "w", encoding="utf-8") as file:
    file.write(str(server.server_port))
os.rename(PORT_FILE + ".new", PORT_FILE)
server.serve_forever()
