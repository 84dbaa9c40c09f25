/** Many numbered lines from one pod, while everything between it and the stream breaks: none is lost unsaid, none is there twice. */
import { aFleet, brokenWay, type Command, eventually, type Fleet, LONG, logRotator } from "@slipway/testbed";
import { setTimeout as sleep } from "node:timers/promises";
import type { V1Pod } from "@kubernetes/client-node";
import { inject, test, type TestContext } from "vitest";
import { insideGap, missing, parseLog, repeats, tells } from "./numbered.ts";

const SIZE = LONG
  ? { lines: 1_000_000, batches: 2_000, kills: 2, file: 1024 * 1024, cutMs: 3_000 }
  : { lines: 20_000, batches: 500, kills: 1, file: 64 * 1024, cutMs: 2_000 };
const PER_BATCH = SIZE.lines / SIZE.batches;
/** A line in the kubelet's file beside its text. */
const OVERHEAD = 42;
/** Each line is its number, padded to this. */
const DIGITS = 7;

interface Story {
  readonly fleet: Fleet;
  readonly stop: () => Promise<unknown>;
  readonly restart: () => Promise<void>;
}

/** They mostly wait; of the long ones each keeps both cores busy. */
const stories = LONG ? test : test.concurrent;

/** A worker behind connections that are reset every few seconds. */
async function aStory({ onTestFinished }: TestContext): Promise<Story> {
  const stack = inject("slipway");
  const way = await brokenWay(stack);
  onTestFinished(() => way.close());
  const env = {
    SLIPWAY_KUBECONFIG: way.kubeconfig,
    SLIPWAY_LOG_ROTATION_BYTES: String(SIZE.file),
    SLIPWAY_LOG_BYTES: String(256 * 1024 * 1024),
  };
  const fleet = await aFleet(stack, { worker: false, env });
  const cutting = setInterval(() => way.cut(), SIZE.cutMs);
  onTestFinished(async () => {
    clearInterval(cutting);
    await fleet.close();
  });
  let worker: Command | undefined;
  const restart = async () => {
    worker = await fleet.startWorker();
  };
  await restart();
  return { fleet, restart, stop: async () => await worker?.stop("SIGKILL") };
}

async function startCounting({ fleet }: Story): Promise<{ pod: V1Pod; result: Promise<unknown> }> {
  const script = `i=0; while [ $i -lt ${SIZE.batches} ]; do seq -f %0${DIGITS}.0f $((i*${PER_BATCH}+1)) $(((i+1)*${PER_BATCH})); i=$((i+1)); sleep 0.1; done`;
  const tasks = { count: { image: "slipway.local/debian:12", command: ["sh", "-c", script] } };
  const handle = await fleet.temporal.workflow.start("runDag", {
    taskQueue: fleet.installation,
    workflowId: `dag/numbers/${fleet.installation}`,
    args: [{ dag: { dag: "numbers", defaults: { namespace: fleet.namespace }, tasks } }],
  });
  const pod = await eventually("the pod runs", async () => {
    const { items } = await fleet.pods.listNamespacedPod({ namespace: fleet.namespace });
    return items.find(({ status }) => status?.phase === "Running");
  });
  const result = handle.result();
  result.catch(() => undefined);
  return { pod, result };
}

async function published({ fleet }: Story, line: number): Promise<void> {
  const watched = fleet.start("logs", `numbers/${fleet.installation}`, "count", "-f", "--tail", "1");
  await eventually(`line ${line} is published`, () => Number(watched.stdout().slice(-DIGITS - 1)) >= line, 600);
  await watched.stop("SIGKILL");
}

/** The worker is killed when so many lines are published, and another one started. */
async function killAt(story: Story, shares: readonly number[]): Promise<void> {
  for (const share of shares) {
    await published(story, Math.floor(SIZE.lines * share));
    await story.stop();
    await story.restart();
  }
}

const KILLS = SIZE.kills === 2 ? [0.2, 0.55] : [0.3];

async function readBack({ fleet }: Story) {
  return parseLog((await fleet.run("logs", `numbers/${fleet.installation}`, "count", "-o", "json")).stdout);
}

stories(
  "numbered lines: connections cut every few seconds, the worker killed: none lost, none twice, totals equal",
  async (context) => {
    const { expect } = context;
    const told = await aStory(context);
    const { result } = await startCounting(told);
    await killAt(told, KILLS);
    await result;
    const log = await readBack(told);
    expect({ repeats: repeats(log), missing: missing(log, SIZE.lines), gaps: log.gaps }).toEqual({
      repeats: 0,
      missing: [],
      gaps: [],
    });
    expect(log.ends).toEqual([{ lines: SIZE.lines, bytes: SIZE.lines * (DIGITS + 1), complete: true }]);
  },
  900_000,
);

/** How often it was done: a container that has ended has no file to rotate. */
async function rotateEvery(ms: number, times: number, over: AbortSignal, rotate: () => Promise<void>): Promise<number> {
  for (let count = 0; count < times; count += 1) {
    await sleep(ms, undefined, { signal: over }).catch(() => undefined);
    if (over.aborted) return count;
    const done = await rotate().then(
      () => true,
      () => false,
    );
    if (!done) return count;
  }
  return times;
}

stories(
  "numbered lines, rotated meanwhile: the gaps tell exactly what is missing, nothing is there twice",
  async (context) => {
    const { expect } = context;
    const told = await aStory(context);
    const rotate = await logRotator();
    const { pod, result } = await startCounting(told);
    const perFile = SIZE.file / (DIGITS + OVERHEAD);
    const files = Math.floor(SIZE.lines / perFile) - 1;
    // A file that went before anybody had read of it is nobody's to miss.
    await published(told, 1);
    const over = new AbortController();
    const finished = result.finally(() => over.abort());
    finished.catch(() => undefined);
    const everyMs = (SIZE.batches * 100) / files;
    const rotating = rotateEvery(everyMs, files, over.signal, () => rotate(pod, "main"));
    await killAt(told, KILLS);
    await finished;
    expect(await rotating).toBeGreaterThan(2);
    const log = await readBack(told);
    const holes = missing(log, SIZE.lines);
    expect(repeats(log)).toBe(0);
    expect(holes.length).toBeGreaterThan(0);
    expect(holes.filter((hole) => !log.gaps.some((gap) => tells(gap, hole)))).toEqual([]);
    // Only a watcher's death can leave a gap wider than what is missing: the next one knows less of the file before.
    expect(log.gaps.filter((gap) => insideGap(log, gap) > 0).length).toBeLessThanOrEqual(SIZE.kills);
    const [end] = log.ends;
    expect(end).toEqual({ lines: log.lines.length, bytes: log.lines.length * (DIGITS + 1), complete: false });
  },
  900_000,
);
