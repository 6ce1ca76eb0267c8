#!/usr/bin/env python3
"""Six schedulers of one PostgreSQL, twenty pipelines, and everything that breaks.

usage: race.py [--mutant] MIZAN SECONDS [SEED [LOGS]]    25 s in the suite, in full 600; LOGS: a folder
                                                         exit 77: there is no PostgreSQL

With --mutant it succeeds when something that must hold was broken.

Hosts are told apart by MIZAN_HOST and have leases of four seconds. For so many seconds hosts are
killed with or without their runs, single runs are killed, hosts are stopped (SIGSTOP, all their
processes) for up to three leases, the server is ended at once and started again, and every 17th
COMMIT of two hosts is made but not answered. Every source counts in its state: a unit of a run emits
the next number. Triggers of the database log each number and each document as it is committed:

  duplicate    a number, or a document, that two transactions wrote
  gap          a number, or a tick, that is missing
  cursor       a state that does not follow the one before it

They are looked at every two seconds; the first finding ends the race with exit 1.
"""
import os
import pathlib
import random
import signal
import subprocess
import sys
import tempfile
import time

ROOT = pathlib.Path(__file__).resolve().parents[2]
HOSTS, PIPELINES, LEASE = 6, 20, 4
EVERY = 15   # seconds between two ticks of a pipeline
PIPELINE = """
local mizan = require "mizan"
local sources = {{ {sources} }}
return mizan.pipeline {{ name = "{name}",
  schedule = {{ cron = "{cron}", overlap = "{overlap}", catchup = "{catchup}", retries = 50, retry_delay = "1s"{shards} }},
  stages = {{
    mizan.source {{ sources = sources, fetch = function(ctx)
      local n = tonumber(ctx.state:get("n") or 0) + 1
      ctx.state:set("n", n)
      ctx:emit {{ url = "count:" .. ctx.source.id .. "/" .. n, media_type = "text/plain",
        body = n .. " by " .. ctx.run.id }}
    end }},
    mizan.extract.exec {{ program = "sleep", arguments = {{ "{pause}" }}, output = "text" }},
    mizan.store.jsonl {{ path = "{name}.jsonl" }},
  }} }}
"""
AUDIT = """
CREATE TABLE audit(kind TEXT, pipeline TEXT, source TEXT, old BIGINT, new BIGINT, what TEXT, tx BIGINT);
CREATE FUNCTION audit_state() RETURNS trigger LANGUAGE plpgsql AS $$ BEGIN
  IF NEW.key = 'n' THEN INSERT INTO audit VALUES('state', NEW.pipeline, NEW.source_id,
    CASE WHEN TG_OP = 'UPDATE' THEN OLD.value::BIGINT ELSE 0 END, NEW.value::BIGINT, NULL, txid_current());
  END IF; RETURN NULL; END $$;
CREATE FUNCTION audit_document() RETURNS trigger LANGUAGE plpgsql AS $$ BEGIN
  INSERT INTO audit VALUES('document', NEW.pipeline, NEW.source_id, NULL, NULL, NEW.url, txid_current());
  RETURN NULL; END $$;
CREATE TRIGGER audit_state AFTER INSERT OR UPDATE ON source_state FOR EACH ROW EXECUTE FUNCTION audit_state();
CREATE TRIGGER audit_document AFTER INSERT OR UPDATE ON document FOR EACH ROW EXECUTE FUNCTION audit_document();
"""
CHECKS = {
    "broken cursors": "SELECT pipeline, source, old, new FROM audit WHERE kind = 'state' AND new <> old + 1",
    "duplicates": "SELECT pipeline, source, new, count(*) FROM audit WHERE kind = 'state'"
                  " GROUP BY 1, 2, 3 HAVING count(*) > 1",
    "duplicate documents": "SELECT pipeline, source, what, count(*) FROM audit WHERE kind = 'document'"
                           " GROUP BY 1, 2, 3 HAVING count(*) > 1",
    "gaps": "SELECT pipeline, source, max(new), count(DISTINCT new) FROM audit WHERE kind = 'state'"
            " GROUP BY 1, 2 HAVING max(new) <> count(DISTINCT new)",
    "lost documents": "SELECT s.pipeline, s.source, s.new FROM audit s WHERE s.kind = 'state' AND NOT EXISTS"
                      " (SELECT 1 FROM document d WHERE d.pipeline = s.pipeline AND d.url ="
                      " 'count:' || s.source || '/' || s.new)",
    "ticks run twice": "SELECT pipeline, tick_at, shard, count(*) FROM run WHERE kind = 'tick'"
                       " AND status IN('ok', 'finished with failures') GROUP BY 1, 2, 3 HAVING count(*) > 1",
}
AT_REST = {
    "ticks left": "SELECT pipeline, tick_at, shard, state FROM tick WHERE state IN('ready', 'running')"
                  " AND tick_at < '{until}'",
    "ticks failed": "SELECT pipeline, tick_at, shard, cause FROM tick WHERE state = 'failed'",
    "done without a run": "SELECT pipeline, tick_at, shard FROM tick t WHERE state = 'done' AND NOT EXISTS"
                          " (SELECT 1 FROM run r WHERE r.pipeline = t.pipeline AND r.tick_at = t.tick_at"
                          " AND r.shard = t.shard AND r.status IN('ok', 'finished with failures'))",
}


class Broken(Exception):
    pass


class Race:
    def __init__(self, mizan, folder, seed):
        self.mizan, self.folder = str(pathlib.Path(mizan).resolve()), folder
        self.draw = random.Random(seed)
        self.address = folder / "address"
        self.daemons = [None] * HOSTS
        self.asleep = {}    # host: when it goes on
        self.absent = {}    # host: when it is started again
        self.proxy = None
        self.counts = dict.fromkeys(["host killed", "host and runs killed", "run killed", "host stopped",
                                     "server restarted"], 0)

    # ---- the server ----

    def server(self, *words):
        return subprocess.run(["sh", ROOT / "tests/support/postgres.sh", *words], check=False).returncode

    def ask(self, sql):
        out = subprocess.run(["psql", "-XAtqd", self.address.read_text().strip(), "-c", sql],
                             capture_output=True, text=True, check=False)
        if out.returncode != 0:
            raise OSError(out.stderr.strip())
        return out.stdout.strip().splitlines()

    def set_up(self):
        code = self.server("start", str(self.address), "fsync=off", "max_connections=200")
        if code != 0:
            sys.exit(code)
        self.url = self.address.read_text().strip()
        port = self.folder / "port"
        socket = self.url.split("host=")[1] + "/.s.PGSQL.5432"
        self.proxy = subprocess.Popen([sys.executable, ROOT / "tests/support/postgres_proxy.py", socket, port,
                                       "17", "after"])
        while not port.exists() or not port.read_text().strip():
            time.sleep(0.05)
        self.by_proxy = f"postgres://mizan@127.0.0.1:{port.read_text().strip()}/postgres"
        (self.folder / "mizan.lua").write_text('return { programs = { "sleep" } }\n')
        for i in range(PIPELINES):
            name = f"p{i:02}"
            sources = ", ".join(f'{{ id = "{name}-{s}" }}' for s in range(4 if i % 5 == 0 else 1))
            (self.folder / f"{name}.lua").write_text(PIPELINE.format(
                name=name, sources=sources, cron=f"{i % EVERY}-59/{EVERY} * * * * *",
                overlap=["skip", "queue", "skip"][i % 3], catchup=["latest", "all", "latest"][i % 3],
                shards=", shards = 2" if i % 5 == 0 else "", pause=["0.1", "0.4", "1.5"][i % 3]))
        # The schema first: nothing is committed that the triggers do not see.
        first = self.folder / "first" / "first.lua"
        first.parent.mkdir()
        first.write_text('local mizan = require "mizan"\nreturn mizan.pipeline { name = "first", stages = {\n'
                         '  mizan.source(function(ctx) end), mizan.store.jsonl { path = "out.jsonl" } } }\n')
        subprocess.run([self.mizan, "run", "--quiet", "--db", self.url, first], cwd=first.parent, check=True,
                       stdout=subprocess.DEVNULL)
        subprocess.run(["psql", "-Xqd", self.url, "-v", "ON_ERROR_STOP=1"], input=AUDIT, text=True, check=True)
        for host in range(HOSTS):
            self.start(host)
        self.until(60, lambda: int(self.ask("SELECT count(*) FROM pipeline WHERE state = 'ok'")[0]) == PIPELINES)

    @staticmethod
    def until(seconds, condition):
        end = time.monotonic() + seconds
        while time.monotonic() < end:
            try:
                if condition():
                    return True
            except OSError:
                pass
            time.sleep(0.2)
        return False

    # ---- hosts ----

    def start(self, host):
        environment = {k: v for k, v in os.environ.items() if k != "MIZAN_DB"}
        environment |= {"MIZAN_HOST": f"h{host}", "MIZAN_LEASE": f"{LEASE}s"}
        url = self.by_proxy if host >= HOSTS - 2 else self.url
        with open(self.folder / f"h{host}.log", "ab") as log:
            self.daemons[host] = subprocess.Popen(
                [self.mizan, "serve", "--max-runs", "4", "--db", url], cwd=self.folder, stdout=log, stderr=log,
                env=environment)

    def processes(self, host):
        """The host's processes but the scheduler itself: its runs, and what they started."""
        found, mark = [], f"MIZAN_HOST=h{host}".encode()
        for entry in os.listdir("/proc"):
            try:
                if entry.isdigit() and os.readlink(f"/proc/{entry}/cwd") == str(self.folder) and \
                        mark in pathlib.Path(f"/proc/{entry}/environ").read_bytes().split(b"\0"):
                    found.append(int(entry))
            except OSError:
                pass
        own = self.daemons[host].pid if self.daemons[host] else 0
        return [pid for pid in found if pid != own]

    @staticmethod
    def send(pids, number):
        for pid in pids:
            try:
                os.kill(pid, number)
            except ProcessLookupError:
                pass

    def kill_host(self, host, runs):
        pids = self.processes(host) if runs else []
        self.daemons[host].kill()
        self.daemons[host].wait()
        self.daemons[host] = None
        self.send(pids, signal.SIGKILL)
        self.absent[host] = time.monotonic() + self.draw.uniform(0, 6)

    def break_something(self):
        ready = [h for h in range(HOSTS) if h not in self.asleep and h not in self.absent]
        if len(ready) < 2:
            return
        host, dice = self.draw.choice(ready), self.draw.random()
        if dice < 0.25:
            self.kill_host(host, False)
            self.counts["host killed"] += 1
        elif dice < 0.4:
            self.kill_host(host, True)
            self.counts["host and runs killed"] += 1
        elif dice < 0.6:
            pids = self.processes(host)
            if pids:
                self.send([self.draw.choice(pids)], signal.SIGKILL)
                self.counts["run killed"] += 1
        else:
            pids = [self.daemons[host].pid] + self.processes(host)
            self.send(pids, signal.SIGSTOP)
            self.asleep[host] = (time.monotonic() + self.draw.uniform(0.5, 3 * LEASE), pids)
            self.counts["host stopped"] += 1

    def mend(self, everything=False):
        now = time.monotonic()
        for host, (when, pids) in list(self.asleep.items()):
            if everything or now >= when:
                self.send(pids, signal.SIGCONT)
                del self.asleep[host]
        for host, when in list(self.absent.items()):
            if everything or now >= when:
                del self.absent[host]
                self.start(host)
        for host, daemon in enumerate(self.daemons):
            if daemon is not None and daemon.poll() is not None:
                self.start(host)    # it gave up, as on a server that is away when it begins
                time.sleep(0.2)

    # ---- what must hold ----

    def check(self, checks, **words):
        for what, sql in checks.items():
            rows = self.ask(sql.format(**words) if words else sql)
            if rows:
                raise Broken(f"{what}: {len(rows)}\n  " + "\n  ".join(rows[:8]))

    def check_ticks(self):
        """Every second that the cron names stands in a row, or in a range of skipped ones."""
        lost = self.ask("""
            WITH named AS (SELECT p.name, g AS at FROM pipeline p, LATERAL (SELECT min(tick_at)::timestamptz AS a,
              max(tick_at)::timestamptz AS b FROM tick WHERE pipeline = p.name) r, generate_series(r.a, r.b,
              interval '1 second') g WHERE extract(second FROM g)::BIGINT >= substr(p.name, 2)::BIGINT % EVERY
              AND (extract(second FROM g)::BIGINT - substr(p.name, 2)::BIGINT % EVERY) % EVERY = 0)
            SELECT name, at FROM named n WHERE NOT EXISTS(SELECT 1 FROM tick t WHERE t.pipeline = n.name
              AND t.tick_at::timestamptz <= n.at AND coalesce(t.tick_to, t.tick_at)::timestamptz >= n.at)""".replace("EVERY", str(EVERY)))
        if lost:
            raise Broken(f"lost ticks: {len(lost)}\n  " + "\n  ".join(lost[:8]))

    def run(self, seconds):
        end, looked = time.monotonic() + seconds, time.monotonic()
        restart = time.monotonic() + min(30, seconds / 2)
        while time.monotonic() < end:
            time.sleep(self.draw.uniform(0.1, 0.9))
            self.break_something()
            self.mend()
            if time.monotonic() > restart:
                self.server("restart", str(self.address), "QUIT")
                self.counts["server restarted"] += 1
                restart = time.monotonic() + self.draw.uniform(25, 45)
            if time.monotonic() - looked > 2:
                looked = time.monotonic()
                self.check(CHECKS)
        self.mend(True)
        # From here on nothing new is due: what is left is done by whoever has time.
        self.until(30, lambda: self.ask("UPDATE pipeline SET paused_at = '2025-01-01T00:00:00Z' RETURNING 1"))
        time.sleep(3)
        until = self.ask("SELECT to_char(now() AT TIME ZONE 'UTC', 'YYYY-MM-DD\"T\"HH24:MI:SS\"Z\"')")[0]
        left = AT_REST["ticks left"].format(until=until)
        self.until(240, lambda: not self.ask(left))
        self.check(CHECKS)
        self.check_ticks()
        self.check(AT_REST, until=until)
        facts = self.ask("SELECT (SELECT count(*) FROM tick WHERE state = 'done'), (SELECT coalesce(sum(ticks), 0)"
                         " FROM tick WHERE state = 'skipped'), (SELECT count(*) FROM run), (SELECT count(*) FROM"
                         " run WHERE status = 'failed'), (SELECT count(*) FROM audit WHERE kind = 'state')")[0]
        done, skipped, runs, failed, units = facts.split("|")
        print(f"{seconds} s: {done} ticks done, {skipped} skipped, {runs} runs of which {failed} failed, "
              f"{units} units; " + ", ".join(f"{n} times {what}" for what, n in self.counts.items()))
        print("0 duplicates, 0 gaps, 0 broken cursors")
        if int(units) == 0 or int(done) == 0:
            raise Broken("nothing was raced")

    def clean_up(self):
        self.mend(True)
        for host, daemon in enumerate(self.daemons):
            if daemon is not None:
                pids = self.processes(host)
                daemon.kill()
                daemon.wait()
                self.send(pids, signal.SIGKILL)
        if self.proxy is not None:
            self.proxy.kill()
            self.proxy.wait()
        self.server("stop", str(self.address))


def main():
    words = sys.argv[1:]
    mutant = words[0] == "--mutant"
    mizan, seconds, *more = words[1:] if mutant else words
    seed = int(more[0]) if more else 1
    broken = None
    with tempfile.TemporaryDirectory(prefix="mizan-race.") as name:
        race = Race(mizan, pathlib.Path(name).resolve(), seed)
        try:
            race.set_up()
            race.run(int(seconds))
        except Broken as found:
            broken = found
            print(f"seed {seed}: {found}")
        finally:
            race.clean_up()
            for log in sorted(race.folder.glob("h*.log")) if len(more) > 1 else []:
                (pathlib.Path(more[1]) / log.name).write_bytes(log.read_bytes())
    if mutant and broken is None:
        print("the mutant passed: the race proves nothing")
    return 0 if (broken is not None) == mutant else 1


if __name__ == "__main__":
    sys.exit(main())
