import type { SlipwayEvent } from "@slipway/dag";
import { expect, inject, test } from "vitest";
import { connectStreams, followEvents, readEvents } from "../src/index.ts";
import { aRef } from "../src/ref-samples.ts";
import { aConnection, anInstallation, collect, quiet, subscriber } from "./installation.ts";

const { nats } = inject("slipway");
const at = { dag: "sample", run: "run-1" };

function event(
  installation: string,
  type: SlipwayEvent["type"],
  more: { attempt?: number; step?: number; chain?: string } = {},
): SlipwayEvent {
  const { attempt, step, chain } = more;
  const { task, ...ofRun } = aRef({ installation, ...(chain === undefined ? {} : { chain }) });
  return {
    type,
    ref: type.startsWith("run.") ? ofRun : { ...ofRun, task },
    time: "2026-11-22T10:00:00Z",
    data: { step: step ?? 0 },
    ...(attempt === undefined ? {} : { attempt }),
    ...(step === undefined ? {} : { facts: { step } }),
  };
}

test("a batch is stored in order, and a repeated one changes nothing, whoever repeats it", async () => {
  const { installation, events, nc } = await anInstallation(nats.url);
  const seen = await subscriber(await aConnection(nats.url), `${installation}.event.>`);
  const tried = await subscriber(await aConnection(nats.url), `${installation}.in.event.>`);
  const batch = [
    event(installation, "run.started"),
    event(installation, "attempt.created", { attempt: 1 }),
    event(installation, "attempt.started", { attempt: 1 }),
    event(installation, "attempt.finished", { attempt: 1 }),
    event(installation, "task.finished"),
    event(installation, "run.finished"),
  ];
  await events.publish(batch);
  await events.publish(batch);
  const restarted = await connectStreams({ servers: nats.url, name: "restarted", installation, log: quiet });
  await restarted.events.publish(batch.slice(2));
  await restarted.events.publish(batch);
  await restarted.close();
  const stored = await collect(readEvents(nc, { installation, ...at }));
  expect(stored.map(({ type }) => type)).toEqual(batch.map(({ type }) => type));
  expect(new Set(stored.map(({ id }) => id)).size).toBe(batch.length);
  expect(seen()).toHaveLength(batch.length);
  // A restarted publisher finds out once per task and once for the run; nobody relies on JetStream's memory of ids.
  expect(tried()).toHaveLength(batch.length + 2);
});

test("watcher and workflow publish for one task at once: all arrive, each publisher's in its order", async () => {
  const { installation, events } = await anInstallation(nats.url);
  const other = await connectStreams({ servers: nats.url, name: "other", installation, log: quiet });
  const steps = Array.from({ length: 20 }, (_, step) => step);
  const from = (attempt: number) => steps.map((step) => event(installation, "attempt.blocked", { attempt, step }));
  await Promise.all([events.publish(from(1)), other.events.publish(from(2)), other.events.publish(from(2))]);
  const stored = await collect(readEvents(other.nc, { installation, ...at }));
  for (const attempt of [1, 2]) {
    const own = stored.filter((each) => each.attempt === attempt);
    expect(own.map(({ data }) => data["step"])).toEqual(steps);
  }
  expect(stored).toHaveLength(40);
  await other.close();
});

test("a follower sees what was and what comes, and ends with the run", async () => {
  const { installation, events } = await anInstallation(nats.url);
  await events.publish([event(installation, "run.started")]);
  const following = collect(followEvents(await aConnection(nats.url), { installation, ...at }));
  for (const step of [1, 2, 3]) await events.publish([event(installation, "attempt.blocked", { attempt: 1, step })]);
  await events.publish([event(installation, "run.finished")]);
  const types = (await following).map(({ type }) => type);
  expect(types).toEqual(["run.started", "attempt.blocked", "attempt.blocked", "attempt.blocked", "run.finished"]);
});

test("a run that uses a workflow id again does not see the older one's events", async () => {
  const { installation, events, nc } = await anInstallation(nats.url);
  await events.publish([
    event(installation, "run.started", { chain: "old" }),
    event(installation, "run.finished", { chain: "old" }),
  ]);
  await events.publish([event(installation, "run.started", { chain: "new" })]);
  const stored = await collect(readEvents(nc, { installation, ...at }));
  expect(stored.map(({ chain, type }) => `${chain} ${type}`)).toEqual(["new run.started"]);
  expect(await collect(readEvents(nc, { installation, ...at, chain: "old" }))).toHaveLength(2);
});
