import { connect, type RunRef, type SlipwayClient } from "@slipway/client";
import { aFleet, eventually, type Fleet, type TestStack } from "@slipway/testbed";
import type { WorkflowHandle } from "@temporalio/client";
import { ApiProxy } from "./api-proxy.ts";
import { GrpcProxy } from "./grpc-proxy.ts";
import type { Point } from "./points.ts";
import { countPods, type PodCensus } from "./uids.ts";
import { judgeLines, scriptOf } from "./work.ts";

/** One fleet behind two proxies, and a run for each point. Its owner closes it. */
export interface Scene {
  readonly fleet: Fleet;
  readonly api: ApiProxy;
  readonly temporal: GrpcProxy;
  /** Takes all gates of both proxies away. */
  lift(how: "open" | "drop"): void;
  /** Starts the runs; resolves while a worker stands at all of the points. */
  reach(): Promise<void>;
  /** Lets the gated pods go to a node. */
  ungate(): Promise<void>;
  /** What is known of each run, once it has ended. */
  facts(name: string): Promise<Facts>;
  close(): Promise<void>;
}

export interface Facts {
  readonly verdict: string;
  readonly attempts: number;
  /** Pods that were ever made. */
  readonly pods: number;
  readonly lines: string;
  readonly end: string;
  /** Events of which there must be one. */
  readonly told: readonly string[];
}

export const ONCE = ["attempt.created", "attempt.finished", "log.ended", "pod.deleted", "run.finished"] as const;

export async function aScene(stack: TestStack, points: Readonly<Record<string, Point>>): Promise<Scene> {
  const api = await ApiProxy.start(stack);
  const temporal = await GrpcProxy.start(stack.temporal.address);
  const env = { SLIPWAY_KUBECONFIG: api.kubeconfig, SLIPWAY_CONTEXT: "proxy", TEMPORAL_ADDRESS: temporal.address };
  const fleet = await aFleet(stack, { worker: false, env });
  const { installation } = fleet;
  const alone = `${installation}-alone`;
  await fleet.pods.createNamespace({ body: { metadata: { name: alone } } });
  const census = await countPods(stack, [fleet.namespace, alone]);
  const nats = { servers: stack.nats.url };
  const client = await connect({ temporal: { address: stack.temporal.address }, nats, installation });
  const handles = new Map<string, WorkflowHandle>();
  const begin = async (name: string, point: Point): Promise<void> => {
    const namespace = point.alone === true ? alone : fleet.namespace;
    const handle = (): WorkflowHandle => fleet.temporal.workflow.getHandle(`dag/faults/${name}`);
    const reached = point.reached({ name, namespace, fleet, api, temporal, handle });
    handles.set(name, await start(fleet, name, namespace, point));
    await reached;
  };
  const lift = (how: "open" | "drop"): void => {
    api.lift(how);
    temporal.lift(how);
  };
  return {
    fleet,
    api,
    temporal,
    lift,
    reach: async () => void (await Promise.all(Object.entries(points).map(([name, point]) => begin(name, point)))),
    ungate: async () => {
      for (const [name, { gated }] of Object.entries(points)) if (gated === true) await ungate(fleet, name);
    },
    facts: async (name) => {
      const point = points[name];
      const handle = handles.get(name);
      if (point === undefined || handle === undefined) throw new Error(`no run ${name}`);
      return await factsOf(client, census, name, point, handle);
    },
    close: async () => {
      await fleet.close();
      await fleet.pods.deleteNamespace({ name: alone });
      await Promise.all([client.close(), api.close(), temporal.close()]);
      census.close();
    },
  };
}

async function start(fleet: Fleet, name: string, namespace: string, { work, gated }: Point): Promise<WorkflowHandle> {
  const pod = { terminationGracePeriodSeconds: 5, ...(gated === true && { schedulingGates: [{ name: "test/gate" }] }) };
  const task = { image: "slipway.local/busybox:1", command: ["sh", "-c", scriptOf(work)], pod };
  return await fleet.temporal.workflow.start("runDag", {
    taskQueue: fleet.installation,
    workflowId: `dag/faults/${name}`,
    args: [{ dag: { dag: "faults", defaults: { namespace }, tasks: { [name]: task } } }],
  });
}

async function ungate({ pods, namespace }: Fleet, task: string): Promise<void> {
  const { items } = await pods.listNamespacedPod({ namespace, labelSelector: `slipway.dev/task=${task}` });
  for (const { metadata } of items) {
    const body = [{ op: "replace", path: "/spec/schedulingGates", value: [] }];
    await pods.patchNamespacedPod({ name: metadata?.name ?? "", namespace, body });
  }
}

async function factsOf(
  client: SlipwayClient,
  census: PodCensus,
  name: string,
  { work }: Point,
  handle: WorkflowHandle,
): Promise<Facts> {
  const verdict = await handle.result().then(
    () => "succeeded",
    (error: unknown) => (error instanceof Error && error.cause instanceof Error ? error.cause.message : String(error)),
  );
  const { tasks } = await handle.query<{ tasks: Record<string, { attempts: number }> }>("state");
  const run = await client.resolveRun(`faults/${name}`);
  const texts: string[] = [];
  let end = "none";
  for await (const item of client.readLog(run)) {
    if (item.kind === "line") texts.push(item.text);
    if (item.kind === "gap") texts.push(`gap: ${item.reason}`);
    if (item.kind === "end") end = `${item.lines === texts.length ? "all" : item.lines} lines, ${item.complete}`;
  }
  const told = await eventually(`the events of ${name}`, async () => await eventsOf(client, run));
  return {
    verdict,
    attempts: tasks[name]?.attempts ?? 0,
    pods: census.of(name).length,
    lines: judgeLines(work, texts),
    end,
    told: ONCE.filter((type) => told.filter((other) => other === type).length === 1),
  };
}

/** Undefined while the last one is not there. */
async function eventsOf(client: SlipwayClient, run: RunRef): Promise<readonly string[] | undefined> {
  const types: string[] = [];
  for await (const { type } of client.readEvents(run)) types.push(type);
  return types.includes("run.finished") ? types : undefined;
}
