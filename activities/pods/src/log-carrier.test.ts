import type { ServerResponse } from "node:http";
import { LogFenced } from "@slipway/dag";
import { afterEach, beforeEach, expect, test, vi } from "vitest";
import type { Cluster } from "./cluster.ts";
import { Latest } from "./latest.ts";
import { carryLog, type ContainerLife } from "./log-carrier.ts";
import { ApiDouble } from "./testing/api-double.ts";
import { anAttempt } from "./testing/pods.ts";
import { eventually, memoryLog, MemoryLogs } from "./testing/sinks.ts";

let double: ApiDouble;
let cluster: Cluster;
let logs: MemoryLogs;

beforeEach(async () => {
  // Backoff without its jitter: 0.1 s.
  vi.spyOn(Math, "random").mockReturnValue(0);
  double = await ApiDouble.start();
  cluster = double.connect();
  logs = new MemoryLogs();
  double.put({ metadata: { name: "p", namespace: "ns" } });
});
afterEach(async () => {
  vi.restoreAllMocks();
  await cluster.close();
  await double.close();
});

/** A kubelet's log file: lines with their times, served as the kubelet does (by whole seconds). */
class LogFile {
  readonly #lines: string[] = [];
  add(second: number, text: string): void {
    const nanos = String(this.#lines.length).padStart(9, "0");
    this.#lines.push(`2026-11-22T10:00:${String(second).padStart(2, "0")}.${nanos}Z ${text}\n`);
  }
  since(sinceTime: string | null): string {
    const second = sinceTime?.slice(0, 19) ?? "";
    return this.#lines.filter((line) => line.slice(0, 19) >= second).join("");
  }
  first(limit: string): string {
    return (this.#lines[0] ?? "").slice(0, Number(limit));
  }
}

function carry(over: { life?: ContainerLife; giveUpMs?: number; rotationBytes?: number; leaving?: true } = {}) {
  const life = new Latest<ContainerLife>(over.life ?? "running");
  const stop = new AbortController();
  const log = memoryLog();
  const done = carryLog({
    cluster,
    pod: { namespace: "ns", name: "p" },
    ref: { attempt: anAttempt(), container: "main", podUid: "u", restart: 0 },
    epoch: { hop: 0, stage: 0, attempt: 1 },
    sink: logs,
    log,
    life: () => life.value,
    lifeChange: async (ms, signal) => {
      await life.next(ms, signal);
    },
    leaving: () => over.leaving === true,
    signal: stop.signal,
    rotationBytes: over.rotationBytes ?? 10_000_000,
    ...(over.giveUpMs === undefined ? {} : { giveUpMs: over.giveUpMs }),
  });
  return { done, life, stop, log };
}

const texts = () => logs.texts("main");

test("follows while the container runs, then reads until nothing is added, then ends", async () => {
  const file = new LogFile();
  const open: ServerResponse[] = [];
  const asked: string[] = [];
  double.onLog = (query, answer) => {
    asked.push(`${query.get("follow")} ${query.get("sinceTime")}`);
    if (query.get("follow") !== "true") return void answer.end(file.since(query.get("sinceTime")));
    open.push(answer);
    answer.write(file.since(query.get("sinceTime")));
  };
  file.add(1, "one");
  file.add(1, "zwö");
  const { done, life } = carry();
  await eventually(() => texts().length === 2);
  // Written behind the follower's back: the stream ends before it was sent.
  file.add(2, "three");
  life.set("ended");
  open[0]?.end();
  expect(await done).toEqual({ kind: "ended", end: { lines: 3, bytes: 0, complete: true } });
  expect(texts()).toEqual(["one", "zwö", "three"]);
  expect(asked).toEqual(["true null", "false 2026-11-22T10:00:00Z", "false 2026-11-22T10:00:01Z"]);
});

test("a connection cut every few bytes loses nothing and repeats nothing", async () => {
  const file = new LogFile();
  const expected = Array.from({ length: 300 }, (_, i) => `line ${i} ÄÖÜ €`);
  expected.forEach((text, i) => {
    file.add(Math.floor(i / 50), text);
  });
  let budget = 700;
  double.onLog = (query, answer) => {
    const all = Buffer.from(file.since(query.get("sinceTime")));
    answer.writeHead(200);
    answer.write(all.subarray(0, budget), () => {
      if (budget < all.length) answer.destroy();
      else answer.end();
      budget += 501;
    });
  };
  const { done } = carry({ life: "ended" });
  expect(await done).toMatchObject({ kind: "ended", end: { complete: true } });
  expect(texts()).toEqual(expected);
}, 60_000);

test("an end of stream in the middle of a line while the container runs is read again whole", async () => {
  const file = new LogFile();
  file.add(1, "first");
  file.add(1, "second");
  let reads = 0;
  double.onLog = (query, answer) => {
    const all = file.since(query.get("sinceTime"));
    answer.end(reads++ === 0 ? all.slice(0, -4) : all);
  };
  const { done, life } = carry();
  await eventually(() => texts().length === 2);
  life.set("ended");
  await done;
  expect(texts()).toEqual(["first", "second"]);
});

test("last words without a newline are a line, once the container has ended", async () => {
  double.onLog = (_query, answer) => answer.end("2026-11-22T10:00:01.000000001Z bye");
  await carry({ life: "ended" }).done;
  expect(texts()).toEqual(["bye"]);
});

test("a server's complaint is never a line; it is tried again, and given up with a gap", async () => {
  double.onLog = (_query, answer) => answer.end("failed to create fsnotify watcher: too many open files");
  const { done, log } = carry({ life: "ended", giveUpMs: 300 });
  expect(await done).toMatchObject({ kind: "ended", end: { lines: 0, complete: false } });
  expect(logs.of("main").gaps).toEqual(["failed to create fsnotify watcher: too many open files"]);
  expect(log.warnings).toContain("reading a log broke; trying again");
});

test("the pod is gone: a gap and an incomplete end, at once", async () => {
  double.remove("ns", "p");
  expect(await carry({ life: "gone" }).done).toMatchObject({ kind: "ended", end: { complete: false } });
  expect(logs.of("main").gaps).toEqual(["the pod was gone before its log was read to the end"]);
});

test("a clean end of a follow while the container runs is no last word, though the pod is gone then", async () => {
  const file = new LogFile();
  file.add(1, "one");
  double.onLog = (_query, answer) => {
    double.remove("ns", "p");
    answer.end(file.since(null));
  };
  const { done, life } = carry();
  await eventually(() => double.requests.length > 1);
  life.set("gone");
  expect(await done).toMatchObject({ kind: "ended", end: { complete: false } });
  expect(logs.of("main").gaps).toEqual(["the pod was gone before its log was read to the end"]);
});

test("a deleted pod: the follow is let see the end, and is the last word where the log is gone then, and the pod", async () => {
  const file = new LogFile();
  file.add(1, "one");
  const open: ServerResponse[] = [];
  let complaints = 0;
  double.onLog = (_query, answer) => {
    if (open.length > 0) {
      if (++complaints === 2) double.remove("ns", "p");
      return void answer.end("unable to retrieve container logs for containerd://1");
    }
    answer.write(file.since(null));
    open.push(answer);
  };
  const { done, life } = carry({ leaving: true });
  await eventually(() => texts().length === 1);
  life.set("ended");
  open[0]?.end("2026-11-22T10:00:02.000000001Z bye\n");
  expect(await done).toMatchObject({ kind: "ended", end: { complete: true } });
  expect(texts()).toEqual(["one", "bye"]);
  expect(complaints).toBe(2);
});

test("a container that never ran has an empty, complete log, and nobody asks for it", async () => {
  expect(await carry({ life: "unborn" }).done).toEqual({ kind: "ended", end: { lines: 0, bytes: 0, complete: true } });
  expect(double.requests).toEqual([]);
});

test("a sink that fails is opened again, and goes on behind its own cursor", async () => {
  const file = new LogFile();
  for (const text of ["a", "b", "c"]) file.add(1, text);
  double.onLog = (query, answer) => answer.end(file.since(query.get("sinceTime")));
  logs.faults.open.push(new Error("NATS is away"));
  logs.faults.write.push(new Error("NATS went away"));
  expect(await carry({ life: "ended" }).done).toMatchObject({ kind: "ended" });
  expect(texts()).toEqual(["a", "b", "c"]);
});

test("a sink that is opened again is told where its log stood, in case it has kept nothing", async () => {
  const file = new LogFile();
  for (const text of ["a", "b"]) file.add(1, text);
  double.onLog = (query, answer) => answer.end(file.since(query.get("sinceTime")));
  const { done, life } = carry();
  await eventually(() => texts().length === 2);
  logs.faults.write.push(new Error("NATS went away"));
  file.add(2, "c");
  life.set("ended");
  expect(await done).toMatchObject({ kind: "ended", end: { lines: 3 } });
  const [first, ...again] = logs.checkpoints;
  expect(first).toBeUndefined();
  expect(again[0]).toMatchObject({ line: 3, bytes: 4, gaps: 0, cursor: { seen: 2 } });
});

test("a sink that stays away is not waited for longer than allowed", async () => {
  logs.faults.open.push(...Array.from({ length: 100 }, () => new Error("NATS is away")));
  expect(await carry({ life: "ended", giveUpMs: 200 }).done).toEqual({ kind: "undelivered" });
});

test("a sink without room: it waits, stops when told to, and gives up when it may", async () => {
  const file = new LogFile();
  file.add(1, "a");
  double.onLog = (query, answer) => answer.end(file.since(query.get("sinceTime")));
  const room = Promise.withResolvers<void>();
  logs.room = room.promise;
  expect(await carry({ life: "ended", giveUpMs: 100 }).done).toEqual({ kind: "undelivered" });
  const { done, stop } = carry({ life: "ended" });
  await eventually(() => double.requests.length >= 2);
  stop.abort();
  expect(await done).toEqual({ kind: "stopped" });
  logs.room = Promise.resolve();
  expect(await carry({ life: "ended" }).done).toMatchObject({ kind: "ended", end: { lines: 1 } });
  room.resolve();
});

test("fenced: a later watcher has taken over", async () => {
  logs.faults.open.push(new LogFenced());
  expect(await carry().done).toEqual({ kind: "fenced", by: "watcher" });
});

test("stopped: no end is written, and the open stream is closed", async () => {
  let closed = false;
  double.onLog = (_query, answer) => {
    answer.write("2026-11-22T10:00:01.000000001Z x\n");
    answer.on("close", () => {
      closed = true;
    });
  };
  const { done, stop } = carry();
  await eventually(() => texts().length === 1);
  stop.abort();
  expect(await done).toEqual({ kind: "stopped" });
  await eventually(() => closed);
  expect(logs.of("main").end).toBeUndefined();
});

test("a log that was rotated between two readings: a gap, then only what is newer", async () => {
  const [before, after] = [new LogFile(), new LogFile()];
  for (const text of ["a", "b"]) before.add(1, text);
  after.add(5, "z");
  double.onLog = (_query, answer) => answer.end(before.since(null));
  const { stop, done } = carry();
  await eventually(() => texts().length === 2);
  stop.abort();
  await done;
  double.onLog = (query, answer) => answer.end(after.since(query.get("sinceTime")));
  expect(await carry({ life: "ended" }).done).toMatchObject({ end: { complete: false } });
  expect(texts()).toEqual(["a", "b", "z"]);
  expect(logs.of("main").gaps).toHaveLength(1);
});

test("a log that was rotated, and the container ended without another line: a gap, and an end that is not complete", async () => {
  const before = new LogFile();
  for (const text of ["a", "b"]) before.add(1, text);
  double.onLog = (_query, answer) => answer.end(before.since(null));
  const { stop, done } = carry();
  await eventually(() => texts().length === 2);
  stop.abort();
  await done;
  double.onLog = (_query, answer) => answer.end();
  expect(await carry({ life: "ended" }).done).toMatchObject({ end: { lines: 2, complete: false } });
  expect(logs.of("main").gaps).toEqual(["the log was rotated or its clock stepped back"]);
});

test("one answer that ends early, without an error: the next reading finds the rest, and nothing is missing", async () => {
  const file = new LogFile();
  for (const text of ["a", "b"]) file.add(1, text);
  double.onLog = (_query, answer) => answer.end(file.since(null));
  const { stop, done } = carry();
  await eventually(() => texts().length === 2);
  stop.abort();
  await done;
  file.add(2, "c");
  let reads = 0;
  double.onLog = (query, answer) => answer.end(reads++ === 0 ? "" : file.since(query.get("sinceTime")));
  expect(await carry({ life: "ended" }).done).toMatchObject({ end: { lines: 3, complete: true } });
  expect(logs.of("main").gaps).toEqual([]);
});

test("rotated while it is followed: a gap between the last line of the old file and the first of the new one", async () => {
  const [before, after] = [new LogFile(), new LogFile()];
  const open: ServerResponse[] = [];
  let current = before;
  double.onLog = (query, answer) => {
    const limit = query.get("limitBytes");
    if (limit !== null) return void answer.end(current.first(limit));
    const all = current.since(query.get("sinceTime"));
    if (query.get("follow") !== "true") return void answer.end(all);
    open.push(answer);
    answer.write(all);
  };
  for (const second of [1, 2, 3]) before.add(second, "x".repeat(300));
  const { done, life } = carry({ rotationBytes: 1_000 });
  await eventually(() => texts().length === 3);
  // Line 4 went to the old file when nobody read it any more; the follow goes on with the new one.
  for (const second of [5, 6, 7]) after.add(second, "y".repeat(300));
  current = after;
  open[0]?.write(after.since(null));
  await eventually(() => texts().length === 6);
  life.set("ended");
  expect(await done).toMatchObject({ kind: "ended", end: { lines: 6, complete: false } });
  expect(logs.of("main").intervals).toEqual([
    { from: "2026-11-22T10:00:03.000000002Z", to: "2026-11-22T10:00:05.000000000Z" },
  ]);
  expect(open).toHaveLength(1);
});
