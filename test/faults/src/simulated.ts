import { type ControlPlane, EXIT_CODE_ANNOTATION, RUNS_ANNOTATION } from "@slipway/local";
import {
  aFleet,
  aSimulatedPlane,
  eventually,
  type Fleet,
  type FleetOptions,
  opened,
  reportOf,
  startDag,
  type TestStack,
} from "@slipway/testbed";
import type { WorkflowHandle } from "@temporalio/client";
import { ApiProxy } from "./api-proxy.ts";

/** A control plane of the test's own with one simulated node, and a proxy before it. Its owner closes it. */
export interface Simulation {
  readonly plane: ControlPlane;
  readonly proxy: ApiProxy;
  /** On this plane, through the proxy unless `env` says otherwise. Closed with the simulation. */
  fleet(options?: FleetOptions): Promise<Fleet>;
  close(): Promise<void>;
}

export async function simulate(shared: TestStack): Promise<Simulation> {
  return await opened(async (onClose) => {
    const { plane, stack, ...own } = await aSimulatedPlane(shared);
    onClose(() => own.close());
    const proxy = await ApiProxy.start(stack);
    onClose(() => proxy.close());
    const fleet = async (options: FleetOptions = {}): Promise<Fleet> => {
      const env = { SLIPWAY_KUBECONFIG: proxy.kubeconfig, SLIPWAY_CONTEXT: "proxy", ...options.env };
      const made = await aFleet(stack, { ...options, env });
      onClose(() => made.close());
      return made;
    };
    return { plane, proxy, fleet };
  });
}

/** A task whose simulated pod runs so long (for ever where absent) and then exits so. */
export function pod(runs?: string, code = 0, more: object = {}) {
  const annotations = { ...(runs !== undefined && { [RUNS_ANNOTATION]: runs }), [EXIT_CODE_ANNOTATION]: String(code) };
  return { image: "simulated", metadata: { annotations }, ...more };
}

export async function startRun(fleet: Fleet, run: string, tasks: object): Promise<WorkflowHandle> {
  return await startDag(fleet, fleet.installation, run, { tasks });
}

/** How each task of a run ended: `succeeded 1`, `exit code 3 1`: the message where it failed, and its attempts. */
export async function endOf(handle: WorkflowHandle): Promise<Record<string, string>> {
  await handle.result().catch(() => undefined);
  const { tasks } = await reportOf(handle);
  const said = Object.entries(tasks).map(([name, { state, message, attempts }]) => [
    name,
    `${message ?? state}, ${attempts}`,
  ]);
  return Object.fromEntries(said);
}

/** Phases of a namespace's pods by task, as the cluster itself says. */
export async function phases({ pods, namespace }: Fleet): Promise<Record<string, string>> {
  const { items } = await pods.listNamespacedPod({ namespace });
  return Object.fromEntries(
    items.map(({ metadata, status }) => [metadata?.labels?.["slipway.dev/task"] ?? "", status?.phase ?? ""]),
  );
}

export async function untilRunning(fleet: Fleet, ...tasks: readonly string[]): Promise<void> {
  await eventually(`${tasks.join(", ")} run`, async () => {
    const now = await phases(fleet);
    return tasks.every((task) => now[task] === "Running");
  });
}
