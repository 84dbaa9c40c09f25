import { connect, type RunRef, type SlipwayClient } from "@slipway/client";
import { aFleet, eventually, type Fleet, reportOf, type TestStack } from "@slipway/testbed";
import type { WorkflowHandle } from "@temporalio/client";
import { ApiProxy } from "./api-proxy.ts";
import { GrpcProxy } from "./grpc-proxy.ts";
import type { Point } from "./points.ts";
import { countPods, type PodCensus } from "./uids.ts";
import { judgeLines, scriptOf, tell } from "./work.ts";

/** One fleet behind two proxies, and a run for each point. Its owner closes it. */
export interface Scene {
  readonly fleet: Fleet;
  readonly api: ApiProxy;
  readonly temporal: GrpcProxy;
  /** What both proxies hold stays held, and what comes later passes. */
  retireGates(): void;
  /** Takes all gates of both proxies away. */
  lift(how: "open" | "drop"): void;
  /** Starts the runs; resolves while a worker stands at all of the points. */
  reach(): Promise<void>;
  /** What happens while no worker stands at the points: pods are let go to a node, runs are cancelled. */
  meanwhile(): Promise<void>;
  /** Ends the pods that work until told. */
  tell(): Promise<void>;
  handle(name: string): WorkflowHandle;
  /** uids of all pods that the run has ever had. */
  pods(name: string): readonly string[];
  /** What is known of each run, once it has ended. */
  allFacts(): Promise<Record<string, Facts>>;
  nothingIsLeft(): Promise<void>;
  close(): Promise<void>;
}

export interface Facts {
  readonly verdict: string;
  readonly attempts: number;
  readonly outputs: string;
  /** Pods that were ever made. */
  readonly pods: number;
  readonly lines: string;
  readonly end: string;
  /** Events of which there must be one. */
  readonly told: readonly string[];
}

const ONCE = ["attempt.created", "attempt.finished", "log.ended", "pod.deleted", "run.finished"] as const;

/** What each run must look like whatever befell its worker. */
export function wholeOf(points: Readonly<Record<string, Point>>): Record<string, Facts> {
  const whole = { attempts: 1, outputs: "as promised", pods: 1, lines: "whole", end: "all lines, true", told: ONCE };
  const verdict = (name: string, { work }: Point): string =>
    work.kind === "until ended" ? "Workflow canceled" : `${name} failed: exit code 7`;
  return Object.fromEntries(
    Object.entries(points).map(([name, point]) => [name, { verdict: verdict(name, point), ...whole }]),
  );
}

export async function aScene(stack: TestStack, points: Readonly<Record<string, Point>>): Promise<Scene> {
  const api = await ApiProxy.start(stack);
  const temporal = await GrpcProxy.start(stack.temporal.address);
  const env = { SLIPWAY_KUBECONFIG: api.kubeconfig, SLIPWAY_CONTEXT: "proxy", TEMPORAL_ADDRESS: temporal.address };
  const fleet = await aFleet(stack, { worker: false, env });
  const { installation } = fleet;
  const alone = `${installation}-alone`;
  await fleet.pods.createNamespace({ body: { metadata: { name: alone } } });
  const census = countPods(stack, installation);
  const nats = { servers: stack.nats.url };
  const client = await connect({ temporal: { address: stack.temporal.address }, nats, installation });
  const begin = async (name: string, point: Point): Promise<void> => {
    const namespace = point.alone === true ? alone : fleet.namespace;
    const reached = point.reached({ name, namespace, api, temporal, handle: handleOf(fleet, name) });
    await start(fleet, name, namespace, point);
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
    retireGates: () => {
      api.retireGates();
      temporal.retireGates();
    },
    reach: async () => void (await Promise.all(Object.entries(points).map(([name, point]) => begin(name, point)))),
    meanwhile: async () => {
      for (const [name, { gated, cancelledAfter }] of Object.entries(points)) {
        if (gated === true) await ungate(fleet, name);
        if (cancelledAfter === true) await handleOf(fleet, name).cancel();
      }
    },
    tell: async () => {
      for (const [name, { work }] of Object.entries(points)) if (work.kind === "until told") await tell(fleet, name);
    },
    handle: (name) => handleOf(fleet, name),
    pods: (name) => census.of(name),
    allFacts: async () => {
      const facts = Object.entries(points).map(async ([name, point]): Promise<[string, Facts]> => {
        return [name, await factsOf(client, census, name, point, handleOf(fleet, name))];
      });
      return Object.fromEntries(await Promise.all(facts));
    },
    nothingIsLeft: async () => {
      await eventually("nothing is left", async () => {
        const labelSelector = `slipway.dev/installation=${installation}`;
        return (await fleet.pods.listPodForAllNamespaces({ labelSelector })).items.length === 0;
      });
    },
    close: async () => {
      await fleet.close();
      await fleet.pods.deleteNamespace({ name: alone });
      await Promise.all([client.close(), api.close(), temporal.close()]);
      await census.close();
    },
  };
}

/** The DAG is named like the installation: other tests share the Temporal server. */
function workflowIdOf({ installation }: Fleet, name: string): string {
  return `dag/${installation}/${name}`;
}

function handleOf(fleet: Fleet, name: string): WorkflowHandle {
  return fleet.temporal.workflow.getHandle(workflowIdOf(fleet, name));
}

async function start(fleet: Fleet, name: string, namespace: string, { work, gated, handsOn }: Point): Promise<void> {
  const pod = { terminationGracePeriodSeconds: 5, ...(gated === true && { schedulingGates: [{ name: "test/gate" }] }) };
  const outputs = { last: { type: "string", from: "lastLine" } };
  const command = ["sh", "-c", scriptOf(work)];
  const task = { image: "slipway.local/busybox:1", command, pod, ...(handsOn === true && { outputs }) };
  await fleet.temporal.workflow.start("runDag", {
    taskQueue: fleet.installation,
    workflowId: workflowIdOf(fleet, name),
    // All of them at once are more runs than a DAG has by itself.
    args: [{ dag: { dag: fleet.installation, maxActiveRuns: 100, defaults: { namespace }, tasks: { [name]: task } } }],
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
  { work, handsOn }: Point,
  handle: WorkflowHandle,
): Promise<Facts> {
  const verdict = await handle.result().then(
    () => "succeeded",
    (error: unknown) => (error instanceof Error && error.cause instanceof Error ? error.cause.message : String(error)),
  );
  const { tasks } = await reportOf(handle);
  const outputs = JSON.stringify(tasks[name]?.outputs);
  const promised = handsOn === true && work.kind === "counts" ? `{"last":"line ${work.lines}"}` : undefined;
  const run = await client.resolveRun(handle.workflowId);
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
    outputs: outputs === promised ? "as promised" : `${outputs} for ${promised}`,
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
