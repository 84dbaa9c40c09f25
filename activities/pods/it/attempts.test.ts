import { afterAll, beforeAll, expect, test } from "vitest";
import type { JsonObject } from "@slipway/dag";
import { checkCluster, WatchStopped } from "../src/index.ts";
import { eventually } from "../src/testing/sinks.ts";
import { aWorld, BUSYBOX, DEBIAN, logOf, podsLeft, sh, type World } from "./namespace.ts";

let world: World;
beforeAll(async () => {
  world = await aWorld();
});
afterAll(async () => {
  await world.close();
});

const ends = async (task: string, spec: Parameters<World["start"]>[1]) => {
  const { outcome } = await world.start(world.ref(task), spec).done;
  return `${outcome.kind}: ${outcome.message}`;
};

test("echo: the outcome, the log once, and nothing left after the release", async () => {
  const ref = world.ref("echo");
  const { outcome, pod } = await world.start(ref, sh('echo "hello $SLIPWAY_TASK"; echo oops >&2')).done;
  expect(outcome).toMatchObject({ kind: "succeeded", startedAt: expect.any(String), finishedAt: expect.any(String) });
  expect(pod).toMatchObject({ namespace: world.namespace, uid: expect.any(String), node: expect.any(String) });
  await world.release(ref);
  expect(logOf(world, "echo").end).toMatchObject({ complete: true });
  expect([...logOf(world, "echo").texts].sort()).toEqual(["hello echo", "oops"]);
  expect(await podsLeft(world)).not.toContain(pod?.name);
  await world.release(ref);
}, 60_000);

test("how a container ends is told in one sentence, and its release is done at once", async () => {
  const python = { image: DEBIAN, command: ["python", "-c", "print('hello world')"] };
  const missing = "slipway.local/debian:1604";
  const fetch = { name: "fetch", image: BUSYBOX, command: ["sh", "-c", "exit 4"] };
  const tasks = {
    code: [sh("exit 3"), "exit: exit code 3"],
    shell: [sh("python"), "exit: exit code 127"],
    signal: [sh("exit 137"), "exit: killed by SIGKILL (exit code 137)"],
    python: [sh("", { container: python }), "start_error: python: executable not found in the image"],
    nofile: [
      sh("", { container: { command: ["/opt/run"] } }),
      "start_error: /opt/run: no such file in the image (or its #! line names none)",
    ],
    noexec: [
      sh("", { container: { command: ["/etc/passwd"] } }),
      "start_error: /etc/passwd: not executable (permission denied)",
    ],
    cwd: [
      sh("true", { container: { workingDir: "/etc/passwd" } }),
      "start_error: the container could not be started: mkdir /etc/passwd: not a directory",
    ],
    tag: [sh("true", { container: { image: missing } }), `image: image ${missing} does not exist in its registry`],
    reference: [
      sh("true", { container: { image: "Python:3.6" } }),
      "image: image Python:3.6 is not a valid reference: repository name (library/Python) must be lowercase",
    ],
    never: [
      sh("true", { container: { image: missing, imagePullPolicy: "Never" } }),
      `image: image ${missing} is not on the node, and imagePullPolicy is Never`,
    ],
    secret: [
      sh("true", { container: { envFrom: [{ secretRef: { name: "nowhere" } }] } }),
      'config: the container cannot be configured: secret "nowhere" not found',
    ],
    oom: [
      sh("tail /dev/zero", { container: { resources: { limits: { memory: "16Mi" } } } }),
      "oom_killed: killed: out of memory (its limit is 16Mi)",
    ],
    init: [sh("true", { pod: { initContainers: [fetch] } }), "init: init container fetch: exit code 4"],
  } as const;
  const said = await Promise.all(Object.entries(tasks).map(async ([task, [spec]]) => [task, await ends(task, spec)]));
  expect(Object.fromEntries(said)).toEqual(
    Object.fromEntries(Object.entries(tasks).map(([task, [, sentence]]) => [task, sentence])),
  );
  const names = Object.keys(tasks);
  await world.release(...names.map((task) => world.ref(task)));
  expect(await podsLeft(world)).toEqual([]);
  expect(names.filter((task) => logOf(world, task).end?.complete !== true)).toEqual([]);
});

test("what the API server refuses is an outcome in its words", async () => {
  expect(await ends("strict", sh("true", { container: { imagePulPolicy: "Never" } }))).toMatch(
    /^rejected: the API server refused the pod: .*unknown field "spec.containers\[0\].imagePulPolicy"/,
  );
  expect(await ends("invalid", sh("true", { container: { workingDir: "x", ports: [{ containerPort: 0 }] } }))).toMatch(
    /^rejected: .*containerPort/,
  );
  expect(await ends("nowhere", sh("true", { namespace: "nowhere-at-all" }))).toBe(
    'rejected: the API server refused the pod: namespaces "nowhere-at-all" not found',
  );
});

test("a pod that no node can take is told as blocked, and ends as unschedulable", async () => {
  const timeout = { scheduleMs: 3_000, startMs: 60_000 };
  const said = await ends("huge", sh("true", { timeout, container: { resources: { requests: { cpu: "4k" } } } }));
  expect(said).toMatch(
    /^unschedulable: no node within timeout.schedule \(3s\): 0\/1 nodes are available: 1 Insufficient cpu/,
  );
  const blocked = Array.from(world.events.events.values()).find(
    ({ type, ref }) => type === "attempt.blocked" && ref.task === "huge",
  );
  expect(blocked?.data).toMatchObject({ reason: "Unschedulable" });
  await world.release(world.ref("huge"));
});

const blockedOf = (task: string) =>
  Array.from(world.events.events.values()).find(({ type, ref }) => type === "attempt.blocked" && ref.task === task)
    ?.data;

test("what a volume names and nobody made ends the attempt in the kubelet's words", async () => {
  const body = { metadata: { name: "settings" }, data: { here: "1" } };
  await world.kube.createNamespacedConfigMap({ namespace: world.namespace, body });
  const mounting = (volume: JsonObject) =>
    sh("true", {
      pod: { terminationGracePeriodSeconds: 1, volumes: [{ name: "v", ...volume }] },
      container: { volumeMounts: [{ name: "v", mountPath: "/v" }] },
    });
  const items = [{ key: "elsewhere", path: "x" }];
  const said = await Promise.all([
    ends("no-secret", mounting({ secret: { secretName: "nowhere" } })),
    ends("no-map", mounting({ projected: { sources: [{ configMap: { name: "nowhere" } }] } })),
    ends("no-key", mounting({ configMap: { name: "settings", items } })),
    ends("no-dir", mounting({ hostPath: { path: "/etc/passwd", type: "Directory" } })),
  ]);
  expect(said).toEqual([
    'config: volume v cannot be mounted: secret "nowhere" not found',
    'config: volume v cannot be mounted: configmap "nowhere" not found',
    "config: volume v cannot be mounted: configmap references non-existent config key: elsewhere",
    "config: volume v cannot be mounted: hostPath type check failed: /etc/passwd is not a directory",
  ]);
  await world.release(...["no-secret", "no-map", "no-key", "no-dir"].map((task) => world.ref(task)));
});

test("a volume that cannot be mounted now is told within seconds, and named when timeout.start is over", async () => {
  const volumes = [{ name: "share", nfs: { server: "127.0.0.1", path: "/nowhere" } }];
  const spec = sh("true", {
    timeout: { scheduleMs: 60_000, startMs: 8_000 },
    pod: { terminationGracePeriodSeconds: 1, volumes },
    container: { volumeMounts: [{ name: "share", mountPath: "/share" }] },
  });
  const said = ends("share", spec);
  await eventually(() => blockedOf("share"), 5_000);
  expect(blockedOf("share")).toMatchObject({
    reason: "FailedMount",
    message: expect.stringContaining('MountVolume.SetUp failed for volume "share"'),
  });
  expect(await said).toMatch(/^timeout: not started within timeout.start \(8s\): MountVolume.SetUp failed/);
  await world.release(world.ref("share"));
});

test("timeout.attempt: the outcome comes in time, the release ends the pod and its log", async () => {
  const ref = world.ref("slow");
  const spec = sh("echo on; sleep 1000", { timeout: { attemptMs: 1_000, scheduleMs: 60_000, startMs: 60_000 } });
  const { outcome, pod } = await world.start(ref, spec).done;
  expect(outcome).toMatchObject({ kind: "timeout", which: "attempt" });
  expect(await podsLeft(world)).toContain(pod?.name);
  await world.release(ref);
  expect(await podsLeft(world)).not.toContain(pod?.name);
});

test("cancel: the pod is told, waited for, and its last words are kept", async () => {
  const quiet = await aWorld();
  try {
    const ref = quiet.ref("patient");
    const spec = sh("trap 'echo caught; exit 0' TERM; echo ready; while true; do sleep 0.1; done");
    const { done, stop } = quiet.start(ref, spec);
    await eventually(() => logOf(quiet, "patient").texts.includes("ready"), 30_000);
    stop({ kind: "cancel" });
    expect((await done).outcome.kind).toBe("cancelled");
    expect(logOf(quiet, "patient").texts).toEqual(["ready", "caught"]);
    expect(logOf(quiet, "patient").end).toMatchObject({ complete: true });
    expect(await podsLeft(quiet)).toEqual([]);
  } finally {
    await quiet.close();
  }
});

test("watchers come and go in the middle of a second: one pod, every line once", async () => {
  const busy = await aWorld();
  try {
    const ref = busy.ref("counter");
    const spec = sh("i=0; while [ $i -lt 600 ]; do echo line $i; i=$((i+1)); sleep 0.01; done");
    let watch = busy.start(ref, spec);
    let known: { uid: string } | undefined;
    for (let seen = 20, activityAttempt = 2; seen < 400; seen += 70, activityAttempt++) {
      await eventually(() => logOf(busy, "counter").texts.length >= seen, 60_000);
      watch.stop({ kind: "hand-off" });
      await expect(watch.done).rejects.toBeInstanceOf(WatchStopped);
      known = { uid: watch.uid() ?? "" };
      // Every other one has lost the heartbeat: it meets 409 and adopts.
      watch = busy.start(ref, spec, { activityAttempt, ...(activityAttempt % 2 === 0 ? {} : { known }) });
    }
    const { outcome, pod } = await watch.done;
    expect([outcome.kind, pod?.uid]).toEqual(["succeeded", known?.uid]);
    await busy.release(ref);
    expect(logOf(busy, "counter").texts).toEqual(Array.from({ length: 600 }, (_, i) => `line ${i}`));
    expect(logOf(busy, "counter")).toMatchObject({ gaps: [], end: { complete: true, lines: 600 } });
    expect(busy.events.types).toEqual([
      "attempt.created",
      "attempt.scheduled",
      "attempt.started",
      "attempt.finished",
      "log.ended",
      "pod.deleted",
    ]);
  } finally {
    await busy.close();
  }
}, 120_000);

test("init, sidecar and main have a log each; a sidecar that goes on holds nothing up", async () => {
  const side = await aWorld();
  try {
    const ref = side.ref("three");
    const pod = {
      terminationGracePeriodSeconds: 1,
      initContainers: [{ name: "fetch", image: BUSYBOX, command: ["sh", "-c", "echo fetched"] }],
      containers: [{ name: "proxy", image: BUSYBOX, command: ["sh", "-c", "echo up; sleep 1000"] }],
    };
    const { outcome } = await side.start(ref, sh("echo main; sleep 1", { pod })).done;
    expect(outcome.kind).toBe("succeeded");
    await side.release(ref);
    expect(["fetch", "proxy", "main"].map((name) => logOf(side, "three", name).texts)).toEqual([
      ["fetched"],
      ["up"],
      ["main"],
    ]);
    expect(logOf(side, "three").end).toMatchObject({ complete: true });
    expect(await podsLeft(side)).toEqual([]);
  } finally {
    await side.close();
  }
});

test("known by its uid and deleted behind our back: lost", async () => {
  const ref = world.ref("gone");
  const { done, uid } = world.start(ref, sh("sleep 1000"));
  await eventually(() => uid() !== undefined && world.events.types.includes("attempt.started"), 30_000);
  const name = (await podsLeft(world)).find((one) => one.startsWith("gone-")) ?? "";
  await world.kube.deleteNamespacedPod({ name, namespace: world.namespace, gracePeriodSeconds: 0 });
  expect((await done).outcome.kind).toBe("lost");
});

test("deleted from outside with its grace: interrupted, though it exits 0 in the end; free where it had not started", async () => {
  const fetch = { name: "fetch", image: BUSYBOX, command: ["sh", "-c", "echo on; sleep 1000"] };
  const pod = { terminationGracePeriodSeconds: 5, initContainers: [fetch] };
  const specs = {
    worked: sh("trap 'exit 0' TERM; echo on; while true; do sleep 0.1; done"),
    fetching: sh("true", { pod: { ...pod, terminationGracePeriodSeconds: 1 } }),
    nowhere: sh("true", { container: { resources: { requests: { cpu: "4k" } } } }),
    pulling: sh("true", { container: { image: "registry.invalid/no:1" } }),
  };
  const watches = Object.entries(specs).map(([task, spec]) => world.start(world.ref(task), spec).done);
  const on = (task: string, container: string) => world.logs.of(container, 0, 1, task).lines.length > 0;
  const blocked = (task: string) =>
    Array.from(world.events.events.values()).some(({ type, ref }) => type === "attempt.blocked" && ref.task === task);
  await eventually(() => on("worked", "main") && on("fetching", "fetch"), 30_000);
  await eventually(() => blocked("nowhere") && blocked("pulling"), 30_000);
  for (const name of await podsLeft(world)) {
    const task = name.split("-")[0] ?? "";
    if (task in specs) await world.kube.deleteNamespacedPod({ name, namespace: world.namespace });
  }
  const [worked, ...others] = (await Promise.all(watches)).map(({ outcome }) => outcome);
  expect(worked).toMatchObject({
    kind: "interrupted",
    exitCode: 0,
    message: "somebody deleted the pod while it ran (exit code 0)",
  });
  const unstarted = { kind: "interrupted", message: "somebody deleted the pod before it started", neverStarted: true };
  expect(others).toEqual([unstarted, unstarted, unstarted]);
}, 60_000);

test("the admin of the local stack may do all that a worker needs", async () => {
  const { version, access } = await checkCluster(world.pods.cluster, world.namespace);
  expect(version).toMatch(/^v1\.\d+/);
  expect(access.filter(({ allowed }) => !allowed)).toEqual([]);
  expect(access).toHaveLength(9);
});

test("a lot of output in a short life is carried whole", async () => {
  const loud = await aWorld();
  try {
    const ref = loud.ref("loud");
    const { outcome } = await loud.start(ref, sh("seq 1 50000; printf 'no newline'")).done;
    expect(outcome.kind).toBe("succeeded");
    await loud.release(ref);
    const { texts, end, gaps } = logOf(loud, "loud");
    expect([texts.length, texts.at(0), texts.at(-2), texts.at(-1)]).toEqual([50_001, "1", "50000", "no newline"]);
    expect(texts.slice(0, -1).findIndex((text, i) => text !== String(i + 1))).toBe(-1);
    expect([end?.complete, gaps]).toEqual([true, []]);
  } finally {
    await loud.close();
  }
});
