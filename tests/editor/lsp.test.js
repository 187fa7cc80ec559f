// The language server as VS Code drives it: `svi lsp` over its standard input and output.

import assert from "node:assert/strict";
import { after, before, describe, test } from "node:test";
import { start } from "./client.js";

/** Whether no error is told; a shipped flow may have notes. */
const isWhole = (list) => list.every((told) => told.severity > 1);

describe("svi lsp", () => {
  let editor;
  before(async () => { editor = await start("prefecture"); await editor.open("accueil.yaml"); });
  after(async () => { assert.equal(await editor.end(), 0); });

  test("it says what it can do", () => {
    const { capabilities, serverInfo } = editor.initialized;
    assert.equal(serverInfo.name, "svi");
    assert.equal(capabilities.renameProvider.prepareProvider, true);
  });

  test("a mistake is told while it is typed, and is gone when it is mended", async () => {
    await editor.diagnostics("accueil.yaml", isWhole);
    await editor.type("accueil.yaml", "go: sejour", "go: sejours");
    const told = await editor.diagnostics("accueil.yaml", (list) => list.some((d) => d.code === "unknown-step"));
    const fault = told.find((d) => d.code === "unknown-step");
    assert.equal(fault.source, "svi");
    assert.equal(fault.severity, 1);
    assert.match(fault.message, /there is no step `sejours`\ndid you mean `sejour`\?/);
    assert.equal(editor.text("accueil.yaml", fault.range), "sejours");
    const hover = await editor.ask("hover", "accueil.yaml", fault.range.start);
    assert.match(hover.contents.value, /\*\*unknown-step\*\*: [^]*`steps:`/);
    await editor.type("accueil.yaml", "go: sejours", "go: sejour");
    await editor.diagnostics("accueil.yaml", isWhole);
  });

  test("a half-typed line is told, and everything else is still found", async () => {
    await editor.type("accueil.yaml", "steps:\n", "steps:\n  xy\n");
    await editor.diagnostics("accueil.yaml", (list) => list.some((d) => d.code === "yaml-syntax"));
    const found = await editor.ask("definition", "accueil.yaml", editor.position("accueil.yaml", "go: sejour", "\n"));
    assert.equal(editor.text("accueil.yaml", found.range), "sejour");
    await editor.type("accueil.yaml", "steps:\n  xy\n", "steps:\n");
    await editor.diagnostics("accueil.yaml", isWhole);
  });

  test("an open file counts in place of the one on the disk", async () => {
    await editor.open("queues.yaml");
    await editor.type("queues.yaml", "general:", "generale:");
    await editor.diagnostics("accueil.yaml", (list) => list.some((d) => d.code === "unknown-queue"));
    await editor.type("queues.yaml", "generale:", "general:");
    await editor.diagnostics("accueil.yaml", isWhole);
  });

  test("a queue's name leads to queues.yaml", async () => {
    const found = await editor.ask("definition", "accueil.yaml", editor.position("accueil.yaml", "  general:\n    queue: ", "general"));
    assert.equal(found.uri, editor.uri("queues.yaml"));
    assert.equal(editor.text("queues.yaml", found.range), "general");
  });

  test("places are told in UTF-16, behind accents too", async () => {
    await editor.type("accueil.yaml", "steps:\n", "steps:\n  essai: { say: \"𝄞 été à Noël\", then: general }\n");
    const at = editor.position("accueil.yaml", "𝄞", "general");
    const found = await editor.ask("definition", "accueil.yaml", at);
    assert.equal(editor.text("accueil.yaml", found.range), "general");
    const uses = await editor.ask("references", "accueil.yaml", at, { context: { includeDeclaration: true } });
    assert.ok(uses.length > 2);
    for (const use of uses) assert.equal(editor.text("accueil.yaml", use.range), "general");
    await editor.type("accueil.yaml", "  essai: { say: \"𝄞 été à Noël\", then: general }\n", "");
  });

  test("a step shows what is heard in both languages, its seconds, and the way to an agent", async () => {
    const hover = await editor.ask("hover", "accueil.yaml", editor.position("accueil.yaml", "steps:", "principal:"));
    assert.equal(hover.contents.kind, "markdown");
    assert.match(hover.contents.value, /\*français\*: \d+\.\d s/);
    assert.match(hover.contents.value, /Pour un titre de séjour, tapez sur la touche numéro un\./);
    assert.match(hover.contents.value, /\*English\*: \d+\.\d s/);
    assert.match(hover.contents.value, /For a residence permit, press one\./);
    assert.match(hover.contents.value, /To an agent: `0`, to `general`/);
  });

  test("a key is explained", async () => {
    const hover = await editor.ask("hover", "accueil.yaml", editor.position("accueil.yaml", "steps:", "menu:"));
    assert.match(hover.contents.value, /Choices by one key/);
  });

  test("names and keys are completed", async () => {
    await editor.type("accueil.yaml", "go: sejour", "go: se");
    const at = editor.position("accueil.yaml", "go: se", "\n");
    const items = await editor.ask("completion", "accueil.yaml", at);
    const item = items.find((one) => one.label === "sejour");
    assert.equal(editor.text("accueil.yaml", item.textEdit.range), "se");
    assert.equal(item.textEdit.newText, "sejour");
    await editor.type("accueil.yaml", "go: se\n", "go: sejour\n");
  });

  test("a step is renamed wherever it is named", async () => {
    const at = editor.position("accueil.yaml", "steps:", "principal:");
    const range = await editor.ask("prepareRename", "accueil.yaml", at);
    assert.equal(editor.text("accueil.yaml", range), "principal");
    const { changes } = await editor.ask("rename", "accueil.yaml", at, { newName: "choix" });
    const edits = changes[editor.uri("accueil.yaml")];
    const uses = editor.texts.get("accueil.yaml").match(/^  principal:|: principal$/gm);
    assert.equal(edits.length, uses.length);
    for (const edit of edits) assert.equal(editor.text("accueil.yaml", edit.range), "principal");
    await assert.rejects(editor.ask("rename", "accueil.yaml", at, { newName: "general" }), /there is a step `general` already/);
    await assert.rejects(editor.ask("rename", "accueil.yaml", at, { newName: "a b" }), /can't be a step's name/);
  });

  test("the outline has the steps", async () => {
    const symbols = await editor.ask("documentSymbol", "accueil.yaml");
    const steps = symbols.find((symbol) => symbol.name === "steps").children;
    assert.deepEqual(steps.find((step) => step.name === "principal").detail, "menu");
  });
});

test("an editor that goes without a word ends the program, which says so", async () => {
  const editor = await start("france-services");
  assert.equal(await editor.vanish(), 1);
});
