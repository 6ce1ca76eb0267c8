#!/usr/bin/env python3
"""A receiver of webhooks on the loopback address, for tests.

usage: receiver.py FOLDER        writes FOLDER/port; ends after five minutes

Each request becomes a line of FOLDER/received: {"method","path","headers","body","answer"}.
FOLDER/answers, a word a line, says how the next requests are answered; the last word stays:
  200, 503, 503:120     a status, with Retry-After: 120
  302:/elsewhere        a redirect
  die                   kill -9 of the processes listed in FOLDER/pids, and no answer
  hold                  an answer after two seconds
"""
import http.server
import json
import os
import pathlib
import signal
import sys
import threading
import time

FOLDER = pathlib.Path(sys.argv[1])
LOCK = threading.Lock()


def next_answer():
    path = FOLDER / "answers"
    with LOCK:
        words = path.read_text().split() if path.exists() else []
        if len(words) > 1:
            path.write_text("\n".join(words[1:]))
    return words[0] if words else "200"


class Receiver(http.server.BaseHTTPRequestHandler):
    protocol_version = "HTTP/1.1"

    def handle_any(self):
        body = self.rfile.read(int(self.headers.get("Content-Length", "0")))
        answer = next_answer()
        line = {"method": self.command, "path": self.path, "answer": answer,
                "headers": {k.lower(): v for k, v in self.headers.items()},
                "body": body.decode("utf-8")}
        with LOCK, open(FOLDER / "received", "a", encoding="utf-8") as log:
            log.write(json.dumps(line) + "\n")
        if answer == "die":
            while not (FOLDER / "pids").exists():
                time.sleep(0.01)
            for pid in (FOLDER / "pids").read_text().split():
                os.kill(int(pid), signal.SIGKILL)
            self.close_connection = True
            return
        if answer == "hold":
            time.sleep(2)
            answer = "200"
        status, _, more = answer.partition(":")
        self.send_response(int(status))
        if more:
            self.send_header("Location" if status.startswith("3") else "Retry-After", more)
        self.send_header("Content-Length", "0")
        self.end_headers()

    do_POST = do_GET = handle_any

    def log_message(self, *arguments):
        pass


server = http.server.ThreadingHTTPServer(("127.0.0.1", 0), Receiver)
threading.Timer(300, server.shutdown).start()
draft = FOLDER / "port.tmp"
draft.write_text(str(server.server_address[1]))
draft.rename(FOLDER / "port")
server.serve_forever()
os._exit(0)
