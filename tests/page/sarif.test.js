// `svi check --format sarif` against the schema that OASIS publishes.

import assert from "node:assert/strict";
import { spawnSync } from "node:child_process";
import { cp, mkdtemp, readFile, rm, writeFile } from "node:fs/promises";
import { tmpdir } from "node:os";
import path from "node:path";
import { test } from "node:test";
import Ajv from "ajv";
import addFormats from "ajv-formats";
import { program, root } from "./service.js";

const schema = JSON.parse(await readFile(path.join(root, "tests/page/sarif-schema-2.1.0.json"), "utf8"));
// One pattern of the schema has a bracket that no regular expression of Unicode may have.
const ajv = new Ajv({ allErrors: true, strict: false, unicodeRegExp: false });
addFormats(ajv);
const valid = ajv.compile(schema);

/** The log of a check; what is wrong with it by the schema fails. */
function log(...args) {
  const ran = spawnSync(program, ["check", "--format", "sarif", ...args], { cwd: root, encoding: "utf8" });
  const log = JSON.parse(ran.stdout);
  assert.ok(valid(log), JSON.stringify(valid.errors, null, 1));
  return log;
}

test("a log without findings, and one with every kind of them, are SARIF 2.1.0", async (t) => {
  assert.deepEqual(log("flows").runs[0].results, []);

  const folder = await mkdtemp(path.join(tmpdir(), "svi-sarif-"));
  t.after(() => rm(folder, { recursive: true, force: true }));
  const own = path.join(folder, "été à Sète");
  await cp(path.join(root, "flows/france-services"), own, { recursive: true });
  const file = path.join(own, "accueil.yaml");
  const text = await readFile(file, "utf8");
  const allow = 'limits: { choices: 2 }\nallow: { menu-too-wide: "essai" }\nstart: bonjour';
  // An error, a warning, and what is allowed.
  const edited = text.replace("go: infos", "go: fin").replace("tell: [hours, contact]", "tell: [hours]").replace("start: bonjour", allow);
  await writeFile(file, edited);
  const { results, tool } = log(own, "--docs", "https://git.ville.example/svi/docs").runs[0];
  assert.deepEqual(new Set(results.map((result) => result.level)), new Set(["error", "warning"]));
  assert.equal(results.filter((result) => result.suppressions?.[0].justification === "essai").length, 1);
  for (const { ruleId, ruleIndex } of results) assert.equal(tool.driver.rules[ruleIndex].id, ruleId);
});

test("the schema finds a log that is none", () => {
  const broken = log("flows");
  broken.runs[0].results = [{ level: "terrible" }];
  assert.ok(!valid(broken));
});
