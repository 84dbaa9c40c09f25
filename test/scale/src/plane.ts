import { mkdtempSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { RUNS_ANNOTATION, startControlPlane } from "@slipway/local";
import { aFleet, type Fleet, type TestStack } from "@slipway/testbed";
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
  const dir = mkdtempSync(join(tmpdir(), "slipway-scale-"));
  const closing = [async () => rmSync(dir, { recursive: true, force: true })];
  const close = async (): Promise<void> => {
    for (const end of closing.reverse()) await end();
  };
  try {
    const plane = await startControlPlane({ dir });
    closing.push(() => plane.stop());
    await plane.addNode("simulated", { cpu: "100000", pods: "100000" });
    const stack = { ...shared, kubeconfig: plane.kubeconfig, context: plane.context };
    const env = { SLIPWAY_HISTORY_EVENTS: String(historyEvents) };
    const fleet = await aFleet(stack, { worker: false, env });
    closing.push(() => fleet.close());
    const worker = await fleet.startWorker();
    return { fleet, stack, close, peakMemory: () => peakOf(worker.child.pid ?? 0) };
  } catch (error) {
    await close();
    throw error;
  }
}
