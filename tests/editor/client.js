// A client of the language server, with the library that VS Code's own client is made of.

import { spawn } from "node:child_process";
import { cp, mkdtemp, rm, readFile } from "node:fs/promises";
import { tmpdir } from "node:os";
import path from "node:path";
import { pathToFileURL } from "node:url";
import { createProtocolConnection, StreamMessageReader, StreamMessageWriter } from "vscode-languageserver-protocol/node";
import { program, root } from "./schemas.js";

/** Starts `svi lsp` on a copy of a shipped service, in a folder whose name needs escaping. */
export async function start(service) {
  const folder = await mkdtemp(path.join(tmpdir(), "svi éditeur-"));
  await cp(path.join(root, "flows", service), path.join(folder, service), { recursive: true });
  const child = spawn(program, ["lsp", "--prompts", path.join(root, "prompts")], { stdio: ["pipe", "pipe", "inherit"] });
  const ended = new Promise((resolve) => child.once("exit", (code) => resolve(code)));
  const connection = createProtocolConnection(new StreamMessageReader(child.stdout), new StreamMessageWriter(child.stdin));
  const told = new Map();
  const waiting = [];
  connection.onNotification("textDocument/publishDiagnostics", ({ uri, diagnostics }) => {
    told.set(uri, diagnostics);
    for (const wait of [...waiting]) wait();
  });
  connection.listen();
  const initialized = await connection.sendRequest("initialize", {
    processId: process.pid, rootUri: pathToFileURL(folder).href, capabilities: {},
  });
  await connection.sendNotification("initialized", {});
  return new Client({ folder, service, child, ended, connection, told, waiting, initialized });
}

class Client {
  constructor(parts) {
    Object.assign(this, parts);
    this.texts = new Map();
  }

  uri(file) { return pathToFileURL(path.join(this.folder, this.service, file)).href; }

  async open(file) {
    const text = await readFile(path.join(this.folder, this.service, file), "utf8");
    this.texts.set(file, text);
    const textDocument = { uri: this.uri(file), languageId: "yaml", version: 1, text };
    await this.connection.sendNotification("textDocument/didOpen", { textDocument });
  }

  /** Types something else in the place of a text. */
  async type(file, old, put) {
    const before = this.texts.get(file);
    if (!before.includes(old)) throw new Error(`\`${old}\` is not in ${file}`);
    const text = before.replace(old, put);
    this.texts.set(file, text);
    const textDocument = { uri: this.uri(file), version: this.texts.size };
    await this.connection.sendNotification("textDocument/didChange", { textDocument, contentChanges: [{ text }] });
  }

  /** Waits until what is told of a file is what is wanted. */
  diagnostics(file, wanted) {
    const uri = this.uri(file);
    return new Promise((resolve, reject) => {
      const seen = () => JSON.stringify(this.told.get(uri));
      const deadline = setTimeout(() => reject(new Error(`never told; last was ${seen()}`)), 20_000);
      const look = () => {
        const diagnostics = this.told.get(uri);
        if (diagnostics && wanted(diagnostics)) { clearTimeout(deadline); resolve(diagnostics); }
      };
      this.waiting.push(look);
      look();
    });
  }

  /** The position of `within` behind `after`, in lines and UTF-16 units, as JavaScript counts. */
  position(file, after, within) {
    const text = this.texts.get(file);
    const start = text.indexOf(after);
    const at = text.indexOf(within, start + after.length);
    if (start < 0 || at < 0) throw new Error(`\`${after}\`, \`${within}\` are not in ${file}`);
    const before = text.slice(0, at).split("\n");
    return { line: before.length - 1, character: before.at(-1).length };
  }

  ask(method, file, position, more = {}) {
    return this.connection.sendRequest(`textDocument/${method}`, { textDocument: { uri: this.uri(file) }, position, ...more });
  }

  /** The text of a range. */
  text(file, range) {
    const lines = this.texts.get(file).split("\n");
    return lines[range.start.line].slice(range.start.character, range.end.character);
  }

  /** Says good-bye, and gives the program's exit code. */
  async end() {
    await this.connection.sendRequest("shutdown");
    await this.connection.sendNotification("exit");
    const code = await this.ended;
    this.connection.dispose();
    await rm(this.folder, { recursive: true, force: true });
    return code;
  }

  /** Goes without a word. */
  async vanish() {
    this.child.stdin.end();
    const code = await this.ended;
    this.connection.dispose();
    await rm(this.folder, { recursive: true, force: true });
    return code;
  }
}
