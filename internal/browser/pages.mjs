// What a reader's browser does with Lapse's pages: no finding of axe, nothing wider than a small phone, nothing fetched
// from elsewhere; and the report's filters, its sorting, its printing, and all of it without script.
import assert from "node:assert/strict";
import { readFile, readdir } from "node:fs/promises";
import { createRequire } from "node:module";
import path from "node:path";
import { pathToFileURL } from "node:url";
import { chromium } from "playwright-core";

const stack = process.env.LAPSE_URL;
const axe = await readFile(createRequire(import.meta.url).resolve("axe-core/axe.min.js"), "utf8");
const browser = await chromium.launch({
  executablePath: process.env.CHROMIUM ?? "/usr/bin/chromium",
  args: ["--no-sandbox"],
});

// The windows that every page is looked at in. 320 px is the narrowest of WCAG 2.2, success criterion 1.4.10.
const looks = [
  { viewport: { width: 320, height: 800 }, colorScheme: "light" },
  { viewport: { width: 1100, height: 900 }, colorScheme: "dark" },
];

let opened = 0;

// look opens a page in every look, and holds it against axe and the width of the window.
async function look(url, { width = true } = {}) {
  for (const how of looks) {
    const context = await browser.newContext({ ...how, bypassCSP: true });
    const page = await context.newPage();
    const asked = [];
    page.on("request", (r) => asked.push(r.url()));
    const answer = await page.goto(url);
    assert.ok(url.startsWith("file:") || answer.status() === 200, `${url} answers ${answer?.status()}`);
    const own = url.startsWith("file:") ? "file:" : stack;
    assert.deepEqual(asked.filter((u) => !u.startsWith(own) && !u.startsWith("data:")), [], `${url} fetches from elsewhere`);
    await page.evaluate(axe);
    const { violations, passes } = await page.evaluate(() => window.axe.run());
    assert.ok(passes.length > 5, `axe judged ${passes.length} rules of ${url}`);
    const found = violations.map((v) => `${v.id}: ${v.help}: ${v.nodes.map((n) => n.target.join(" ")).join(", ")}`);
    assert.deepEqual(found, [], `axe, ${url}, ${how.viewport.width} px, ${how.colorScheme}`);
    if (width) {
      const wide = await page.evaluate(() => document.scrollingElement.scrollWidth);
      assert.ok(wide <= how.viewport.width, `${url} is ${wide} px wide in a window of ${how.viewport.width}`);
    }
    await context.close();
    opened++;
  }
}

async function post(to, body) {
  const answer = await fetch(stack + to, {
    method: "POST", headers: { "content-type": "application/json" }, body: JSON.stringify(body),
  });
  assert.ok(answer.ok, `${to} answers ${answer.status}`);
}

// The stories run until after the first half-year's freeze.
await post("/local/clock", { to: "2026-07-16T06:00:00Z" });

const inbox = await (await fetch(`${stack}/local/inbox.json`)).json();
const matter = await (await fetch(`${stack}/v1/matters/mat-2026-0172`)).json();
await look(`${stack}/`);
for (const id of ["mat-2026-0117", "mat-2026-0144", "mat-2026-0158", "mat-2026-0172"]) await look(`${stack}/matters/${id}`);
await look(`${stack}/notices/${matter.notices[0].id}`);
await look(`${stack}/approvals`);
await look(`${stack}/local/inbox`);
await look(`${stack}/local/mail/${inbox[0].n}`);
const languages = (await readdir(process.env.LETTERS, { withFileTypes: true })).filter((d) => d.isDirectory()).map((d) => d.name);
assert.ok(languages.length >= 7);
for (const language of languages) await look(`${stack}/verify?lang=${language}`);

// The letter in every language, as a page of its own.
for (const language of languages) {
  const folder = path.join(process.env.LETTERS, language);
  const letters = (await readdir(folder)).filter((f) => f.endsWith(".html"));
  assert.ok(letters.length > 0, folder);
  for (const letter of letters) {
    const file = path.join(folder, letter);
    assert.ok((await readFile(file)).length < 60 * 1024, `${file} is over 60 KB`);
    await look(pathToFileURL(file).href);
  }
}

const half = `${stack}/local/report/2026-H1/`;
for (const page of [`${stack}/local/report/`, half, `${stack}/local/report/guide/`]) await look(page);

// The report's filters stand in the address: they can be shared, and the back button works.
const context = await browser.newContext();
const page = await context.newPage();
await page.goto(half);
const rows = () => page.locator(".sheet[data-dimensions] tbody tr:not([hidden])").count();
const all = await rows();
const options = await page.locator("#filters select").evaluateAll((all) => all.map((s) => s.options.length));
const most = options.indexOf(Math.max(...options));
const select = page.locator("#filters select").nth(most);
const name = await select.getAttribute("name");
const value = await select.locator("option").nth(1).getAttribute("value");
await select.selectOption(value);
assert.equal(new URL(page.url()).searchParams.get(name), value);
const fewer = await rows();
assert.ok(fewer < all && fewer > 0, `${fewer} of ${all} rows`);
const shared = await context.newPage();
await shared.goto(page.url());
assert.equal(await shared.locator("#filters select").nth(most).inputValue(), value, "a shared address shows the same");
await page.goBack();
assert.equal(await rows(), all);
await page.goForward();
assert.equal(await rows(), fewer);

// Sorting, with the keyboard alone.
await page.goto(half);
const table = page.locator("table:has(thead button):visible").first();
const head = table.locator("thead th").first();
await head.locator("button").focus();
await page.keyboard.press("Enter");
assert.equal(await head.getAttribute("aria-sort"), "ascending");
const ascending = await table.locator("tbody tr > :first-child").allTextContents();
await page.keyboard.press("Enter");
assert.equal(await head.getAttribute("aria-sort"), "descending");
const descending = await table.locator("tbody tr > :first-child").allTextContents();
assert.deepEqual(descending.toSorted(), ascending.toSorted());
assert.notEqual(new Set(ascending).size > 1 && descending[0], ascending[0]);

// The number of a part of a chart shows when the keyboard reaches it.
const part = page.locator("svg [tabindex='0'], svg a").first();
if (await part.count()) {
  await part.focus();
  assert.notEqual((await part.getAttribute("aria-label")) ?? (await part.locator("title").first().textContent()), "");
}

const pdf = await page.pdf();
assert.equal(pdf.subarray(0, 5).toString(), "%PDF-");
assert.ok(pdf.length > 10_000);

// Without script every row is there, and no control that would do nothing.
const still = await browser.newContext({ javaScriptEnabled: false });
const plain = await still.newPage();
await plain.goto(half);
assert.equal(await plain.locator(".sheet[data-dimensions] tbody tr").count(), all);
assert.equal(await plain.locator("#filters:visible").count(), 0);
assert.equal(await plain.locator("thead button").count(), 0);

await browser.close();
console.log(`${opened} looks at pages and letters: no finding of axe, none too wide, nothing from elsewhere`);
