import type { SlipwayEvent } from "@slipway/dag";
import { eventually } from "@slipway/testbed";
import { expect, inject, onTestFinished, test } from "vitest";
import { followLog, readEvents, readLog } from "../src/index.ts";
import {
  aConnection,
  aLog,
  anInstallation,
  collect,
  epoch,
  linesUpTo,
  numbered,
  SMALL,
  short,
} from "./installation.ts";
import { NatsCluster } from "./nats-cluster.ts";

const { binaries } = inject("slipway");
const at = { dag: "sample", run: "run-1" };
const LINES = 400;

test("a cluster whose servers are killed one after the other: every line once, every event once", async () => {
  const cluster = await NatsCluster.start(binaries.natsServer);
  onTestFinished(() => cluster.close());
  const { installation, logs, events, nc } = await eventually("the cluster takes streams", () =>
    anInstallation(cluster.urls, { streams: { ...SMALL, replicas: 3 } }),
  );
  const following = collect(
    followLog(await aConnection(cluster.urls), {
      installation,
      ...at,
      task: "passing-task",
      attempt: 1,
      container: "main",
    }),
  );
  const { attempt } = aLog(installation);
  const event = (step: number): SlipwayEvent => {
    const time = "2026-11-22T10:00:00Z";
    return { type: "attempt.blocked", ref: attempt, attempt: 1, time, data: { step }, facts: { step } };
  };
  const writer = await logs.open(aLog(installation), epoch(1));
  const publishing: Promise<void>[] = [];
  for (let n = 1; n <= LINES; n += 1) {
    await writer.write(numbered(n));
    if (n % 8 === 0) await new Promise((done) => setTimeout(done, 10));
    if (n % 40 === 0) publishing.push(events.publish([event(n), event(n - 40)]));
    const victim = cluster.servers[n / 120 - 1];
    if (victim === undefined) continue;
    await victim.kill();
    await victim.start();
  }
  expect(await writer.end({ complete: true })).toMatchObject({ lines: LINES, complete: true });
  await Promise.all(publishing);
  const whole = ["start", ...linesUpTo(LINES), `end ${LINES} true`];
  expect((await following).map(short)).toEqual(whole);
  expect((await collect(readLog(nc, { installation, ...at }))).map(short)).toEqual(whole);
  const steps = (await collect(readEvents(nc, { installation, ...at }))).map(({ data }) => Number(data["step"]));
  expect(steps.toSorted((a, b) => a - b)).toEqual(Array.from({ length: LINES / 40 + 1 }, (_, index) => index * 40));
});
