/* What every script here needs: the browser of the system, a page that notes whatever a
   visitor should never see, and a report that is a list of faults. */
import { readFileSync } from "node:fs";
import { createRequire } from "node:module";
import { chromium } from "playwright-core";

const modules = createRequire(import.meta.url);
const axe = readFileSync(modules.resolve("axe-core/axe.min.js"), "utf8");

export const faults = [];

export function fault(text) {
  faults.push(text);
  console.log("fault: " + text);
}

export function check(good, text) {
  if (!good) fault(text);
}

export function finish(done) {
  console.log(`${done}, ${faults.length} faults`);
  process.exit(faults.length === 0 ? 0 : 1);
}

export async function openBrowser() {
  return chromium.launch({
    executablePath: process.env.MIZAN_CHROMIUM ?? "/usr/bin/chromium",
    args: ["--no-sandbox"],
  });
}

/* A page of a fresh context whose console, errors, dialogs and requests are watched. `where.name`
   is it in the report; `where.refused`: its answer is an error, as it should be. */
export async function watchedPage(browser, base, options, where) {
  const context = await browser.newContext(options);
  const page = await context.newPage();
  page.on("console", (message) => {
    // That an answer is an error, where one is expected, is said by the browser itself.
    const expected = where.refused && /the server responded with a status of 4\d\d/.test(message.text());
    if (["error", "warning"].includes(message.type()) && !expected) {
      fault(`${where.name}: console: ${message.text()}`);
    }
  });
  page.on("pageerror", (error) => fault(`${where.name}: error: ${error}`));
  page.on("dialog", (dialog) => {
    fault(`${where.name}: a dialog: ${dialog.message()}`);
    dialog.dismiss();
  });
  page.on("request", (request) => {
    const url = request.url();
    if (!url.startsWith(base + "/") && !url.startsWith("data:")) fault(`${where.name}: asked for ${url}`);
  });
  return page;
}

/* The faults of the page that axe calls serious or critical; `rules` (all of them when it is
   undefined) are those that this look at the page can change. The policy of the pages allows
   no code from elsewhere, so axe comes by the debugger. */
export async function checkAccess(page, name, rules) {
  await page.evaluate(`(function () { ${axe} }).call(window); 1`);
  const result = await page.evaluate((only) => {
    const options = { resultTypes: ["violations"], iframes: false };
    return globalThis.axe.run(only === undefined ? options : { ...options, runOnly: only });
  }, rules);
  for (const rule of result.violations) {
    if (!["serious", "critical"].includes(rule.impact)) continue;
    const node = rule.nodes[0];
    fault(`${name}: axe: ${rule.id} at ${node.target}: ${node.failureSummary.replace(/\s+/g, " ")}`);
  }
}

export async function read(base, path) {
  const response = await fetch(base + path);
  if (!response.ok) throw new Error(`${path}: ${response.status}`);
  return response.json();
}
