// The JSON Schemas that editors complete and explain with, judged by ajv: whatever is
// shipped or shown in a page is valid, and a wrong file is refused on its line.

import assert from "node:assert/strict";
import { execFileSync } from "node:child_process";
import { readFileSync } from "node:fs";
import path from "node:path";
import test from "node:test";
import { bookTests, examples, faults, program, root, shipped, shippedTests } from "./schemas.js";

const flow = `flow: accueil
numbers: ["100"]
agent: agents
start: menu
steps:
  menu:
    menu:
      - key: 1
        for: les horaires
        go: agents
    patience: 5s
  agents:
    queue: agents
    nobody: agents
`;
const queues = `agents:
  members: [amina, { agent: bruno, priority: 2 }]
  ring: 20s
  at_closing: serve
`;
const card = `name: Mairie
phones:
  - number: "+33143124567"
    purpose: toutes vos démarches
hours: { phone: "Mo-Fr 09:00-17:00; PH off" }
closures:
  - from: "2026-12-24"
`;
const subflow = `subflow: dossier
parameters: { longueur: number }
start: demande
steps:
  demande:
    collect:
      ask: "Votre numéro ?"
    then: fini
  fini:
    return:
`;
const tests = `at: "2026-11-24 10:00"
lookups: { statut: { pret: true } }
tests:
  carte:
    queue: { waiting: 6, agents: 2 }
    call:
      - presses: 1
      - hears: "Bonjour…"
      - waits: 2s
      - hangs-up
`;

test("the program prints what is published", () => {
  for (const word of ["flow", "queues", "service", "tests"]) {
    const printed = execFileSync(program, ["schema", word], { encoding: "utf8" });
    assert.equal(printed, readFileSync(path.join(root, `docs/schema/${word}.json`), "utf8"));
  }
});

test("every shipped file is valid", () => {
  const files = shipped();
  assert.ok(files.length >= 6);
  for (const { name, role, text } of files) assert.deepEqual(faults(role, text), [], name);
});

test("every shipped file of tests is valid, and every one of the book", () => {
  const files = [...shippedTests(), ...bookTests()];
  assert.ok(files.length >= 5);
  for (const { name, text } of files) assert.deepEqual(faults("tests", text), [], name);
});

test("every example of the pages is valid", () => {
  const all = ["docs/flows.md", "docs/flows.fr.md"].flatMap(examples);
  assert.ok(all.length > 30);
  for (const { name, role, text } of all) assert.deepEqual(faults(role, text), [], name);
});

test("what the wrong files are made of is valid", () => {
  assert.deepEqual(faults("flow", flow), []);
  assert.deepEqual(faults("queues", queues), []);
  assert.deepEqual(faults("service", card), []);
  assert.deepEqual(faults("flow", subflow), []);
  assert.deepEqual(faults("tests", tests), []);
});

// What is replaced by what, and the line that is told.
const wrong = [
  ["flow", "agent: agents", "agents: agents", 3, /additional/],
  ["flow", "flow: accueil\n", "", 1, /required/],
  ["flow", '["100"]', "[100]", 2, /string/],
  ["flow", '["100"]', '["1x0"]', 2, /pattern/],
  ["flow", "start: menu", "start: menu\nlanguage: de", 5, /allowed values/],
  ["flow", "start: menu", "start: menu\nlimits: { levels: 7 }", 5, /<= 6/],
  ["flow", "start: menu", "start: menu\nlimits: { speech: 20 }", 5, /string/],
  ["flow", "key: 1", "key: A", 8, /allowed values/],
  ["flow", "for: les horaires", "four: les horaires", 9, /additional/],
  ["flow", "for: les horaires", 'for: ""', 9, /pattern/],
  ["flow", "for: les horaires", "for: { fr: a, de: b }", 9, /additional/],
  ["flow", "for: les horaires", "for:", 9, /string/],
  ["flow", "patience: 5s", "patience: 5 seconds", 11, /pattern/],
  ["flow", "patience: 5s", "patience: 5", 11, /string/],
  ["flow", "patience: 5s", "patiense: 5s", 11, /additional/],
  ["flow", "patience: 5s", "silences: -1", 11, />= 0/],
  ["flow", "patience: 5s", "silences: 1.5", 11, /integer/],
  ["flow", "patience: 5s", 'say: "Bonjour"', 6, /exactly one/],
  ["flow", "queue: agents", "wait: agents", 12, /exactly one/],
  ["flow", "nobody: agents", "announce: [place]", 14, /allowed values/],
  ["flow", "nobody: agents", "announce: { rank: often }", 14, /pattern/],
  ["flow", "nobody: agents", "busy: { when: { abandoned: 120% }, offer: [] }", 14, /pattern/],
  ["queues", "ring: 20s", "ring: often", 3, /pattern/],
  ["queues", "ring: 20s", "rings: 20s", 3, /additional/],
  ["queues", "  at_closing: serve\n", "", 1, /required/],
  ["queues", "at_closing: serve", "at_closing: never", 4, /allowed values/],
  ["queues", "priority: 2", "priority: 12", 2, /<= 9/],
  ["service", "name: Mairie", "nom: Mairie", 1, /additional/],
  ["service", "purpose: toutes vos démarches", "note: x", 4, /additional/],
  ["service", '"+33143124567"', "+33143124567", 3, /string/],
  ["service", "name: Mairie", "name: Mairie\nregion: bretagne", 2, /allowed values/],
  ["service", '"2026-12-24"', "Noël", 7, /pattern/],
  ["subflow", "longueur: number", "longueur: chiffres", 2, /allowed values/],
  ["subflow", "start: demande", 'start: demande\nnumbers: ["100"]', 4, /additional/],
  ["subflow", "then: fini", "thn: fini", 8, /additional/],
  ["tests", "at:", "date:", 1, /additional/],
  ["tests", "tests:", "essais:", 1, /required/],
  ["tests", "agents: 2", "agents: deux", 5, /integer/],
  ["tests", "waiting: 6", "attente: 6", 5, /additional/],
  ["tests", "presses: 1", "press: 1", 7, /additional/],
  ["tests", "presses: 1", "presses: 1\n        waits: 2s", 7, /fewer than|more than/],
  ["tests", "waits: 2s", "waits: 2", 9, /string/],
  ["tests", "hangs-up", "raccroche", 10, /allowed values/],
];

for (const [role, old, put, line, message] of wrong) {
  test(`${role}: \`${put.trim()}\` in place of \`${old.trim()}\` is told on line ${line}`, () => {
    const text = { flow, subflow, queues, service: card, tests }[role];
    assert.ok(text.includes(old));
    const found = faults(role === "subflow" ? "flow" : role, text.replace(old, put));
    assert.ok(found.some((fault) => fault.line === line && message.test(fault.message)), JSON.stringify(found));
  });
}
