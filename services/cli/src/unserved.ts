import type { RunRef, SlipwayClient } from "@slipway/client";
import { installationNames, problem, renderProblem } from "@slipway/dag";
import type { Settings } from "./settings.ts";
import { pause } from "./pause.ts";
import type { World } from "./world.ts";

/** A worker that is just starting gets this long before its absence is news: with the calls it stays under 5 s. */
const GRACE_MS = 2_500;

/** After a start that nobody waits for: says so when no worker polls the installation's queue. Never fails. */
export async function sayIfNobodyPolls(world: World, client: SlipwayClient, settings: Settings): Promise<void> {
  if (await somebodyPolls(client)) return;
  await pause(GRACE_MS, new AbortController().signal);
  if (!(await somebodyPolls(client))) world.err.write(notice(settings));
}

/** For a run that is waited for: what counts is that nobody has taken it up. Never fails. */
export async function sayIfNotTakenUp(
  say: (text: string) => void,
  client: SlipwayClient,
  run: RunRef,
  settings: Settings,
  over: AbortSignal,
): Promise<void> {
  await pause(GRACE_MS, over);
  const takenUp = over.aborted || (await client.isTakenUp(run).catch(() => true));
  if (!takenUp) say(notice(settings));
}

async function somebodyPolls(client: SlipwayClient): Promise<boolean> {
  const queues = await client.workersPolling().catch(() => undefined);
  return queues === undefined || queues.some(({ serves, workers }) => serves === "workflows" && workers.length > 0);
}

function notice({ installation }: Settings): string {
  const { taskQueue } = installationNames(installation);
  return `${renderProblem(problem("no-worker", `no worker polls the task queue ${taskQueue}: the run waits until one does`))}\n`;
}
