import type { RunReport } from "@slipway/dag";
import { eventually, reportOf } from "@slipway/testbed";
import type { WorkflowHandle } from "@temporalio/client";
import type { Driven, Story } from "./stories.ts";

/** Starts a story, plays it, and resolves with its run when that has closed, however. */
export async function play(
  name: string,
  story: Story,
  { start, publish }: Pick<Driven, "publish"> & { start: (id: string, input: object) => Promise<WorkflowHandle> },
): Promise<WorkflowHandle> {
  const first = story.first && (await start(`dag/story/before-${name}`, story.first));
  if (first !== undefined) await until(first, "the first run has begun", ({ state }) => state === "running");
  const handle = await start(`dag/story/${name}`, story.input);
  const closed = handle.result().catch(() => undefined);
  const ask = async (update: string, fields: object = {}) => await handle.executeUpdate(update, { args: [fields] });
  const states = async (wanted: Readonly<Record<string, string>>): Promise<void> =>
    await until(handle, `${name}: ${JSON.stringify(wanted)}`, (report) =>
      Object.entries(wanted).every(([unit, state]) => stateIn(report, unit) === state),
    );
  const waits = async (task: string): Promise<void> =>
    await until(handle, `${name}: ${task} waits`, ({ tasks }) => tasks[task]?.reason !== undefined);
  await story.drive?.({ handle, first, ask, publish, waits, until: states });
  await closed;
  return handle;
}

/** Of a task, or of the item `task[key]`. */
function stateIn({ tasks }: RunReport, unit: string): string | undefined {
  const [task = "", key] = unit.split(/[[\]]/);
  return key === undefined ? tasks[task]?.state : tasks[task]?.items?.find((item) => item.key === key)?.state;
}

async function until(handle: WorkflowHandle, what: string, is: (told: RunReport) => boolean): Promise<void> {
  await eventually(what, async () => is(await reportOf(handle)));
}
