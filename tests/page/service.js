// The program under test: a service that is open, with its callbacks on the web.

import { spawn } from "node:child_process";
import { mkdtemp, mkdir, writeFile, cp, rm } from "node:fs/promises";
import { createServer } from "node:net";
import { tmpdir } from "node:os";
import path from "node:path";
import { fileURLToPath } from "node:url";

export const root = path.resolve(path.dirname(fileURLToPath(import.meta.url)), "../..");
export const program = process.env.SVI_PROGRAM ?? path.join(process.env.CARGO_TARGET_DIR ?? path.join(root, "target"), "debug/svi");

/** Starts `svi serve` on a Tuesday morning; `web` holds the lines under `web:`. */
export async function serve(web, at = "2026-11-24T10:00", services = ["france-services"]) {
  const folder = await mkdtemp(path.join(tmpdir(), "svi-page-"));
  await mkdir(path.join(folder, "flows"));
  for (const service of services) {
    await cp(path.join(root, "flows", service), path.join(folder, "flows", service), { recursive: true });
  }
  const [sip, http] = [await free(), await free()];
  const lines = web.map((line) => `  ${line}\n`).join("");
  const settings = `web:\n${lines}trunk: { address: "127.0.0.1:${await free()}" }\n` +
    `paths: { flows: ${folder}/flows, prompts: ${root}/prompts, data: ${folder}/data }\n`;
  await writeFile(path.join(folder, "svi.yaml"), settings);
  const args = ["serve", "--config", `${folder}/svi.yaml`, "--sip", `127.0.0.1:${sip}`, "--http", `127.0.0.1:${http}`, "--at", at];
  const child = spawn(program, args, { stdio: ["ignore", "ignore", "pipe"] });
  let log = "";
  child.stderr.on("data", (data) => { log += data; });
  const gone = new Promise((resolve) => child.once("exit", resolve));
  const origin = `http://127.0.0.1:${http}`;
  await ready(`${origin}/readyz`, child, () => log);
  const stop = async () => {
    child.kill("SIGKILL");
    await gone;
    await rm(folder, { recursive: true, force: true });
  };
  return { origin, stop, log: () => log };
}

async function ready(url, child, log) {
  const deadline = Date.now() + 30_000;
  while (Date.now() < deadline && child.exitCode === null) {
    const answer = await fetch(url).catch(() => null);
    if (answer?.status === 200) return;
    await new Promise((resolve) => setImmediate(resolve));
  }
  throw new Error(`the service does not start:\n${log()}`);
}

function free() {
  return new Promise((resolve) => {
    const server = createServer().listen(0, "127.0.0.1", () => {
      const { port } = server.address();
      server.close(() => resolve(port));
    });
  });
}
