"""Runs a command on a terminal of its own: terminal.py SECONDS KEYS COMMAND…
Types KEYS (Python escapes) piece by piece, a second apart where `|` stands, then waits for the
command to end; prints what it wrote. Exit status: the command's, 124 when it did not end."""
import os
import pty
import select
import sys
import time

limit, keys, command = float(sys.argv[1]), sys.argv[2], sys.argv[3:]
pid, terminal = pty.fork()
if pid == 0:
    os.execvp(command[0], command)
deadline, written = time.monotonic() + limit, b""


def read(seconds):
    global written
    end = min(time.monotonic() + seconds, deadline)
    while time.monotonic() < end:
        if select.select([terminal], [], [], 0.05)[0]:
            try:
                written += os.read(terminal, 65536)
            except OSError:
                return False
    return True


for piece in keys.split("|"):
    read(1)
    os.write(terminal, piece.encode().decode("unicode_escape").encode("latin-1"))
while read(0.2) and time.monotonic() < deadline:
    pass
sys.stdout.write(written.decode("utf-8", "replace"))
for _ in range(20):
    done, status = os.waitpid(pid, os.WNOHANG)
    if done:
        sys.exit(os.waitstatus_to_exitcode(status))
    time.sleep(0.05)
os.kill(pid, 9)
sys.exit(124)
