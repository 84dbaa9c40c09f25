import { RUNS_ANNOTATION } from "@slipway/local";
import { aFleet, aSimulatedPlane, type Fleet, opened, type TestStack } from "@slipway/testbed";
import { peakOf } from "./memory.ts";
import type { Body } from "./shapes.ts";

/** A task that is a pod, and what all pods share: a simulated one runs no time at all and ends well. */
export const POD: Body = {};
export const PODS = { image: "simulated", metadata: { annotations: { [RUNS_ANNOTATION]: "0s" } } };

/** A fleet with one worker on a control plane of its own, whose one node is simulated. Its owner closes it. */
export interface World {
  readonly fleet: Fleet;
  readonly stack: TestStack;
  /** The worker's memory at its most, in bytes. */
  peakMemory(): number;
  close(): Promise<void>;
}

export async function aWorld(shared: TestStack, historyEvents: number): Promise<World> {
  return await opened(async (onClose) => {
    const { stack, ...own } = await aSimulatedPlane(shared, { cpu: "100000", pods: "100000" });
    onClose(() => own.close());
    const env = { SLIPWAY_HISTORY_EVENTS: String(historyEvents) };
    const fleet = await aFleet(stack, { worker: false, env });
    onClose(() => fleet.close());
    const worker = await fleet.startWorker();
    return { fleet, stack, peakMemory: () => peakOf(worker.child.pid ?? 0) };
  });
}
