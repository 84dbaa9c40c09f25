/** Pools, mutexes and maxActiveRuns over real pods: what is shared is never exceeded, and never lost. */
import { endless, eventually, reportOf, sharedFleet, shell, startDag } from "@slipway/testbed";
import { expect, test } from "vitest";

// So few events that runs and pools go on in new histories while the stories are played.
const fleet = sharedFleet({
  env: { SLIPWAY_POOLS: "two=2,one=1", SLIPWAY_POOL_CHECK: "1s", SLIPWAY_HISTORY_EVENTS: "50" },
});

async function start(dag: string, run: string, tasks: Record<string, unknown>, more: object = {}) {
  const handle = await startDag(fleet, dag, run, { tasks, ...more });
  return { handle, state: async () => await reportOf(handle) };
}

/** The names of tasks whose pods are there, of these DAGs. */
async function podsOf(...dags: string[]): Promise<string[]> {
  const labelSelector = `slipway.dev/dag in (${dags.join(",")})`;
  const { items } = await fleet.pods.listNamespacedPod({ namespace: fleet.namespace, labelSelector });
  return items.flatMap(({ metadata }) => metadata?.labels?.["slipway.dev/task"] ?? []);
}

test("pool - two runs with five pods never have more than two at once; who waits says where", async () => {
  const quick = { ...shell("sleep 0.5"), pool: "two" };
  const runs = await Promise.all([
    start("shared", "1", { a: quick, b: quick, c: quick }),
    start("shared", "2", { d: quick, e: quick }),
  ]);
  let most = 0;
  const reasons = new Set<string | undefined>();
  const results = Promise.all(runs.map(({ handle }) => handle.result()));
  await eventually("both are over, and were looked at all the time", async () => {
    // A pod that has ended keeps its object until its log is read.
    const { items } = await fleet.pods.listNamespacedPod({
      namespace: fleet.namespace,
      labelSelector: "slipway.dev/dag=shared",
    });
    most = Math.max(most, items.filter(({ status }) => !status?.containerStatuses?.[0]?.state?.terminated).length);
    const reports = await Promise.all(runs.map(({ state }) => state()));
    for (const { tasks } of reports) for (const { reason } of Object.values(tasks)) reasons.add(reason);
    return reports.every(({ state }) => state !== "running" && state !== "queued");
  });
  expect(await results).toMatchObject([{ state: "succeeded" }, { state: "succeeded" }]);
  expect(most, "two at once, no more").toBe(2);
  expect([...reasons].some((reason) => /^pool two, [123](?:st|nd|rd) of [123]$/.test(reason ?? ""))).toBe(true);
});

test("mutex - serialises two runs, whatever it was asked after; the task holds it until its verdict", async () => {
  const alone = { ...shell("sleep 1"), mutex: "one at a time", retries: { disruptions: 0 } };
  const runs = await Promise.all([start("alone", "1", { a: alone }), start("alone", "2", { a: alone })]);
  await Promise.all(runs.map(({ handle }) => handle.result()));
  const times = await Promise.all(
    ["1", "2"].map(async (run) => {
      const { stdout } = await fleet.run("events", `alone/${run}`, "-o", "json");
      const all = stdout
        .trim()
        .split("\n")
        .map((line): { type: string; time: string } => JSON.parse(line));
      const at = (type: string) => Date.parse(all.find((event) => event.type.endsWith(type))?.time ?? "");
      return { from: at("attempt.created"), to: at("attempt.finished") };
    }),
  );
  const [first, second] = times.sort((a, b) => a.from - b.from);
  expect(second?.from).toBeGreaterThanOrEqual(first?.to ?? Infinity);
});

test("pool - a terminated run gives its slot away once its pod is gone, not before; get pools says who holds it", async () => {
  const stubborn = { ...shell("trap '' TERM; sleep 1000 & wait; wait"), pool: "one" };
  const first = await start("holds", "1", { a: { ...stubborn, pod: { terminationGracePeriodSeconds: 4 } } });
  await eventually("the pod of the first runs", async () => (await podsOf("holds")).length === 1);
  const second = await start("waits", "1", { b: { ...shell("true"), pool: "one" } });
  await eventually("the second waits", async () => (await second.state()).tasks["b"]?.reason === "pool one, 1st of 1");
  const { stdout } = await fleet.run("get", "pools", "-o", "json");
  expect(JSON.parse(stdout)).toEqual(
    expect.arrayContaining([
      expect.objectContaining({
        kind: "pool",
        name: "one",
        slots: 1,
        used: 1,
        waiting: 1,
        holders: [expect.objectContaining({ dag: "holds", run: "1", task: "a" })],
        oldestWait: expect.any(String),
      }),
    ]),
  );
  expect((await fleet.run("get", "pools")).stdout).toMatch(/^one +1 +1 +1 +\S+ +holds\/1 a$/m);
  const waiting = await fleet.run("events", "waits/1", "--type", "task.waiting");
  expect(waiting.stdout).toMatch(/task\.waiting.*pool one, 1st of 1/);
  await first.handle.terminate("a test");
  await eventually("the second has its slot", async () => (await podsOf("waits")).length === 1);
  expect(await podsOf("holds"), "the pod of the first is gone").toEqual([]);
  expect(await second.handle.result()).toMatchObject({ state: "succeeded" });
}, 180_000);

test("maxActiveRuns - the second run is queued, then runs; its timeout begins with it; a third is cancelled in the queue", async () => {
  const more = { maxActiveRuns: 1, timeout: "30s" };
  const first = await start("single", "1", { a: endless }, more);
  await eventually("the first runs", async () => (await first.state()).tasks["a"]?.state === "running");
  const second = await start("single", "2", { a: shell("true") }, { ...more, finally: { z: { noop: {} } } });
  const third = await start("single", "3", { a: shell("true") }, { ...more, finally: { z: shell("true") } });
  await eventually("both are queued", async () =>
    [(await second.state()).state, (await third.state()).state].every((state) => state === "queued"),
  );
  const reasons = [(await second.state()).reason, (await third.state()).reason];
  expect(reasons).toContainEqual(expect.stringMatching(/^1st of [12] waiting; 1 run of DAG single is active$/));
  await eventually("lists know", async () =>
    (await fleet.run("get", "runs", "--state", "queued", "-o", "name")).stdout.includes("dag/single/2\n"),
  );
  expect((await fleet.run("pause", "single/3")).stderr).toContain("error[run-queued]");
  expect((await fleet.run("cancel", "single/3", "--by", "anna")).code).toBe(0);
  await third.handle.result().catch(() => undefined);
  expect((await third.handle.describe()).status.name).toBe("CANCELLED");
  expect(await third.state()).toMatchObject({
    state: "cancelled",
    tasks: { a: { state: "skipped", reason: "the run was cancelled by anna" }, z: { state: "skipped" } },
    controls: [{ control: "cancel", by: "anna" }],
  });
  await first.handle.cancel();
  expect(await second.handle.result()).toMatchObject({ state: "succeeded", tasks: { a: { state: "succeeded" } } });
  const told = (await fleet.run("events", "single/2", "--type", "task.waiting")).stdout;
  expect(told).toContain("waiting; 1 run of DAG single is active");
}, 180_000);

test("pool - a forEach of many items, over histories of its run and of the pool: two at once, each once", async () => {
  const each = { ...shell("true"), pool: "two", forEach: "${{ range(12) }}" };
  const { handle } = await start("items", "1", { each });
  expect(await handle.result()).toMatchObject({ tasks: { each: { state: "succeeded", counts: { succeeded: 12 } } } });
  const pool = await fleet.temporal.workflow.getHandle(`pool/${fleet.installation}/two`).describe();
  const [run, ...others] = [pool.raw.workflowExecutionInfo, (await handle.describe()).raw.workflowExecutionInfo];
  for (const info of [run, ...others]) expect(info?.firstRunId, "it has hopped").not.toBe(info?.execution?.runId);
  const { stdout } = await fleet.run("events", "items/1", "--type", "attempt.created", "-o", "name");
  expect(new Set(stdout.trim().split("\n")).size).toBe(12);
}, 180_000);

test("priority - the pool serves by it, and Temporal is told", async () => {
  const { handle } = await start("ranks", "1", {
    first: { ...shell("sleep 3"), pool: "one", priority: "highest" },
    low: { ...shell("true"), pool: "one", priority: "low" },
    high: { ...shell("true"), pool: "one", priority: "high" },
  });
  const attempt = await eventually("the first runs", async () =>
    (await handle.describe()).raw.pendingActivities?.find(({ activityId }) => activityId === "first.1"),
  );
  expect(attempt.priority?.priorityKey).toBe(1);
  expect(await handle.result()).toMatchObject({ state: "succeeded" });
  const { stdout } = await fleet.run("events", "ranks/1", "--type", "attempt.created", "-o", "json");
  const at = (task: string) => Date.parse(created(stdout).find((event) => event.task === task)?.time ?? "");
  expect(at("high")).toBeLessThan(at("low"));
});

test("pool - one that nobody declared is refused at the start; a size that the operator changes arrives with a worker", async () => {
  const wrong = await start("sized", "1", { a: { ...shell("true"), pool: "tow" } });
  const refusal: unknown = await wrong.handle.result().catch((error: unknown) => error);
  expect(refusal).toMatchObject({
    cause: { type: "InvalidDag", message: expect.stringContaining("did you mean `two`?") },
  });
  const few = await start("sized", "2", { a: { ...shell("true"), pool: { name: "two", slots: 3 } } });
  await expect(few.handle.result()).rejects.toMatchObject({ cause: { type: "InvalidDag" } });
  await fleet.temporal.workflow.getHandle(`pool/${fleet.installation}/two`).signal("tell", { what: "no message" });
  fleet.env["SLIPWAY_POOLS"] = "two=3,one=1";
  await fleet.startWorker();
  const sizes = async () => (await fleet.run("get", "pools")).stdout;
  await eventually("it is larger", async () => /^two +3 /m.test(await sizes()));
});

function created(stdout: string): { readonly task: string; readonly time: string }[] {
  return stdout
    .trim()
    .split("\n")
    .map((line): { task: string; time: string } => JSON.parse(line));
}
