import { systemCode } from "./error.ts";
import { isAlive, type ProcessId } from "./process-id.ts";
import { holdsWithin } from "./wait.ts";

/** How a process came to its end: it had, it did when asked, it was killed. */
export type Ending = "gone" | "stopped" | "killed";

/** SIGTERM, then SIGKILL after `graceMs`. Only ever this very process, and what is left of the group it leads. */
export async function stopProcess(id: ProcessId, graceMs = 10_000): Promise<Ending> {
  if (!isAlive(id)) return "gone";
  signalQuietly(id.pid, "SIGTERM");
  const stopped = await endsWithin(id, graceMs);
  signalQuietly(-id.pid, "SIGKILL"); // stragglers of its group; a group id is not reused while a member lives
  if (stopped) return "stopped";
  signalQuietly(id.pid, "SIGKILL");
  await endsWithin(id, 10_000);
  return "killed";
}

async function endsWithin(id: ProcessId, timeoutMs: number): Promise<boolean> {
  return await holdsWithin(`process ${id.pid} to end`, timeoutMs, () => !isAlive(id));
}

/** Sends a signal; a process (negative: a group) that is gone is no error. */
export function signalQuietly(pid: number, signal: NodeJS.Signals): void {
  try {
    process.kill(pid, signal);
  } catch (error) {
    if (systemCode(error) !== "ESRCH") throw error;
  }
}
