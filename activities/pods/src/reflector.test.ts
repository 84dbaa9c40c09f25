import { afterEach, beforeEach, expect, test, vi } from "vitest";
import type { Cluster } from "./cluster.ts";
import type { PodNews } from "./namespace-watch.ts";
import { Reflector } from "./reflector.ts";
import { ApiDouble } from "./testing/api-double.ts";
import { NODE, running, statusOf, terminated } from "./testing/pods.ts";
import { eventually, memoryLog } from "./testing/sinks.ts";

let double: ApiDouble;
let cluster: Cluster;
let log: ReturnType<typeof memoryLog>;
let reflector: Reflector;

beforeEach(async () => {
  // Backoff without its jitter: 0.1 s.
  vi.spyOn(Math, "random").mockReturnValue(0);
  double = await ApiDouble.start();
  cluster = double.connect();
  log = memoryLog();
  reflector = new Reflector(cluster, "a=b", log, { confirmMs: 60_000 });
});
afterEach(async () => {
  vi.restoreAllMocks();
  await reflector.close();
  await cluster.close();
  await double.close();
});

const pod = (name: string, namespace = "ns") => ({
  metadata: { name, namespace },
  spec: { nodeName: NODE },
  status: statusOf(running),
});

function follow(name: string, namespace = "ns") {
  const news: PodNews[] = [];
  const unsubscribe = reflector.subscribe(namespace, name, (one) => news.push(one));
  const last = () => news.at(-1);
  return {
    news,
    unsubscribe,
    last,
    phase: () => {
      const now = last();
      return now === "gone" ? now : now?.phase;
    },
  };
}

const lists = () => double.requests.filter((line) => /pods\?(?!.*watch=true)/.test(line)).length;
const watches = () => double.requests.filter((line) => line.includes("watch=true"));

test("many subscribers share one list and one watch, and each sees its own pod", async () => {
  for (const name of ["a", "b", "c"]) double.put(pod(name));
  const [a, b] = [follow("a"), follow("b")];
  await eventually(() => a.phase() === "Running" && b.phase() === "Running");
  await eventually(() => double.watching === 1);
  double.status("ns", "b", statusOf(terminated(0)));
  await eventually(() => b.phase() === "Succeeded");
  double.put(pod("d"));
  const d = follow("d");
  await eventually(() => d.phase() === "Running");
  double.remove("ns", "a");
  await eventually(() => a.phase() === "gone");
  expect(b.phase()).toBe("Succeeded");
  expect([lists(), watches().length]).toEqual([1, 1]);
  expect(watches()[0]).toContain("allowWatchBookmarks=true");
});

test("a list of many pages is read whole", async () => {
  double.pageSize = 2;
  for (const name of ["a", "b", "c", "d", "e"]) double.put(pod(name));
  const e = follow("e");
  await eventually(() => e.phase() === "Running");
  expect(lists()).toBe(3);
});

test("a broken watch goes on at its bookmark without a new list, and misses nothing", async () => {
  double.put(pod("a"));
  const a = follow("a");
  await eventually(() => a.phase() === "Running" && double.watching === 1);
  double.bookmark();
  double.put(pod("other"));
  double.cutWatches();
  double.status("ns", "a", statusOf(terminated(1), { phase: "Failed" } as const));
  await eventually(() => a.phase() === "Failed");
  expect(lists()).toBe(1);
  expect(log.warnings).toEqual(["the watch of pods broke"]);
});

test("410 in the watch: everything is listed again, and the difference told", async () => {
  double.put(pod("a"));
  double.put(pod("b"));
  const [a, b] = [follow("a"), follow("b")];
  await eventually(() => a.phase() === "Running" && b.phase() === "Running" && double.watching === 1);
  double.remove("ns", "a", { silently: true });
  double.expireWatches();
  await eventually(() => a.phase() === "gone");
  expect(b.phase()).toBe("Running");
  expect(lists()).toBe(2);
});

test("trouble of every kind is tried again until it passes", async () => {
  double.put(pod("a"));
  for (const status of [500, 503, 401, 401, 403, 429])
    double.faults.push({ match: /^GET .*pods\?labelSelector/, status });
  const a = follow("a");
  await eventually(() => a.phase() === "Running", 20_000);
  expect(log.warnings.length).toBeGreaterThanOrEqual(4);
}, 30_000);

test("a server that ends each watch at once is not asked in a hot loop", async () => {
  double.put(pod("a"));
  const a = follow("a");
  await eventually(() => a.phase() === "Running" && double.watching === 1);
  const before = watches().length;
  const until = performance.now() + 600;
  while (performance.now() < until) {
    double.cutWatches(true);
    await new Promise((resolve) => setImmediate(resolve));
  }
  expect(watches().length - before).toBeLessThan(12);
});

test("a pod that the watch never shows is asked for by name, and found to be gone", async () => {
  await reflector.close();
  reflector = new Reflector(cluster, "a=b", log, { confirmMs: 20 });
  const ghost = follow("ghost");
  await eventually(() => ghost.phase() === "gone");
  expect(double.requests).toContain("GET /api/v1/namespaces/ns/pods/ghost");
});

test("a namespace nobody asks about is not watched any more; unsubscribing ends the news", async () => {
  await reflector.close();
  reflector = new Reflector(cluster, "a=b", log, { confirmMs: 60_000, idleMs: 10 });
  double.put(pod("a"));
  const a = follow("a");
  const again = follow("a");
  await eventually(() => a.phase() === "Running" && double.watching === 1);
  a.unsubscribe();
  a.unsubscribe();
  double.status("ns", "a", statusOf(terminated(0)));
  await eventually(() => again.phase() === "Succeeded");
  expect(a.phase()).toBe("Running");
  again.unsubscribe();
  await eventually(() => double.watching === 0);
});

const warned = (uid: string, namespace = "ns") => {
  const said: string[] = [];
  const unsubscribe = reflector.subscribeWarnings(namespace, uid, ({ reason, count }) =>
    said.push(`${reason} ${count}`),
  );
  return { said, unsubscribe };
};
const eventWatches = () => watches().filter((line) => line.includes("/events?"));

test("warnings: one watch, from now on, of what the server picks out; each goes to its own pod", async () => {
  for (const name of ["a", "b"]) double.put(pod(name));
  double.warn("ns", "a", "Old", "said before anybody asked");
  const [a, b] = [warned("uid-of-a"), warned("uid-of-b")];
  await eventually(() => eventWatches().length === 1);
  double.warn("ns", "a", "FailedMount", "no such secret", 2);
  double.cutWatches();
  double.warn("ns", "b", "FailedAttachVolume", "in use");
  await eventually(() => b.said.length === 1);
  expect([a.said, b.said]).toEqual([["FailedMount 2"], ["FailedAttachVolume 1"]]);
  const selector = new URL(eventWatches()[0]?.replace("GET ", "http://double") ?? "").searchParams.get("fieldSelector");
  expect(selector).toBe("involvedObject.kind=Pod,type=Warning");
  expect(double.requests.filter((line) => /events\?.*limit=1/.test(line))).toHaveLength(1);
});

test("where events may not be watched that is said once, and pods are watched all the same", async () => {
  double.faults.push({ match: /\/events\?/, status: 403 }, { match: /\/events\?/, status: 403 });
  double.put(pod("a"));
  const [a, one] = [follow("a"), warned("uid-of-a")];
  await eventually(() => a.phase() === "Running" && log.warnings.length === 1);
  one.unsubscribe();
  warned("uid-of-a");
  double.status("ns", "a", statusOf(terminated(0)));
  await eventually(() => a.phase() === "Succeeded");
  expect(log.warnings).toEqual(["events may not be watched here: a pod that waits is explained by its status alone"]);
  expect(eventWatches()).toEqual([]);
});
