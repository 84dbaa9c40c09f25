import { jetstream, jetstreamManager } from "@nats-io/jetstream";
import type { NatsConnection } from "@nats-io/nats-core";
import { type LogWriter, SlipwayError } from "@slipway/dag";
import { expect, inject, onTestFinished, test } from "vitest";
import { eventually } from "@slipway/testbed";
import { connectStreams, followLog, readLog, StreamsUnavailable } from "../src/index.ts";
import {
  aConnection,
  aLog,
  anInstallation,
  collect,
  epoch,
  linesUpTo,
  numbered,
  quiet,
  short,
  SMALL,
  subscriber,
} from "./installation.ts";
import { OwnNats } from "./nats-server.ts";

const { binaries, nats } = inject("slipway");
const at = { dag: "sample", run: "run-1" };
const one = { ...at, task: "passing-task", attempt: 1, container: "main" };

const MIB = 1024 * 1024;

async function ownServer(flags?: readonly string[]): Promise<OwnNats> {
  const server = await OwnNats.start(binaries.natsServer, flags);
  onTestFinished(() => server.close());
  return server;
}

/** Fifty lines of a kilobyte, on their way until the writer's buffer (10 KB) is full. */
async function writeFifty(writer: LogWriter) {
  let written = 0;
  const writing = (async () => {
    for (let n = 1; n <= 50; n += 1) {
      await writer.write(numbered(n, "x".repeat(999)));
      written = n;
    }
  })();
  await eventually("the buffer is full", () => written >= 9);
  return {
    written: () => written,
    isWhole: async (nc: NatsConnection, installation: string) => {
      await writing;
      expect(await writer.end({ complete: true })).toMatchObject({ lines: 50, complete: true });
      expect(await collect(readLog(nc, { installation, ...at }))).toHaveLength(52);
    },
  };
}

test("a server killed in mid-stream, three times: nothing is lost, nothing is there twice, followers see all", async () => {
  const server = await ownServer();
  const { installation, logs, nc } = await anInstallation(server.url);
  const following = collect(followLog(await aConnection(server.url), { installation, ...one }));
  const writer = await logs.open(aLog(installation), epoch(1));
  for (let n = 1; n <= 600; n += 1) {
    await writer.write(numbered(n));
    if (n % 6 === 0) await new Promise((done) => setTimeout(done, 5));
    if (n % 150 === 0 && n < 600) {
      await server.kill();
      await server.start();
    }
  }
  expect(await writer.end({ complete: true })).toMatchObject({ lines: 600, complete: true });
  const whole = ["start", ...linesUpTo(600), "end 600 true"];
  expect((await collect(readLog(nc, { installation, ...at }))).map(short)).toEqual(whole);
  expect((await following).map(short)).toEqual(whole);
});

test("while the server is gone, a writer holds its megabyte, waits, and goes on", async () => {
  const server = await ownServer();
  const { installation, logs, nc } = await anInstallation(server.url, { limits: { bufferBytes: 10_000 } });
  const writer = await logs.open(aLog(installation), epoch(1));
  await server.kill();
  const fifty = await writeFifty(writer);
  await new Promise((done) => setTimeout(done, 300));
  expect(fifty.written()).toBeLessThanOrEqual(10);
  await server.start();
  await fifty.isWhole(nc, installation);
});

test("an end that NATS does not take is said, and a close does not hang", async () => {
  const server = await ownServer();
  const { installation, logs } = await anInstallation(server.url, { limits: { patienceMs: 300, closeMs: 300 } });
  const ending = await logs.open(aLog(installation), epoch(1));
  const closing = await logs.open(aLog(installation, { container: "other" }), epoch(1));
  await ending.write(numbered(1));
  await closing.write(numbered(1));
  await server.kill();
  await Promise.all([expect(ending.end({ complete: true })).rejects.toThrow(StreamsUnavailable), closing.close()]);
  await server.start();
});

test("JetStream that is off is said in words", async () => {
  const server = await ownServer([]);
  await expect(anInstallation(server.url)).rejects.toMatchObject({ problems: [{ code: "jetstream-off" }] });
});

test("a server that is not there is named, without its password, within the time given", async () => {
  const servers = "nats://me:secret@127.0.0.1:1";
  const failed = await connectStreams({ servers, name: "x", installation: "x", connectMs: 200, log: quiet }).catch(
    (e: unknown) => e,
  );
  expect(failed).toBeInstanceOf(SlipwayError);
  expect(String(failed)).toContain("nats://127.0.0.1:1");
  expect(String(failed)).not.toContain("secret");
  expect(failed).toMatchObject({ problems: [{ code: "server-unreachable" }] });
});

test.each(["nats://[", "wss://127.0.0.1:1"])("an address that is none is refused at once: %s", async (servers) => {
  const connecting = connectStreams({ servers, name: "x", installation: "x", connectMs: 600_000, log: quiet });
  await expect(connecting).rejects.toMatchObject({ problems: [{ code: "server-unreachable" }] });
});

test("a user that is refused is not tried again", async () => {
  const server = await ownServer(["-js", "--user", "me", "--pass", "right"]);
  const login = (password: string) =>
    connectStreams({ servers: server.url, name: "x", installation: "x", user: { name: "me", password }, log: quiet });
  await expect(login("wrong")).rejects.toMatchObject({ problems: [{ code: "nats-refused" }] });
  await (await login("right")).close();
});

test("events reach a server that comes back, and are refused in time where it does not", async () => {
  const server = await ownServer();
  const { installation, events } = await anInstallation(server.url);
  const seen = await subscriber(await aConnection(server.url), `${installation}.event.>`);
  const { attempt } = aLog(installation);
  await server.kill();
  const event = { type: "attempt.created", ref: attempt, attempt: 1, time: "2026-11-22T10:00:00Z", data: {} } as const;
  const publishing = events.publish([event]);
  await server.start();
  await publishing;
  await eventually("the event", () => seen().length === 1);
  const hasty = await anInstallation(server.url, { limits: { patienceMs: 300 } });
  await server.kill();
  await expect(hasty.events.publish([{ ...event, ref: aLog(hasty.installation).attempt }])).rejects.toThrow(
    StreamsUnavailable,
  );
  await server.start();
  // Less than the patience that nobody has set.
}, 25_000);

test("readers and writers need no more than a connection to the shared server", async () => {
  const { installation } = await anInstallation(nats.url);
  expect(await collect(readLog(await aConnection(nats.url), { installation, ...at }))).toEqual([]);
});

test("a server whose disk is full: the writer holds no more than its buffer, waits, and loses nothing", async () => {
  const server = await ownServer(["-c", new URL("full.conf", import.meta.url).pathname]);
  const small = { ...SMALL, logs: { ...SMALL.logs, bytes: 20 * MIB }, events: { ...SMALL.events, bytes: 16 * MIB } };
  const { installation, logs, nc } = await anInstallation(server.url, {
    streams: small,
    limits: { bufferBytes: 10_000 },
  });
  const jsm = await jetstreamManager(nc);
  const writer = await logs.open(aLog(installation), epoch(1));
  // Reserves nothing, and takes everything.
  await jsm.streams.add({ name: "GREEDY", subjects: ["greedy"] });
  const filler = new Uint8Array(MIB / 2).map(() => Math.random() * 256);
  const refusals: string[] = [];
  await eventually("the disk is full", async () => {
    await jetstream(nc)
      .publish("greedy", filler)
      .catch((error: unknown) => refusals.push(String(error)));
    return refusals.length > 2;
  });
  expect(refusals).toContain("JetStreamApiError: insufficient resources");
  const fifty = await writeFifty(writer);
  expect(fifty.written()).toBeLessThan(50);
  await jsm.streams.delete("GREEDY");
  await fifty.isWhole(nc, installation);
});
