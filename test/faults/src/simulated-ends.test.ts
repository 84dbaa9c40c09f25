/**
 * Ends that one real node cannot show, on simulated nodes, in one sentence: the same in the run's failure, in the event and on
 * the command line. And what a pod's life costs the API server.
 */
import { CoreV1Api, KubeConfig, SchedulingV1Api } from "@kubernetes/client-node";
import { eventually, type Fleet, LONG } from "@slipway/testbed";
import { WorkflowFailedError } from "@temporalio/client";
import { afterAll, beforeAll, expect, inject, test } from "vitest";
import { endOf, pod, type Simulation, simulate, startRun, untilRunning } from "./simulated.ts";

let world: Simulation;
let fleet: Fleet;
let core: CoreV1Api;
let scheduling: SchedulingV1Api;

beforeAll(async () => {
  world = await simulate(inject("slipway"));
  const config = new KubeConfig();
  config.loadFromFile(world.plane.kubeconfig);
  core = config.makeApiClient(CoreV1Api);
  scheduling = config.makeApiClient(SchedulingV1Api);
  fleet = await world.fleet();
});
afterAll(async () => await world?.close());

/** A task that runs for ever on a node of its own, and is not made again. */
const on = (node: string, more: object = {}) =>
  pod(undefined, 0, {
    retries: { disruptions: 0 },
    resources: { requests: { cpu: "1" } },
    pod: { nodeSelector: { "kubernetes.io/hostname": node }, ...more },
  });

async function taint(node: string, key: string): Promise<void> {
  const taints = [{ key, value: "test", effect: "NoExecute" }];
  await core.patchNode({ name: node, body: [{ op: "add", path: "/spec/taints", value: taints }] });
}

async function outrank(node: string): Promise<void> {
  await scheduling.createPriorityClass({ body: { metadata: { name: "urgent" }, value: 1000 } });
  const containers = [{ name: "main", image: "simulated", resources: { requests: { cpu: "1" } } }];
  const spec = { containers, priorityClassName: "urgent", nodeSelector: { "kubernetes.io/hostname": node } };
  await core.createNamespacedPod({ namespace: "default", body: { metadata: { name: "urgent" }, spec } });
}

/** As a kubelet does whose node has no memory left. */
async function starve(node: string): Promise<void> {
  const { items } = await core.listPodForAllNamespaces({ fieldSelector: `spec.nodeName=${node}` });
  const { name = "", namespace = "" } = items[0]?.metadata ?? {};
  const now = new Date().toISOString();
  const terminated = { exitCode: 137, reason: "Error", startedAt: now, finishedAt: now };
  const said = { phase: "Failed", reason: "Evicted", message: "The node was low on resource: memory." };
  const body = [
    ...Object.entries(said).map(([key, value]) => ({ op: "add", path: `/status/${key}`, value })),
    { op: "replace", path: "/status/containerStatuses/0/state", value: { terminated } },
  ];
  await core.patchNamespacedPodStatus({ name, namespace, body });
}

/** PodGC looks for pods without a node only now and then. */
const vanished = [
  "node_lost",
  /^lost with node vanished: /,
  (node: string) => core.deleteNode({ name: node }),
] as const;

const ENDS = {
  outranked: ["preempted", /^preempted on node outranked: .*preempt/, outrank],
  tainted: ["node_lost", /^lost with node tainted: .*taint/i, (node: string) => taint(node, "test/broken")],
  starved: ["evicted", /^evicted by node starved: The node was low on resource: memory\.$/, starve],
  ...(LONG && { vanished }),
} as const;

test.concurrent.for(Object.entries(ENDS))(
  "simulated end - %s",
  { timeout: 180_000 },
  async (entry, { expect: check }) => {
    const [name, [kind, says, befall]] = entry;
    await world.plane.addNode(name, { cpu: "1" });
    const handle = await startRun(fleet, name, { [name]: on(name) });
    await untilRunning(fleet, name);
    // The worker has seen it run; before that, a pod that is gone was never seen by it at all.
    await eventually(`${name} is told to have started`, async () => {
      return (await fleet.run("events", handle.workflowId, "-o", "json")).stdout.includes("attempt.started");
    });
    await befall(name);
    const error: unknown = await handle.result().catch((reason: unknown) => reason);
    if (!(error instanceof WorkflowFailedError)) throw new Error("the run did not fail");
    const sentence = error.cause?.message.replace(`${name} failed: `, "") ?? "";
    check(sentence).toMatch(says);
    const told = await fleet.run("events", handle.workflowId, "-o", "json");
    const ended = told.stdout.split("\n").find((line) => line.includes("dev.slipway.attempt.finished")) ?? "{}";
    check(JSON.parse(ended)).toMatchObject({ data: { outcome: { kind, message: sentence } } });
    const described = await fleet.run("describe", handle.workflowId);
    check(described.stdout).toContain(`${name}, attempt 1: ${sentence}   (${kind}: slipway explain ${kind})`);
  },
);

/** The design's figure: requests of a pod's life, all that its worker asks of the API server. */
const REQUESTS = 6;
const PODS = LONG ? 300 : 60;

test("requests - a pod's life costs the API server at most 6", async ({ annotate }) => {
  const own = await world.fleet();
  const tasks = Object.fromEntries(Array.from({ length: PODS }, (_, i) => [`t${i}`, pod("1s")]));
  const ends = await endOf(await startRun(own, "many", tasks));
  expect(new Set(Object.values(ends))).toEqual(new Set(["succeeded, 1"]));
  const asked = world.proxy.asked.filter(({ path }) => path.includes(`/namespaces/${own.namespace}/`));
  const kinds = Object.groupBy(asked, ({ method, path }) => `${method} ${kindOf(path)}`);
  const counts = Object.entries(kinds).map(([kind, those]) => `${those?.length ?? 0} ${kind}`);
  const each = asked.length / PODS;
  await annotate(`${PODS} pods, ${each.toFixed(2)} requests each: ${counts.join(", ")}`);
  expect(each).toBeLessThanOrEqual(REQUESTS);
}, 600_000);

function kindOf(path: string): string {
  if (path.includes("watch=true")) return "watch";
  if (path.includes("/log?")) return "log";
  return /\/pods\/[^/?]+$/.test(path) ? "one pod" : "pods";
}
