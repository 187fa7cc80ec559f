// Debian's Chromium, and axe-core in it.

import assert from "node:assert/strict";
import { existsSync } from "node:fs";
import { mkdir, readFile } from "node:fs/promises";
import { createRequire } from "node:module";
import path from "node:path";
import { chromium } from "playwright-core";

const axe = await readFile(createRequire(import.meta.url).resolve("axe-core/axe.min.js"), "utf8");
const programs = [process.env.CHROMIUM, "/usr/bin/chromium", "/usr/bin/chromium-browser"];
/** Where pictures are put; none are taken without it. */
const pictures = process.env.SVI_PICTURES;

export function launch() {
  const executablePath = programs.find((program) => program && existsSync(program));
  assert.ok(executablePath, "install Debian's `chromium`, or name one in CHROMIUM");
  return chromium.launch({ executablePath, args: ["--no-sandbox"] });
}

/** Fails with what axe-core finds wrong, by the rules of WCAG 2.2 A and AA and good practice. */
export async function accessible(page, what) {
  const found = await page.evaluate(async (source) => {
    if (!window.axe) (0, eval)(source);
    const tags = ["wcag2a", "wcag2aa", "wcag21a", "wcag21aa", "wcag22aa", "best-practice"];
    const { violations, passes } = await window.axe.run(document, { runOnly: tags });
    const shown = violations.map((v) => `${v.id}: ${v.help}: ${v.nodes.map((n) => n.html).join(" | ")}`);
    return { shown, passes: passes.map((rule) => rule.id) };
  }, axe);
  assert.deepEqual(found.shown, [], what);
  assert.ok(found.passes.includes("color-contrast"), `${what}: axe has looked at the colours`);
}

/** Nothing is wider than the window. */
export async function fits(page, what) {
  const [wide, window_] = await page.evaluate(() => [document.documentElement.scrollWidth, document.documentElement.clientWidth]);
  assert.ok(wide <= window_, `${what}: ${wide} px in a window of ${window_} px`);
}

export async function picture(page, name) {
  if (!pictures) return;
  await mkdir(pictures, { recursive: true });
  await page.screenshot({ path: path.join(pictures, `${name}.png`), fullPage: true });
}
