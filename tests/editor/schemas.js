// The published schemas, read by ajv, and YAML files read by a parser that is not ours.

import Ajv from "ajv";
import { readFileSync, readdirSync } from "node:fs";
import path from "node:path";
import { fileURLToPath } from "node:url";
import { parseDocument, LineCounter } from "yaml";

export const root = path.resolve(path.dirname(fileURLToPath(import.meta.url)), "../..");
export const program = process.env.SVI_PROGRAM ?? path.join(process.env.CARGO_TARGET_DIR ?? path.join(root, "target"), "debug/svi");

const ajv = new Ajv({ allErrors: true, strict: true, strictRequired: false, strictTypes: false, allowUnionTypes: true });
const read = (word) => JSON.parse(readFileSync(path.join(root, `docs/schema/${word}.json`), "utf8"));
const file = read("flow");
const flow = { ...file.else, definitions: file.definitions };
const validators = {
  flow: ajv.compile(file),
  queues: ajv.compile(read("queues")),
  service: ajv.compile(read("service")),
  tests: ajv.compile(read("tests")),
  // Parts of a flow, as the pages show them.
  header: ajv.compile({ ...flow, required: [] }),
  steps: ajv.compile({ ...flow.properties.steps, definitions: flow.definitions }),
};

/** What is wrong with a text: `{ line, message }` of each mistake, the deepest place first. */
export function faults(role, text) {
  const lines = new LineCounter();
  const document = parseDocument(text, { lineCounter: lines });
  if (document.errors.length > 0) {
    return document.errors.map((error) => ({ line: error.linePos[0].line, message: error.message }));
  }
  const validate = validators[role];
  if (validate(document.toJS())) return [];
  const depth = (error) => place(error).length;
  const found = [...validate.errors].sort((a, b) => depth(b) - depth(a));
  return found.map((error) => ({ line: lineOf(document, lines, place(error)), message: ajv.errorsText([error]) }));
}

/** The path of a mistake; of a key that is not known, the key's own. */
function place(error) {
  const parts = error.instancePath.split("/").slice(1).map((part) => part.replace(/~1/g, "/").replace(/~0/g, "~"));
  return error.keyword === "additionalProperties" ? [...parts, error.params.additionalProperty] : parts;
}

function lineOf(document, lines, parts) {
  let node = document.contents;
  let offset = node.range[0];
  for (const part of parts) {
    const pair = node.items.find((item) => String(item.key ?? "") === part);
    const next = pair ?? node.items[Number(part)];
    offset = (pair?.key ?? next).range[0];
    node = pair ? pair.value : next;
  }
  return lines.linePos(offset).line;
}

/** Every service that is shipped: `{ name, role, text }` of each file. */
export function shipped() {
  const folders = readdirSync(path.join(root, "flows"), { withFileTypes: true }).filter((entry) => entry.isDirectory());
  return folders.flatMap(({ name: folder }) => {
    const files = readdirSync(path.join(root, "flows", folder)).filter((name) => name.endsWith(".yaml"));
    return files.map((name) => {
      const role = { "service.yaml": "service", "queues.yaml": "queues" }[name] ?? "flow";
      return { name: `${folder}/${name}`, role, text: readFileSync(path.join(root, "flows", folder, name), "utf8") };
    });
  });
}

/** Every file of tests that is shipped. */
export function shippedTests() {
  const folders = readdirSync(path.join(root, "flows"), { withFileTypes: true }).filter((entry) => entry.isDirectory());
  return folders.flatMap(({ name: folder }) => {
    const tests = path.join(root, "flows", folder, "tests");
    const files = readdirSync(tests).filter((name) => name.endsWith(".yaml"));
    return files.map((name) => ({ name: `${folder}/tests/${name}`, text: readFileSync(path.join(tests, name), "utf8") }));
  });
}

/** Every block of tests in the book. */
export function bookTests() {
  const pages = readdirSync(path.join(root, "tests/book")).filter((name) => name.endsWith(".md"));
  return pages.flatMap((name) => {
    const text = readFileSync(path.join(root, "tests/book", name), "utf8");
    return [...text.matchAll(/^```yaml tests\n([\s\S]*?)^```$/gm)].map((match) => ({ name, text: match[1] }));
  });
}

/** Every YAML example of a page, with what it is a part of. */
export function examples(page) {
  const text = readFileSync(path.join(root, page), "utf8");
  const found = [];
  let heading = "";
  for (const match of text.matchAll(/^## (.+)$|^```yaml\n([\s\S]*?)^```$/gm)) {
    if (match[1]) { heading = match[1]; continue; }
    const line = text.slice(0, match.index).split("\n").length;
    found.push({ name: `${page}:${line}`, role: roleOf(heading, match[2]), text: match[2] });
  }
  return found;
}

function roleOf(heading, text) {
  if (/^flow:/m.test(text)) return /^steps:/m.test(text) ? "flow" : "header";
  if (/^subflow:/m.test(text)) return "flow";
  if (/^(name|hours):/m.test(text)) return "service";
  return /^(Queues|Files d'attente)/.test(heading) ? "queues" : "steps";
}
