/* The program under test: commands, and the dashboard on a port of its own. */
import { spawn, spawnSync } from "node:child_process";
import { once } from "node:events";

/* Runs a command to its end; its output. */
export function run(mizan, work, ...words) {
  const ended = spawnSync(mizan, words, { cwd: work, encoding: "utf8", timeout: 120000 });
  return { status: ended.status, out: ended.stdout, err: ended.stderr };
}

/* Starts a command that goes on. */
export function start(mizan, work, ...words) {
  return spawn(mizan, words, { cwd: work, stdio: ["ignore", "ignore", "pipe"] });
}

/* `mizan web`: its process and its address. */
export async function serve(mizan, work, database) {
  const process = start(mizan, work, "web", "--listen", "127.0.0.1:0", "--db", database);
  let said = "";
  for await (const piece of process.stderr) {
    said += piece;
    const address = /^mizan web: (http.*)\/$/m.exec(said);
    if (address !== null) {
      process.stderr.resume();
      return { process, base: address[1] };
    }
  }
  throw new Error("mizan web: " + said);
}

export async function end(process, signal = "SIGTERM") {
  if (process.exitCode !== null || process.signalCode !== null) return;
  process.kill(signal);
  await once(process, "exit");
}

export const pause = (milliseconds) => new Promise((go) => setTimeout(go, milliseconds));
