/**
 * The first step of `npm run quickstart` and `npm test`, before any package is installed: plain JavaScript, Node 20, no
 * dependencies. Installs the packages when the lockfile changed, finds Node 24, and hands over to the verb's program.
 *
 *   node deploy/local/bootstrap.mjs <quickstart|test|test:faults|test:scale|replay:record|test:stack> [arguments…]
 */
import { spawn, spawnSync } from "node:child_process";
import { createHash } from "node:crypto";
import { existsSync, readFileSync, statSync, writeFileSync } from "node:fs";
import { constants } from "node:os";
import { delimiter, dirname, join } from "node:path";
import { fileURLToPath, pathToFileURL } from "node:url";

const root = join(dirname(fileURLToPath(import.meta.url)), "..", "..");

/** Verb → the program that Node 24 runs, and its first arguments. */
const verbs = new Map([
  ["quickstart", ["services/cli/bin/slipway.js", "quickstart"]],
  ["test", ["test/run.ts"]],
  ["test:faults", ["test/run.ts", "--long", "test/faults/"]],
  ["test:scale", ["test/run.ts", "--long", "test/scale/"]],
  ["replay:record", ["test/replay/src/record.ts"]],
  ["test:stack", ["deploy/local/test/stack.ts"]],
]);

const installLimitMs = 30 * 60_000;
/** How long an interrupted child may clean up. A half done `npm ci` needs none: the next one begins afresh. */
const grace = { program: 90_000, npm: 5000 };
const heartbeatMs = 15_000;

class Stop extends Error {
  constructor(what, why, fix, status = 1) {
    super(`${what}\n  why: ${why}\n  fix: ${fix}`);
    this.status = status;
  }
}

/** "v22.18.0" against [22, 18]. */
export function atLeast(version, [major, minor]) {
  const [haveMajor = 0, haveMinor = 0] = version.replace(/^v/, "").split(".").map(Number);
  return haveMajor > major || (haveMajor === major && haveMinor >= minor);
}

/** What node_modules must be stamped with: the lockfile's content, and the platform its binaries are for. */
export function lockStamp(lockfile, platform = `${process.platform}-${process.arch}`) {
  return `${createHash("sha256").update(lockfile).digest("hex")} ${platform}\n`;
}

function installed() {
  const lockfile = join(root, "package-lock.json");
  const stamp = join(root, "node_modules", ".slipway-stamp");
  if (existsSync(stamp)) return readFileSync(stamp, "utf8") === lockStamp(readFileSync(lockfile));
  // An `npm ci` or `npm install` by hand ends with this file; an interrupted one does not write it.
  const byHand = join(root, "node_modules", ".package-lock.json");
  return existsSync(byHand) && statSync(byHand).mtimeMs >= statSync(lockfile).mtimeMs;
}

/** npm itself: the one that runs us, else the one on PATH. */
function npmCommand() {
  const path = process.env.npm_execpath;
  return path !== undefined && path.endsWith("npm-cli.js") && existsSync(path) ? [process.execPath, path] : ["npm"];
}

async function install() {
  if (installed()) return;
  const [command, ...first] = npmCommand();
  const said = spawnSync(command, [...first, "--version"], { encoding: "utf8", timeout: 30_000 });
  if (said.status !== 0) {
    throw new Stop(
      "the packages cannot be installed",
      "npm is not on PATH",
      "install npm (it comes with Node.js), then repeat",
    );
  }
  const begin = Date.now();
  process.stderr.write("installing packages (npm ci)\n");
  const heartbeat = setInterval(() => {
    if (!process.stderr.isTTY)
      process.stderr.write(`installing packages: ${Math.round((Date.now() - begin) / 1000)} s\n`);
  }, heartbeatMs);
  const args = [...first, "ci", "--no-audit", "--no-fund", "--loglevel=error"];
  const end = await runChild(
    command,
    args,
    { cwd: root, stdio: ["ignore", 2, 2], env: process.env },
    grace.npm,
    installLimitMs,
  );
  clearInterval(heartbeat);
  if (end.interrupted !== undefined) process.exit(128 + end.interrupted);
  if (end.status !== 0) {
    throw new Stop(
      "the packages could not be installed",
      `npm ci ended with status ${end.status}; see its lines above`,
      "mend that (no network, a full disk?), then repeat",
    );
  }
  writeFileSync(join(root, "node_modules", ".slipway-stamp"), lockStamp(readFileSync(join(root, "package-lock.json"))));
  process.stderr.write(`installed packages in ${Math.round((Date.now() - begin) / 1000)} s\n`);
}

/** Node 24 from node_modules, else this very Node when it strips types by itself. */
function findNode() {
  const own = join(root, "node_modules", `node-${process.platform}-${process.arch}`, "bin", "node");
  if (existsSync(own)) return own;
  if (atLeast(process.version, [22, 18])) return process.execPath;
  throw new Stop(
    "no Node.js that runs this repository",
    `there is none in node_modules for ${process.platform}-${process.arch}, and this one is ${process.version}`,
    "install Node.js 22.18 or newer, or run npm ci without --omit=optional",
  );
}

/**
 * Runs a child to its end and passes signals on. Ctrl-C in a terminal reaches the child by itself, as it is in our
 * process group; sent to us alone, it is forwarded. Either way the child gets time to clean up.
 */
function runChild(command, args, options, graceMs, limitMs) {
  return new Promise((resolve, reject) => {
    const child = spawn(command, args, options);
    let received;
    const kill = (signal) => child.kill(signal);
    const onSignal = (signal) => {
      const first = received === undefined;
      received ??= signal;
      if (!(signal === "SIGINT" && process.stdin.isTTY)) kill(signal);
      if (first) setTimeout(() => kill("SIGKILL"), graceMs).unref();
    };
    const timer = limitMs === undefined ? undefined : setTimeout(() => kill("SIGTERM"), limitMs);
    for (const signal of ["SIGINT", "SIGTERM", "SIGHUP"]) process.on(signal, onSignal);
    child.once("error", (error) =>
      reject(new Stop(`${command} could not be started`, error.message, "install it, then repeat")),
    );
    child.once("close", (code, signal) => {
      clearTimeout(timer);
      for (const name of ["SIGINT", "SIGTERM", "SIGHUP"]) process.removeListener(name, onSignal);
      const number = (name) => (name == null ? undefined : constants.signals[name]);
      resolve({ status: code ?? 1, signal: number(signal), interrupted: number(received) });
    });
  });
}

async function main([verb, ...args]) {
  const program = verbs.get(verb);
  if (program === undefined) {
    throw new Stop(
      `bootstrap: no verb ${verb ?? "given"}`,
      "it starts what package.json's scripts name",
      `use one of: ${[...verbs.keys()].join(", ")}`,
      2,
    );
  }
  if (!atLeast(process.version, [20, 0])) {
    throw new Stop("this Node.js is too old", `it is ${process.version}`, "install Node.js 20 or newer");
  }
  await install();
  const node = findNode();
  const [file, ...first] = program;
  const env = { ...process.env, PATH: [dirname(node), process.env.PATH ?? ""].join(delimiter) };
  const end = await runChild(node, [join(root, file), ...first, ...args], { stdio: "inherit", env }, grace.program);
  process.exitCode = end.signal === undefined ? end.status : 128 + end.signal;
}

if (process.argv[1] !== undefined && import.meta.url === pathToFileURL(process.argv[1]).href) {
  main(process.argv.slice(2)).catch((error) => {
    process.stderr.write(`${error instanceof Stop ? error.message : error.stack}\n`);
    process.exitCode = error instanceof Stop ? error.status : 1;
  });
}
