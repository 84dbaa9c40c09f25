/**
 * `npm run replay:record [STORY…]`: plays the stories on real servers, and keeps their histories in the place of those that are
 * there. They are what code of today must replay; when they are recorded anew says docs/decisions/0025.
 */
import { mkdirSync, rmSync, writeFileSync } from "node:fs";
import { dirname } from "node:path";
import { aFleet, type Fleet, startServers, type TestStack } from "@slipway/testbed";
import { connect } from "@nats-io/transport-node";
import { poolWorkflowId } from "@slipway/dag";
import { WorkflowFailedError, type WorkflowHandle } from "@temporalio/client";
import { fileOf, History, jsonOf, kept, RELEASE } from "./history.ts";
import { play } from "./play.ts";
import { scrubbed } from "./scrub.ts";
import { STORIES, type Story } from "./stories.ts";

/** Events after which the histories of a story with hops are full. */
const FULL = "60";

type Named = readonly [string, Story];

function chosen(wanted: readonly string[]): readonly Named[] {
  const unknown = wanted.find((name) => !Object.hasOwn(STORIES, name));
  if (unknown !== undefined) throw new Error(`no story ${unknown}; there are ${Object.keys(STORIES).join(", ")}`);
  return Object.entries(STORIES).filter(([name]) => wanted.length === 0 || wanted.includes(name));
}

async function record(stack: TestStack, stories: readonly Named[], env: Record<string, string>): Promise<void> {
  if (stories.length === 0) return;
  const fleet = await aFleet(stack, { env });
  try {
    await Promise.all(stories.map(async (named) => await recordOne(fleet, named)));
  } finally {
    await fleet.close();
  }
}

async function recordOne(fleet: Fleet, [name, story]: Named): Promise<void> {
  const { temporal, installation } = fleet;
  const start = async (workflowId: string, input: object) =>
    await temporal.workflow.start(story.workflow, { taskQueue: installation, workflowId, args: [input] });
  const publish = async (subject: string): Promise<void> => {
    const nats = await connect({ servers: fleet.env["NATS_URL"] ?? "" });
    nats.publish(subject, "{}");
    await nats.drain();
  };
  const handle = await play(name, story, { start, publish });
  const ended = await endOf(handle);
  if (ended !== story.ends) throw new Error(`${name} ended otherwise: ${ended}`);
  await keep(fleet, handle.workflowId, name);
  if (story.again === true) {
    const retried = await fleet.run("retry", `story/${name}`);
    if (retried.code !== 0) throw new Error(retried.stderr);
    const next = temporal.workflow.getHandle(`${handle.workflowId}~2`);
    await endOf(next);
    await keep(fleet, next.workflowId, `${name}-again`);
  }
  if (story.keeper !== undefined) await keep(fleet, poolWorkflowId(installation, story.keeper), `${name}-keeper`);
}

/** Every hop there is by now: the keeper of a pool never ends. */
async function keep(fleet: Fleet, workflowId: string, name: string): Promise<void> {
  const hops: History[] = [];
  for (let runId = await newestOf(fleet, workflowId); runId !== undefined; ) {
    const history = await historyOf(fleet, workflowId, runId);
    hops.unshift(history);
    runId = history.events[0]?.workflowExecutionStartedEventAttributes?.continuedExecutionRunId || undefined;
  }
  for (const [file, path] of kept()) if (file.startsWith(`${RELEASE}/${name}.`)) rmSync(path);
  mkdirSync(dirname(fileOf(name, 0)), { recursive: true });
  for (const [hop, history] of hops.entries()) {
    const json = scrubbed(jsonOf(history), { [fleet.installation]: "story-house" });
    writeFileSync(fileOf(name, hop), `${JSON.stringify(json)}\n`);
  }
  process.stdout.write(`${name}: ${hops.map(({ events }) => events.length).join(" + ")} events\n`);
}

/** `succeeded`, or the first line of what the run failed with. */
async function endOf(handle: WorkflowHandle): Promise<string> {
  return await handle.result().then(
    () => "succeeded",
    (error: unknown) =>
      error instanceof WorkflowFailedError ? (error.cause?.message.split("\n")[0] ?? "") : String(error),
  );
}

async function newestOf({ temporal }: Fleet, workflowId: string): Promise<string | undefined> {
  const { raw } = await temporal.workflow.getHandle(workflowId).describe();
  return raw.workflowExecutionInfo?.execution?.runId ?? undefined;
}

async function historyOf({ temporal }: Fleet, workflowId: string, runId: string): Promise<History> {
  const history = History.create();
  for (let nextPageToken: Uint8Array | undefined; ; ) {
    const page = await temporal.workflowService.getWorkflowExecutionHistory({
      namespace: temporal.options.namespace,
      execution: { workflowId, runId },
      ...(nextPageToken && { nextPageToken }),
    });
    history.events.push(...(page.history?.events ?? []));
    nextPageToken = page.nextPageToken;
    if (nextPageToken === undefined || nextPageToken === null || nextPageToken.length === 0) return history;
  }
}

const stories = chosen(process.argv.slice(2));
const servers = await startServers();
try {
  await record(
    servers.stack,
    stories.filter(([, { hops }]) => hops !== true),
    { SLIPWAY_POOLS: "two=2", SLIPWAY_EVENT_SUBJECTS: "story.>" },
  );
  await record(
    servers.stack,
    stories.filter(([, { hops }]) => hops === true),
    { SLIPWAY_HISTORY_EVENTS: FULL },
  );
} finally {
  await servers.close();
}
