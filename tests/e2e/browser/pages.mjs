/* Every page in light, dark, phone width, and every page by keyboard alone.
   pages.mjs BASE FOLDER: screenshots go to FOLDER. */
import { check, checkAccess, fault, finish, openBrowser, read, watchedPage } from "./browser.mjs";

const [base, folder] = process.argv.slice(2);

const MODES = {
  light: { colorScheme: "light", viewport: { width: 1280, height: 900 } },
  dark: { colorScheme: "dark", viewport: { width: 1280, height: 900 } },
  phone: { colorScheme: "light", viewport: { width: 390, height: 844 }, isMobile: true, hasTouch: true },
};

/* What a mode can change for the worse, of what axe looks at. */
const RULES = {
  light: undefined,
  dark: ["color-contrast", "link-in-text-block"],
  phone: ["target-size", "scrollable-region-focusable", "meta-viewport"],
};

const STATUS = { missing: 404, "query-wrong": 400 };

async function pagesOf() {
  const { figures } = await read(base, "/figures.json");
  const { documents } = await read(base, "/documents.json");
  const { pipelines } = await read(base, "/overview.json");
  const { topics } = await read(base, "/topics.json");
  const pipeline = pipelines[0].pipeline ?? pipelines[0].name;
  const { runs } = await read(base, `/pipeline/${pipeline}.json`);
  const arabic = documents.find((document) => document.lang === "ar");
  const other = documents.find((document) => document.lang !== "ar");
  const busiest = [...topics].sort((a, b) => b.figures - a.figures)[0];
  return {
    overview: "/",
    pipeline: "/pipeline/" + pipeline,
    run: "/run/" + runs[0].id,
    sources: "/sources",
    documents: "/documents",
    document: "/document/" + other.id,
    "document-arabic": "/document/" + arabic.id,
    figures: "/figures",
    figure: "/figure/" + figures.find((figure) => figure.lang !== "ar").id,
    "figure-arabic": "/figure/" + figures.find((figure) => figure.lang === "ar").id,
    topics: "/topics",
    topic: "/topic/" + busiest.id,
    balance: "/balance",
    review: "/review",
    query: "/query",
    "query-named": "/query/ratio",
    "query-wrong": "/query?sql=SELEC",
    missing: "/figure/none",
  };
}

async function checkDirection(page, name) {
  const direction = await page.evaluate(() => {
    const element = document.querySelector("article p, blockquote");
    return element === null ? "none" : getComputedStyle(element).direction;
  });
  check(direction === "rtl", `${name}: Arabic text runs ${direction}`);
}

async function look(page, where, mode, name, path) {
  where.name = `${mode} ${name}`;
  const wanted = STATUS[name] ?? 200;
  where.refused = wanted !== 200;
  const response = await page.goto(base + path, { waitUntil: "load" });
  check(response.status() === wanted, `${where.name}: status ${response.status()}`);
  const wide = await page.evaluate(() => document.documentElement.scrollWidth - innerWidth);
  check(wide <= 1, `${where.name}: ${wide} pixels wider than the window`);
  await page.screenshot({ path: `${folder}/${name}-${mode}.png` });
  await checkAccess(page, where.name, RULES[mode]);
  if (name.endsWith("-arabic")) await checkDirection(page, where.name);
}

/* Elements that a pointer reaches, and those that Tab reaches, must be the same; each shows
   that it has the focus. */
async function byKeyboard(page, where, name, path) {
  where.name = "keyboard " + name;
  where.refused = STATUS[name] !== undefined;
  await page.goto(base + path);
  const wanted = await page.evaluate(() => {
    const all = document.querySelectorAll("a[href], button, input:not([type=hidden]), select, textarea, summary");
    const shown = [...all].filter((element) => element.checkVisibility());
    shown.forEach((element, index) => (element.dataset.place = index));
    return shown.length;
  });
  const reached = new Set();
  for (let step = 0; step < 3 * wanted + 20 && reached.size < wanted; step++) {
    await page.keyboard.press("Tab");
    const at = await page.evaluate(() => {
      const element = document.activeElement;
      if (element === null || element === document.body) return null;
      const style = getComputedStyle(element);
      const inner = element.firstElementChild === null ? style : getComputedStyle(element.firstElementChild);
      const seen = [style, inner].some((s) => s.outlineStyle !== "none" || s.boxShadow !== "none");
      return { place: element.dataset.place, seen, what: element.outerHTML.slice(0, 80) };
    });
    if (at === null) continue;
    if (!at.seen) fault(`${where.name}: nothing shows the focus of ${at.what}`);
    if (at.place !== undefined) reached.add(at.place);
  }
  check(reached.size === wanted, `${where.name}: Tab reaches ${reached.size} of ${wanted}`);
}

/* The queue by keys: j goes to the first figure, Enter opens it, the verdict is given. */
async function review(page, where) {
  where.name = "keys of the review queue";
  await page.goto(base + "/review");
  await page.keyboard.press("j");
  await page.keyboard.press("j");
  await page.keyboard.press("k");
  const first = await page.evaluate(() => document.activeElement.getAttribute("href"));
  await page.keyboard.press("Enter");
  await page.waitForURL("**" + first);
  await page.locator("input[name=who]").fill("Ada");
  await page.locator("input[name=who]").blur();
  await Promise.all([page.waitForEvent("load"), page.keyboard.press("c")]);
  const verdicts = await page.locator("#reviews tbody tr").allInnerTexts();
  check(verdicts.length === 1 && /Ada\s+confirm/.test(verdicts[0]), `${where.name}: ${verdicts}`);
  await page.goto(base + "/review");
  check((await page.locator(`a[href="${first}"]`).count()) === 0, `${where.name}: it is still in the queue`);
}

/* The first Tab offers to skip the menu. */
async function skipLink(page, where) {
  where.name = "skip link";
  await page.goto(base + "/");
  await page.keyboard.press("Tab");
  await page.keyboard.press("Enter");
  check(page.url().endsWith("#content"), where.name + ": it leads to " + page.url());
}

const browser = await openBrowser();
const pages = await pagesOf();
for (const [mode, options] of Object.entries(MODES)) {
  const where = {};
  const page = await watchedPage(browser, base, options, where);
  for (const [name, path] of Object.entries(pages)) {
    await look(page, where, mode, name, path);
  }
  await page.context().close();
}
const where = {};
const page = await watchedPage(browser, base, MODES.light, where);
for (const [name, path] of Object.entries(pages)) await byKeyboard(page, where, name, path);
await skipLink(page, where);
await review(page, where);
await browser.close();
finish(`${Object.keys(pages).length} pages in ${Object.keys(MODES).length} modes and by keyboard`);
