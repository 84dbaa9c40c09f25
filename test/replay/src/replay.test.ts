/**
 * Histories of every story replay on the code that is here: who changes what commands a workflow gives, or their order, breaks
 * runs that are open, unless a patch says which of both a history has (docs/decisions/0025).
 */
import { bundleWorkflows } from "@slipway/worker";
import { DefaultLogger, Runtime, Worker } from "@temporalio/worker";
import { pino } from "pino";
import { beforeAll, expect, test } from "vitest";
import { fileOf, type History, kept, readHistory, RELEASE } from "./history.ts";
import { STORIES } from "./stories.ts";

let code: string;

beforeAll(async () => {
  const logging = { filter: "OFF", forward: {} };
  Runtime.install({ logger: new DefaultLogger("ERROR", () => undefined), telemetryOptions: { logging } });
  ({ code } = await bundleWorkflows(pino({ level: "silent" })));
}, 120_000);

const replay = async (history: History): Promise<void> =>
  await Worker.runReplayHistory({ workflowBundle: { code } }, history, "dag/story/replayed");

test.for([...kept()])("replay - the history %s", { timeout: 60_000 }, async ([, file]) => {
  await expect(replay(readHistory(file))).resolves.toBeUndefined();
});

/** As if the code gave two commands of one workflow task the other way round. */
function swapped(history: History): History {
  const scheduled = history.events.filter(({ activityTaskScheduledEventAttributes: of }) => of?.activityType?.name);
  const first = scheduled.find((event, at) => taskOf(event) === taskOf(scheduled[at + 1]));
  const second = first && scheduled[scheduled.indexOf(first) + 1];
  if (first === undefined || second === undefined) throw new Error("no workflow task gave two activities");
  const [one, other] = [first, second].map((event) => event.activityTaskScheduledEventAttributes ?? null);
  first.activityTaskScheduledEventAttributes = other ?? null;
  second.activityTaskScheduledEventAttributes = one ?? null;
  return history;
}

function taskOf(event: History["events"][number] | undefined): string | undefined {
  return event?.activityTaskScheduledEventAttributes?.workflowTaskCompletedEventId?.toString();
}

test("replay - a history whose commands stand in another order is refused", async () => {
  const history = readHistory(fileOf("diamond", 0));
  await expect(replay(swapped(history))).rejects.toMatchObject({ name: "DeterminismViolationError" });
});

test("replay - of this release there is a history of every story, and of nothing else", () => {
  const own = [...kept().keys()].flatMap((name) =>
    name.startsWith(`${RELEASE}/`) ? [name.slice(RELEASE.length + 1)] : [],
  );
  const told = new Set(own.map((name) => name.split(".")[0] ?? ""));
  const wanted = Object.entries(STORIES).flatMap(([name, { keeper, again }]) => [
    name,
    ...(keeper === undefined ? [] : [`${name}-keeper`]),
    ...(again === undefined ? [] : [`${name}-again`]),
  ]);
  expect([...told].toSorted()).toEqual(wanted.toSorted());
});
