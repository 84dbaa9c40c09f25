/**
 * `npm run test:stack`: the stack against this very host. It kills servers and counts what is left, so it needs the host
 * to itself: others who want the node wait. The node's state is wiped. Closing line: `N passed, N failed`.
 */
import assert from "node:assert/strict";
import { execFileSync, spawn } from "node:child_process";
import { existsSync, mkdtempSync, readdirSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import {
  createProgress,
  down,
  ensureBuilt,
  readStack,
  type StackInfo,
  startDaemon,
  startNats,
  startTemporal,
  up,
} from "../src/index.ts";
import { readRecords } from "../src/core/daemon.ts";
import { identify, isAlive } from "../src/core/process-id.ts";
import { waitFor } from "../src/core/wait.ts";
import { requireNodeHost } from "../src/node/host.ts";
import { liveLeases } from "../src/node/lease.ts";
import { nodePaths } from "../src/node/paths.ts";
import { reserveNode } from "../src/node/reservation.ts";
import { stackPaths } from "../src/stack/info.ts";
import { leftovers, linkNames } from "./leftovers.ts";

const root = mkdtempSync(join(tmpdir(), "slipway-stack-"));
const log = createProgress();
const linksBefore = new Set(linkNames());
const limit = { encoding: "utf8", timeout: 60_000 } as const;

function stack(): StackInfo {
  const info = readStack(root);
  assert.ok(info, "up wrote no stack.json");
  return info;
}

function kubectl(...args: string[]): string {
  const { kubernetes } = stack();
  return execFileSync(
    join(nodePaths().bin, "kubectl"),
    ["--kubeconfig", kubernetes.kubeconfig, "--context", kubernetes.context, ...args],
    limit,
  );
}

function nats(...args: string[]): string {
  const folder = stack().binPath.find((path) => existsSync(join(path, "nats")));
  return execFileSync(
    folder === undefined ? "nats" : join(folder, "nats"),
    ["--server", stack().nats.url, ...args],
    limit,
  );
}

const phaseOf = (pod: string): string => kubectl("get", "pod", pod, "-o", "jsonpath={.status.phase}");

/** A pod that runs until it is stopped: what a stop must clean. */
async function runLongPod(name: string): Promise<void> {
  kubectl("run", name, "--image=slipway.local/busybox:1", "--restart=Never", "--command", "--", "sleep", "1000");
  await waitFor({
    what: `pod ${name} to run`,
    timeoutMs: 30_000,
    probe: () => (phaseOf(name) === "Running" ? true : undefined),
  });
}

async function nothingIsLeft(): Promise<void> {
  let left: string[] = [];
  const gone = (): true | undefined => {
    left = leftovers(root, linksBefore);
    return left.length === 0 ? true : undefined;
  };
  await waitFor({ what: "nothing to be left", timeoutMs: 5000, probe: gone, explain: () => left.join("\n") });
}

/** SIGKILL to everything that `up` started, pods not included: their shims live on, as after a real crash. */
async function killEveryServer(): Promise<number> {
  const paths = stackPaths(root);
  const folders = [paths.temporal, paths.temporalUi, paths.nats, paths.holder, paths.daemons, nodePaths().records];
  const records = folders.flatMap((folder) => readRecords(folder)).filter((record) => isAlive(record));
  for (const record of records) process.kill(record.pid, "SIGKILL");
  const dead = (): true | undefined => (records.some((record) => isAlive(record)) ? undefined : true);
  await waitFor({ what: "the killed to be gone", timeoutMs: 5000, probe: dead });
  return records.length;
}

const tests: readonly (readonly [string, () => Promise<void>])[] = [
  [
    "up starts everything; a first pod prints at once",
    async () => {
      await up({ root, log });
      kubectl(
        "run",
        "hello",
        "--image=slipway.local/python:3",
        "--restart=Never",
        "--command",
        "--",
        "python",
        "-c",
        "print('hello')",
      );
      const done = (): true | undefined =>
        kubectl("logs", "hello", "--ignore-errors") === "hello\n" ? true : undefined;
      await waitFor({ what: "the pod's line", timeoutMs: 20_000, probe: done });
      assert.match(await (await fetch(stack().temporal.uiUrl ?? "")).text(), /<html/i);
    },
  ],
  [
    "a missing image is NotFound, not a passing fault",
    async () => {
      kubectl("run", "nope", "--image=slipway.local/nope:1", "--restart=Never");
      const told = (): true | undefined =>
        /not found/i.test(kubectl("get", "events", "--field-selector", "involvedObject.name=nope")) ? true : undefined;
      await waitFor({ what: "the event of the missing image", timeoutMs: 20_000, probe: told });
    },
  ],
  [
    "up twice changes nothing",
    async () => {
      const before = stack();
      assert.deepEqual(await up({ root, log }), before);
    },
  ],
  [
    "down leaves nothing, with a pod and a daemon still running",
    async () => {
      nats("stream", "add", "KEPT", "--subjects", "kept", "--defaults");
      nats("pub", "kept", "still here");
      kubectl("create", "configmap", "kept", "--from-literal=word=here");
      await runLongPod("long");
      const daemon = await startDaemon(root, { name: "worker", command: "sleep", args: ["1000"] });
      const report = await down({ root, log });
      assert.ok(report.stopped.includes("worker") && report.stopped.includes("temporal-server"));
      assert.equal(report.node.node, "stopped");
      assert.equal(isAlive(daemon), false);
      await nothingIsLeft();
      assert.equal((await down({ root, log })).stopped.length, 0);
    },
  ],
  [
    "state survives down and up",
    async () => {
      await up({ root, log });
      assert.match(nats("stream", "get", "KEPT", "1"), /still here/);
      assert.equal(kubectl("get", "configmap", "kept", "-o", "jsonpath={.data.word}"), "here");
      const failed = (): true | undefined => (phaseOf("long") === "Failed" ? true : undefined);
      await waitFor({ what: "the pod that down stopped to be Failed", timeoutMs: 20_000, probe: failed });
    },
  ],
  [
    "up after every server was killed cleans, starts, and keeps the state",
    async () => {
      await runLongPod("orphan");
      assert.ok((await killEveryServer()) >= 11);
      await up({ root, log });
      assert.match(nats("stream", "get", "KEPT", "1"), /still here/);
      await runLongPod("after");
    },
  ],
  [
    "down after every server was killed leaves nothing",
    async () => {
      assert.ok((await killEveryServer()) >= 11);
      await down({ root, log });
      await nothingIsLeft();
    },
  ],
  [
    "an interrupted up leaves nothing",
    async () => {
      const stop = new AbortController();
      setTimeout(() => stop.abort(), 2000).unref();
      await assert.rejects(up({ root, log, signal: stop.signal }), /stopped while/);
      await nothingIsLeft();
    },
  ],
  [
    "a test's own servers die with a test that is killed",
    async () => {
      const dir = mkdtempSync(join(root, "own-"));
      const code = `import("${join(import.meta.dirname, "../src/index.ts")}").then(async (m) => {
        const [t, n] = await Promise.all([m.startTemporal({ dir: "${dir}/t" }), m.startNats({ dir: "${dir}/n" })]);
        console.log(t.pid, n.pid); process.kill(process.pid, "SIGKILL"); })`;
      const child = spawn(process.execPath, ["--input-type=module", "-e", code], {
        stdio: ["ignore", "pipe", "inherit"],
      });
      let said = "";
      for await (const chunk of child.stdout) said += String(chunk);
      const pids = said.trim().split(" ").map(Number);
      assert.equal(pids.length, 2);
      await waitFor({
        what: "the orphans to die",
        timeoutMs: 5000,
        probe: () => (pids.some((pid) => identify(pid) !== undefined) ? undefined : true),
      });
    },
  ],
  [
    "a killed server comes back at the same address with its data",
    async () => {
      const dir = mkdtempSync(join(root, "back-"));
      const [temporal, queue] = await Promise.all([
        startTemporal({ dir: join(dir, "t") }),
        startNats({ dir: join(dir, "n") }),
      ]);
      await Promise.all([temporal.kill9(), queue.kill9()]);
      const [again, queueAgain] = await Promise.all([
        startTemporal({ dir: join(dir, "t") }),
        startNats({ dir: join(dir, "n") }),
      ]);
      assert.equal(again.address, temporal.address);
      assert.equal(queueAgain.url, queue.url);
      await Promise.all([again.stop(), queueAgain.stop()]);
    },
  ],
  [
    "two builds at once share one, and leave no half",
    async () => {
      const cache = mkdtempSync(join(tmpdir(), "slipway-cache-"));
      const code = `import("${join(import.meta.dirname, "../src/index.ts")}").then((m) => m.ensureBuilt(["crane", "pause"], { log: m.silent }))`;
      const env = { ...process.env, SLIPWAY_CACHE: cache };
      const ends = [1, 2].map(
        async () =>
          await new Promise<number | null>((resolve) => {
            spawn(process.execPath, ["--input-type=module", "-e", code], {
              env,
              stdio: ["ignore", "ignore", "inherit"],
            }).once("close", resolve);
          }),
      );
      assert.deepEqual(await Promise.all(ends), [0, 0]);
      assert.equal(readdirSync(join(cache, "bin")).length, 2);
      assert.deepEqual(readdirSync(join(cache, "tmp")), []);
      rmSync(cache, { recursive: true });
    },
  ],
  [
    "down --wipe removes the state",
    async () => {
      const report = await down({ root, wipe: true, log });
      assert.deepEqual(report.wiped, { checkout: true, node: true });
      assert.equal(existsSync(stackPaths(root).root), false);
      assert.equal(existsSync(nodePaths().etcd), false);
    },
  ],
];

/** Keeps everybody else from the node for as long as this process runs, and waits until those who use it have left. */
async function haveTheHost(): Promise<void> {
  requireNodeHost();
  const paths = nodePaths();
  const users = (): string =>
    liveLeases(paths.leases)
      .map((lease) => `${lease.purpose} (process ${lease.pid})`)
      .join(", ");
  assert.ok(reserveNode(paths, "npm run test:stack"), "another process has the node reserved");
  if (users() !== "") process.stdout.write(`waiting for those who use the node: ${users()}\n`);
  const nobody = (): true | undefined => (users() === "" ? true : undefined);
  await waitFor({ what: "the users of the node to leave", timeoutMs: 10 * 60_000, probe: nobody, explain: users });
}

async function main(): Promise<void> {
  await haveTheHost();
  await down({ root, wipe: true, log });
  await ensureBuilt(["nats-cli"], { log });
  let failed = 0;
  for (const [name, test] of tests) {
    const begin = Date.now();
    try {
      await test();
      process.stdout.write(`ok    ${name} (${((Date.now() - begin) / 1000).toFixed(1)} s)\n`);
    } catch (error) {
      failed++;
      process.stdout.write(`FAIL  ${name}\n${error instanceof Error ? error.stack : String(error)}\n`);
    }
  }
  await down({ root, wipe: true, log });
  rmSync(root, { recursive: true, force: true });
  process.stdout.write(`${tests.length - failed} passed, ${failed} failed\n`);
  process.exitCode = failed === 0 ? 0 : 1;
}

await main();
