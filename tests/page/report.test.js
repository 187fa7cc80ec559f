// The compliance report as an admin opens it: a file that needs nothing else.

import assert from "node:assert/strict";
import { execFileSync } from "node:child_process";
import { cp, mkdtemp, readFile, rm, writeFile } from "node:fs/promises";
import { tmpdir } from "node:os";
import path from "node:path";
import { after, before, test } from "node:test";
import { pathToFileURL } from "node:url";
import { accessible, fits, launch, picture } from "./browser.js";
import { program, root } from "./service.js";

let browser;
let folder;

before(async () => {
  browser = await launch();
  folder = await mkdtemp(path.join(tmpdir(), "svi-report-"));
});
after(async () => {
  await browser?.close();
  await rm(folder, { recursive: true, force: true });
});

/** Checks a service and opens its report; check's exit code is what it found. */
async function report(flows, language, options) {
  const file = path.join(folder, `${language}.html`);
  try {
    execFileSync(program, ["check", flows, "--report", file, "--language", language], { cwd: root, stdio: "ignore" });
  } catch (error) {
    assert.equal(error.status, 1, "findings, and no other failure");
  }
  const context = await browser.newContext(options);
  const page = await context.newPage();
  const asked = [];
  page.on("request", (request) => asked.push(request.url()));
  await page.goto(pathToFileURL(file).href);
  assert.equal(asked.length, 1, `the page asks for nothing: ${asked}`);
  return { context, page };
}

/** The shipped France services, told to say little when it is closed, with a wide menu that is allowed. */
async function faulty() {
  const own = path.join(folder, "france-services");
  await cp(path.join(root, "flows/france-services"), own, { recursive: true });
  const file = path.join(own, "accueil.yaml");
  const text = await readFile(file, "utf8");
  const allow = "limits: { choices: 2 }\nallow: { menu-too-wide: \"trois démarches distinctes, essai jusqu'en mars\" }\nstart: bonjour";
  const edited = text.replace("tell: [hours, contact]", "tell: [hours]").replace("start: bonjour", allow);
  assert.ok(edited.includes("tell: [hours]\n") && edited.includes("essai"), "both edits are made");
  await writeFile(file, edited);
  return own;
}

const WINDOWS = { desktop: { viewport: { width: 1280, height: 900 } }, narrow: { viewport: { width: 320, height: 640 } } };

for (const [size, options] of Object.entries(WINDOWS)) {
  for (const [language, proved] of [["fr", "Prouvé"], ["en", "Proved"]]) {
    test(`the report of the shipped flows, ${language}, ${size}`, async () => {
      const { context, page } = await report("flows", language, options);
      const row = page.locator("tbody tr").first();
      assert.equal(await row.locator("td").innerText(), proved);
      await row.getByRole("link").click();
      assert.ok(page.url().endsWith("#agent-direct"), "the table leads to the proof");
      await accessible(page, `report ${language} ${size}`);
      await fits(page, `report ${language} ${size}`);
      await picture(page, `report-${language}-${size}`);
      await context.close();
    });
  }
}

test("a gap is told with its place, an exception with its reason", async () => {
  const { context, page } = await report(await faulty(), "fr", WINDOWS.desktop);
  const closed = page.locator("section", { has: page.locator("#closed") });
  assert.ok((await closed.innerText()).includes("Non tenu"));
  assert.match(await closed.innerText(), /accueil\.yaml:\d+:\d+/);
  const few = page.locator("section", { has: page.locator("#few-choices") });
  assert.ok((await few.innerText()).includes("trois démarches distinctes"));
  await accessible(page, "report with gaps");
  await picture(page, "report-gaps");
  await page.emulateMedia({ media: "print" });
  await picture(page, "report-print");
  await context.close();
});
