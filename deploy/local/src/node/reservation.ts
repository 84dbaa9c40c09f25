import { type Lock, lockOwner, tryLock } from "../core/lock.ts";
import type { Step } from "../core/progress.ts";
import { waitFor } from "../core/wait.ts";
import type { NodePaths } from "./paths.ts";

/**
 * The node for one process alone: who wants to join meanwhile waits. For tests that kill the node's servers. Undefined
 * when another process has it reserved. It ends with the process that holds it.
 */
export function reserveNode(paths: NodePaths, purpose: string): Lock | undefined {
  return tryLock(paths.reservation, purpose);
}

/** Waits until no other process has the node for itself. */
export async function untilUnreserved(
  paths: NodePaths,
  step: Step,
  timeoutMs: number,
  signal?: AbortSignal,
): Promise<void> {
  await waitFor({
    what: "the Kubernetes node to be shared again",
    timeoutMs,
    signal,
    maxPauseMs: 1000,
    probe: () => {
      const owner = lockOwner(paths.reservation);
      if (owner === undefined || owner.pid === process.pid) return true;
      step.say(`process ${owner.pid} has the node for itself (${owner.purpose}); waiting`);
      return undefined;
    },
    explain: () => `end process ${lockOwner(paths.reservation)?.pid ?? "(none now)"}, or run the command again`,
  });
}
