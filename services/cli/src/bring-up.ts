import { fileURLToPath } from "node:url";
import { isDeepStrictEqual } from "node:util";
import { everyQueueServed, type SlipwayClient } from "@slipway/client";
import { problem, SlipwayError } from "@slipway/dag";
import {
  findDaemon,
  type Progress,
  readStack,
  type StackDaemon,
  type StackInfo,
  startDaemon,
  up,
} from "@slipway/local";
import { firstLine, Interrupted } from "./failure.ts";
import type { StackFlags } from "./flags.ts";
import { NO_NATS_LOGIN } from "./nats-settings.ts";
import { withClient } from "./session.ts";
import { stackRoot } from "./stack.ts";
import { pause } from "./pause.ts";
import type { World } from "./world.ts";

/** A stack with a worker that polls. */
export interface RunningStack {
  readonly root: string;
  readonly info: StackInfo;
  readonly worker: StackDaemon;
}

const WORKER = "worker";
/** A worker bundles its workflows first: some seconds on a busy host. */
const POLLS_MS = 90_000;
const STOPS_MS = 25_000;

/** Starts what does not run: servers, then a worker; returns when the worker polls. Twice is fine. */
export async function bringUp(
  world: World,
  flags: StackFlags,
  log: Progress,
  signal: AbortSignal,
): Promise<RunningStack> {
  const root = stackRoot(world);
  const before = readStack(root);
  log.expect(1);
  const info = await up({ root, ...flags, log, signal });
  if (before !== undefined && !sameServers(before, info)) await stopWorker(root);
  const step = log.step("start a worker");
  try {
    const worker = await startWorker(root, info);
    await untilItPolls(world, root, info, worker, signal);
    step.done(worker.started ? `pid ${worker.pid}` : `runs already, pid ${worker.pid}`);
    return { root, info, worker };
  } catch (error) {
    step.fail(firstLine(error));
    throw error;
  }
}

function sameServers(a: StackInfo, b: StackInfo): boolean {
  return isDeepStrictEqual(
    [a.temporal.address, a.nats.url, a.kubernetes],
    [b.temporal.address, b.nats.url, b.kubernetes],
  );
}

/** The node that runs this, on the main module itself: no launcher between the daemon's record and the worker. */
async function startWorker(root: string, { temporal, nats, kubernetes }: StackInfo): Promise<StackDaemon> {
  const main = fileURLToPath(new URL("./main.ts", import.meta.url));
  const where = [
    "--temporal",
    temporal.address,
    "--nats",
    nats.url,
    "--kubeconfig",
    kubernetes.kubeconfig,
    "--context",
    kubernetes.context,
  ];
  return await startDaemon(root, {
    name: WORKER,
    command: process.execPath,
    args: [...process.execArgv, main, "worker", ...where],
    ...(nats.origin === "given" ? {} : { env: NO_NATS_LOGIN }),
  });
}

/** A worker of other servers would take up nothing of this stack. */
async function stopWorker(root: string): Promise<void> {
  const deadline = Date.now() + STOPS_MS;
  const running = findDaemon(root, WORKER);
  if (running !== undefined) process.kill(running.pid, "SIGTERM");
  while (findDaemon(root, WORKER) !== undefined && Date.now() < deadline)
    await pause(100, new AbortController().signal);
}

async function untilItPolls(
  world: World,
  root: string,
  info: StackInfo,
  worker: StackDaemon,
  signal: AbortSignal,
): Promise<void> {
  const flags = { temporal: info.temporal.address, nats: info.nats.url };
  await withClient(world, flags, async (client) => {
    const deadline = Date.now() + POLLS_MS;
    while (!(await polls(client, worker))) {
      if (signal.aborted) throw new Interrupted("stopped; the stack stays up: `slipway down` stops it");
      const alive = findDaemon(root, WORKER) !== undefined;
      if (!alive || Date.now() > deadline) throw notPolling(worker, alive);
      await pause(200, signal);
    }
  });
}

/** Temporal's SDK names a worker `<pid>@<host>`. */
async function polls(client: SlipwayClient, { pid }: StackDaemon): Promise<boolean> {
  const queues = await client.workersPolling();
  const ours = queues.map((queue) => ({
    ...queue,
    workers: queue.workers.filter(({ identity }) => identity.startsWith(`${pid}@`)),
  }));
  return everyQueueServed(ours);
}

function notPolling({ logFile }: StackDaemon, alive: boolean): SlipwayError {
  const what = alive ? `the worker does not poll after ${POLLS_MS / 1000} s` : "the worker has ended";
  return new SlipwayError([
    problem("no-worker", `${what}; its log is ${logFile}`, {
      fix: `read ${logFile}, mend the cause, and run the same command again`,
    }),
  ]);
}
