/* A run that was started in a terminal, seen from a page that is open: what is stored shows
   within a second, and so does its being killed. live.mjs MIZAN FOLDER SITE: SITE
   is the demo server. */
import { mkdirSync, writeFileSync } from "node:fs";
import { check, finish, openBrowser, read, watchedPage } from "./browser.mjs";
import { end, pause, serve, start } from "./program.mjs";

const [mizan, folder, site] = process.argv.slice(2);
const work = folder + "/live";
const database = `sqlite:${work}/live.db`;
const MOST_DELAY = 1000; // milliseconds

mkdirSync(work, { recursive: true });
/* A server that takes 150 milliseconds for each answer, which becomes a document. */
writeFileSync(work + "/mizan.lua", "return {}\n");
writeFileSync(
  work + "/slow.lua",
  `local mizan = require "mizan"
return mizan.pipeline { name = "slow", politeness = "off", network = { private = { "127.0.0.1" } }, stages = {
  mizan.source(function(ctx)
    for number = 1, 200 do
      ctx.http:get("${site}/__slow?ms=150&n=" .. number)
      ctx:emit { url = "test:" .. number, body = "They sent " .. number .. " ships.", media_type = "text/plain" }
    end
  end),
  mizan.extract.article {},
  mizan.extract.figures {},
  mizan.store.figures {},
} }
`,
);

async function startRun() {
  const process = start(mizan, work, "run", "slow.lua", "--db", database);
  let said = "";
  process.stderr.on("data", (piece) => (said += piece));
  for (let tries = 0; tries < 400; tries++) {
    await pause(50);
    if (process.exitCode !== null) throw new Error("the slow run ended: " + said);
    try {
      const web = await serve(mizan, work, database);
      return { process, web };
    } catch {
      // The database is not there yet.
    }
  }
  throw new Error("no database came");
}

async function runningId(base) {
  for (let tries = 0; tries < 200; tries++) {
    const answer = await fetch(base + "/pipeline/slow.json");
    if (answer.ok) {
      const { runs } = await answer.json();
      const running = runs.find((run) => run.status === "running");
      if (running !== undefined) return running.id;
    }
    await pause(50);
  }
  throw new Error("no run shows as running");
}

const { process: terminal, web } = await startRun();
const id = await runningId(web.base);
const browser = await openBrowser();
const where = { name: "live" };
const page = await watchedPage(browser, web.base, {}, where);
await page.goto(web.base + "/run/" + id);

const stored = async () => (await read(web.base, `/query.json?sql=SELECT+count(*)+AS+n+FROM+document`)).rows[0].n;
const shown = async () => Number(await page.locator("#live output").textContent());

await page.waitForFunction(() => Number(document.querySelector("#live output").textContent) > 0);

/* Five times: as soon as something more is stored, how long until the page shows it. */
const delays = [];
for (let round = 0; round < 5; round++) {
  const before = await stored();
  let now = before;
  while (now === before) now = await stored();
  const since = performance.now();
  while (!((await shown()) >= now) && performance.now() - since < 5000) await pause(20);
  delays.push(Math.round(performance.now() - since));
}
check(Math.max(...delays) < MOST_DELAY, `what was stored showed after ${delays} ms`);

where.name = "live, killed";
const killed = performance.now();
await end(terminal, "SIGKILL");
const live = page.locator("#live");
await live.filter({ hasText: /ended: (lost|failed)/ }).waitFor({ timeout: 15000 });
const took = Math.round(performance.now() - killed);
await page.locator('#run [data-status="lost"], #run [data-status="failed"]').waitFor({ timeout: 15000 });
await browser.close();
await end(web.process);
finish(`a live run: shown after ${delays} ms, its end after ${took} ms`);
