#!/usr/bin/env python3
"""A connection to PostgreSQL that breaks when it hurts most: at COMMIT.

usage: postgres_proxy.py SOCKET PORT_FILE EVERY after|before [ADDRESS]

Listens on a free port of ADDRESS (127.0.0.1) and passes on to the server's unix socket SOCKET. Every
EVERY-th COMMIT of all connections breaks its connection: `after` the server has answered
it, so that it is made and nobody is told; `before` the server sees it. EVERY 0: none breaks.
"""
import pathlib
import socket
import sys
import threading

COMMIT = b"Q\x00\x00\x00\x0bCOMMIT\x00"
# Both ends reset, so that nothing of what was on its way arrives.
RESET = b"\x01\x00\x00\x00\x00\x00\x00\x00"


class Proxy:
    def __init__(self, server, every, after):
        self.server, self.every, self.after = server, every, after
        self.lock = threading.Lock()
        self.commits = 0

    def breaks(self, data):
        if self.every == 0 or COMMIT not in data:
            return False
        with self.lock:
            self.commits += 1
            return self.commits % self.every == 0

    def serve(self, client):
        upstream = socket.socket(socket.AF_UNIX)
        try:
            upstream.connect(self.server)
        except OSError:
            self.cut(client)  # the server is being started again
            return
        broken = threading.Event()

        def answers():
            while data := self.read(upstream):
                if broken.is_set():
                    break
                try:
                    client.sendall(data)
                except OSError:
                    break  # the client is gone
            self.cut(client, upstream)

        threading.Thread(target=answers, daemon=True).start()
        while data := self.read(client):
            if self.breaks(data):
                broken.set()
                if not self.after:
                    break
            try:
                upstream.sendall(data)
            except OSError:
                break
            if broken.is_set():
                return  # the answer cuts both ends
        self.cut(client, upstream)

    @staticmethod
    def read(end):
        try:
            return end.recv(65536)
        except OSError:
            return b""

    @staticmethod
    def cut(*ends):
        for end in ends:
            try:
                if end.family == socket.AF_INET:
                    end.setsockopt(socket.SOL_SOCKET, socket.SO_LINGER, RESET)
                end.shutdown(socket.SHUT_RDWR)
            except OSError:
                pass
            end.close()


def main():
    proxy = Proxy(sys.argv[1], int(sys.argv[3]), sys.argv[4] == "after")
    listener = socket.create_server((sys.argv[5] if len(sys.argv) > 5 else "127.0.0.1", 0))
    pathlib.Path(sys.argv[2]).write_text(f"{listener.getsockname()[1]}\n", encoding="ascii")
    while True:
        client, _ = listener.accept()
        client.setsockopt(socket.IPPROTO_TCP, socket.TCP_NODELAY, 1)
        threading.Thread(target=proxy.serve, args=(client,), daemon=True).start()


if __name__ == "__main__":
    main()
