import { mkdtempSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { type Capacity, type ControlPlane, startControlPlane } from "@slipway/local";
import { opened } from "./opened.ts";
import type { TestStack } from "./stack.ts";

/** A control plane of the test's own, whose one node is simulated. Its owner closes it. */
export interface SimulatedPlane {
  readonly plane: ControlPlane;
  /** With this plane in the place of the shared node. */
  readonly stack: TestStack;
  close(): Promise<void>;
}

export async function aSimulatedPlane(shared: TestStack, capacity?: Capacity): Promise<SimulatedPlane> {
  return await opened(async (onClose) => {
    const dir = mkdtempSync(join(tmpdir(), "slipway-plane-"));
    onClose(async () => rmSync(dir, { recursive: true, force: true }));
    const plane = await startControlPlane({ dir });
    onClose(() => plane.stop());
    await plane.addNode("simulated", capacity);
    return { plane, stack: { ...shared, kubeconfig: plane.kubeconfig, context: plane.context } };
  });
}
