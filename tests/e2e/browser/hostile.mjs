/* A document, title, outlet, counted noun and pipeline name that are all script: nothing of
   it may run, and nothing of it may become an element. hostile.mjs MIZAN FOLDER */
import { mkdirSync, writeFileSync } from "node:fs";
import { check, finish, openBrowser, read, watchedPage } from "./browser.mjs";
import { end, run, serve } from "./program.mjs";

const [mizan, folder] = process.argv.slice(2);
const work = folder + "/hostile";
const database = `sqlite:${work}/hostile.db`;

/* Each way out of a text, an attribute, a comment and a script. */
const ATTACKS = [
  `"><img src=x onerror=alert(1)>`,
  `'><svg onload=alert(2)>`,
  `</title></textarea></template><script>alert(3)</script>`,
  `--><iframe srcdoc="<script>parent.alert(4)</script>">`,
  `" autofocus onfocus="alert(5)`,
];

const lua = (text) => JSON.stringify(text);

mkdirSync(work + "/in", { recursive: true });
writeFileSync(work + "/mizan.lua", "return {}\n");
ATTACKS.forEach((attack, index) => {
  writeFileSync(`${work}/in/${index}.txt`, `They sent up to 9.${index} billion dollars ${attack}. ${attack} cost 5 euros.\n`);
});
writeFileSync(
  work + "/p.lua",
  `local mizan = require "mizan"
local attacks = { ${ATTACKS.map(lua).join(", ")} }
local next_one = 0
return mizan.pipeline { name = "p", stages = {
  mizan.fetch.file { path = "in/*.txt" },
  mizan.extract.article {},
  mizan.each("document", "names", function(document)
    next_one = next_one % #attacks + 1
    document.title, document.outlet, document.author = attacks[next_one], attacks[next_one], attacks[next_one]
    return document
  end),
  mizan.extract.figures {},
  mizan.each("figure", "nouns", function(figure)
    figure.counted = attacks[next_one]
    return figure
  end),
  mizan.store.figures {},
} }
`,
);
const done = run(mizan, work, "run", "p.lua", "--db", database);
check(done.status === 0, "the run of the hostile documents: " + done.err);

const web = await serve(mizan, work, database);
const browser = await openBrowser();
const where = { name: "hostile" };
const page = await watchedPage(browser, web.base, {}, where);
const { documents } = await read(web.base, "/documents.json");
const { figures } = await read(web.base, "/figures.json");
const { runs } = await read(web.base, "/pipeline/p.json");
check(documents.length === ATTACKS.length, `${documents.length} documents`);
check(figures.length >= 2 * ATTACKS.length, `${figures.length} figures`);
const paths = [
  "/", "/documents", "/figures", "/review", "/sources", "/topics", "/balance", "/pipeline/p", "/run/" + runs[0].id,
  "/query/documents", "/query/figures", "/query?sql=SELECT+title,outlet,text+FROM+doc_text",
  ...documents.map((document) => "/document/" + document.id),
  ...figures.map((figure) => "/figure/" + figure.id),
];
const wrong = ATTACKS.flatMap((attack) => [
  "/topic/" + encodeURIComponent(attack),
  "/pipeline/" + encodeURIComponent(attack),
  "/query?sql=" + encodeURIComponent(attack),
  "/" + encodeURIComponent(attack),
]);
for (const path of [...paths, ...wrong]) {
  where.name = "hostile " + path;
  where.refused = wrong.includes(path);
  await page.goto(web.base + path);
  const found = await page.evaluate(() => [
    ...document.querySelectorAll("img, svg, iframe, script:not([src]), [onerror], [onload], [onfocus]"),
  ].map((element) => element.outerHTML.slice(0, 100)));
  check(found.length === 0, `${where.name}: it became ${found}`);
}
await browser.close();
await end(web.process);
finish(`${paths.length + wrong.length} pages of hostile documents`);
