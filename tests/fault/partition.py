#!/usr/bin/env python3
"""Two hosts, each in a network namespace of its own, one PostgreSQL; one is cut off.

usage: partition.py MIZAN      exit 77: namespaces are not permitted, or there is no PostgreSQL

A pipeline of 200 sources in 8 shards is asked for. When both hosts have stored documents the
first one's link is taken down: its leases pass, and the second does the rest. Every document was
written by one transaction, every shard is done. Then the link comes back: what the first had begun
commits nothing, and at the next tick both take part again.
"""
import os
import pathlib
import subprocess
import sys
import tempfile
import time

ROOT = pathlib.Path(__file__).resolve().parents[2]
SOURCES, SHARDS, LEASE = 200, 8, 6
PIPELINE = f"""
local mizan = require "mizan"
local sources = {{}}
for i = 1, {SOURCES} do sources[i] = {{ id = "s" .. i }} end
return mizan.pipeline {{ name = "wide", schedule = {{ cron = "0 0 1 1 *", shards = {SHARDS}, retries = 20,
    retry_delay = "1s" }}, stages = {{
  mizan.source {{ sources = sources, fetch = function(ctx)
    ctx:emit {{ url = "doc:" .. ctx.source.id, media_type = "text/plain", body = "all of " .. ctx.source.id }}
  end }},
  mizan.extract.exec {{ program = "sleep", arguments = {{ "0.25" }}, output = "text" }},
  mizan.store.jsonl {{ path = "out.jsonl" }},
}} }}
"""
AUDIT = """
CREATE TABLE audit(url TEXT, tx BIGINT);
CREATE FUNCTION audit_document() RETURNS trigger LANGUAGE plpgsql AS $$ BEGIN
  INSERT INTO audit VALUES(NEW.url, txid_current()); RETURN NULL; END $$;
CREATE TRIGGER audit_document AFTER INSERT OR UPDATE ON document FOR EACH ROW EXECUTE FUNCTION audit_document();
"""


class Failure(Exception):
    pass


class Network:
    """Namespaces named after this process, each with a link to the machine itself."""

    def __init__(self):
        self.names = [f"mz{os.getpid()}{letter}" for letter in "ab"]
        self.made = []

    @staticmethod
    def ip(*words):
        return subprocess.run(["ip", *words], capture_output=True, check=False).returncode == 0

    def begin(self):
        for number, name in enumerate(self.names):
            outside, inside = f"o{name}"[:15], f"i{name}"[:15]
            if not self.ip("netns", "add", name):
                return False
            self.made.append(name)
            if not all([self.ip("link", "add", outside, "type", "veth", "peer", "name", inside),
                        self.ip("link", "set", inside, "netns", name),
                        self.ip("addr", "add", f"{self.address(number)}/30", "dev", outside),
                        self.ip("link", "set", outside, "up"),
                        self.ip("-n", name, "addr", "add", f"10.203.{number}.2/30", "dev", inside),
                        self.ip("-n", name, "link", "set", inside, "up"),
                        self.ip("-n", name, "link", "set", "lo", "up")]):
                return False
        return True

    @staticmethod
    def address(number):
        return f"10.203.{number}.1"

    def link(self, number, state):
        self.ip("link", "set", f"o{self.names[number]}"[:15], state)

    def end(self):
        for name in self.made:
            self.ip("link", "del", f"o{name}"[:15])
            self.ip("netns", "del", name)


class Test:
    def __init__(self, mizan, folder):
        self.mizan, self.folder = str(pathlib.Path(mizan).resolve()), folder
        self.address = folder / "address"
        self.network = Network()
        self.children, self.hosts = [], []

    def server(self, *words):
        return subprocess.run(["sh", ROOT / "tests/support/postgres.sh", *words], check=False).returncode

    def ask(self, sql):
        return subprocess.run(["psql", "-XAtqd", self.url, "-c", sql], capture_output=True, text=True,
                              check=True).stdout.strip().splitlines()

    def until(self, what, seconds, sql):
        end = time.monotonic() + seconds
        while self.ask(sql) != ["t"]:
            if time.monotonic() > end:
                raise Failure(f"never: {what}")
            time.sleep(0.1)

    def set_up(self):
        if not self.network.begin():
            print("network namespaces are not permitted here")
            return 77
        code = self.server("start", str(self.address), "fsync=off")
        if code != 0:
            return code
        self.url = self.address.read_text().strip()
        (self.folder / "mizan.lua").write_text('return { programs = { "sleep" } }\n')
        (self.folder / "wide.lua").write_text(PIPELINE)
        for number in range(2):
            self.start(number)
        self.until("both hosts", 60, "SELECT count(*) = 2 AND (SELECT count(*) = 1 FROM pipeline WHERE"
                                     " state = 'ok') FROM host WHERE pid IS NOT NULL")
        subprocess.run(["psql", "-Xqd", self.url, "-v", "ON_ERROR_STOP=1"], input=AUDIT, text=True, check=True)
        return 0

    def start(self, number):
        port = self.folder / f"port{number}"
        socket = self.url.split("host=")[1] + "/.s.PGSQL.5432"
        self.children.append(subprocess.Popen(
            [sys.executable, ROOT / "tests/support/postgres_proxy.py", socket, port, "0", "after",
             self.network.address(number)]))
        while not port.exists() or not port.read_text().strip():
            time.sleep(0.05)
        url = f"postgres://mizan@{self.network.address(number)}:{port.read_text().strip()}/postgres"
        environment = {k: v for k, v in os.environ.items() if k != "MIZAN_DB"}
        environment |= {"MIZAN_HOST": f"host{number}", "MIZAN_LEASE": f"{LEASE}s"}
        with open(self.folder / f"host{number}.log", "ab") as log:
            self.hosts.append(subprocess.Popen(
                ["ip", "netns", "exec", self.network.names[number], self.mizan, "serve", "--max-runs", "2",
                 "--no-deliver", "--db", url], cwd=self.folder, stdout=log, stderr=log, env=environment))

    def request(self, name):
        self.ask("INSERT INTO run_request(id, pipeline, asked_at, asked_by) VALUES"
                 f"('{name}', 'wide', '2025-01-01T00:00:00Z', 'test')")

    def check(self):
        for what, sql in {
                "documents": f"SELECT count(*) FROM document HAVING count(*) <> {SOURCES}",
                "documents written twice": "SELECT url, count(*) FROM audit GROUP BY url HAVING count(*) > 1",
                "shards left": "SELECT shard, state, cause FROM tick WHERE state <> 'done'",
                "shards done twice": "SELECT tick_at, shard FROM run WHERE status = 'ok' GROUP BY 1, 2"
                                     " HAVING count(*) > 1"}.items():
            rows = self.ask(sql)
            if rows:
                raise Failure(f"{what}: {rows[:8]}")

    def run(self):
        self.request("first")
        self.until("documents of both hosts", 120,
                   "SELECT count(DISTINCT host) = 2 FROM document d JOIN run r ON r.id = d.run_id")
        self.network.link(0, "down")
        cut = self.ask("SELECT count(*) FROM document")[0]
        self.until("the rest by the other host", 240, f"SELECT count(*) = {SHARDS} FROM tick WHERE state = 'done'")
        self.check()
        by_other = self.ask("SELECT count(*) FROM document d JOIN run r ON r.id = d.run_id WHERE r.host = 'host1'")[0]
        self.network.link(0, "up")
        # It finds that its leases passed on, and works again.
        self.until("the first host's sign of life", 150,
                   "SELECT heartbeat::timestamptz > now() - interval '3 s' FROM host WHERE name = 'host0'")
        self.request("second")
        self.until("the second tick", 240, f"SELECT count(*) = {2 * SHARDS} FROM tick WHERE state = 'done'")
        self.check()
        print(f"{SOURCES} documents once each, {SHARDS} shards; {cut} were stored when the first host was cut off,"
              f" {by_other} by the second host in the end")

    def clean_up(self):
        for process in self.hosts:
            process.terminate()
        for process in self.hosts:
            try:
                process.wait(20)
            except subprocess.TimeoutExpired:
                process.kill()
                process.wait()
        for process in self.children:
            process.kill()
            process.wait()
        if self.address.exists():
            self.server("stop", str(self.address))
        self.network.end()


def main():
    with tempfile.TemporaryDirectory(prefix="mizan-partition.") as name:
        test = Test(sys.argv[1], pathlib.Path(name).resolve())
        try:
            code = test.set_up()
            if code == 0:
                test.run()
            return code
        except Failure as failure:
            print(failure)
            for log in sorted(test.folder.glob("host*.log")):
                print(f"---- {log.name}", *log.read_text().splitlines()[-15:], sep="\n")
            return 1
        finally:
            test.clean_up()


if __name__ == "__main__":
    sys.exit(main())
