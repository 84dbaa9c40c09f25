import { dropStreams } from "@slipway/testbed";
import { jetstreamManager } from "@nats-io/jetstream";
import { installationNames } from "@slipway/dag";
import { expect, inject, onTestFinished, test } from "vitest";
import { connectStreams, followEvents, followLog, readEvents, readLog } from "../src/index.ts";
import { anInstallation, quiet } from "./installation.ts";
import { OwnNats } from "./nats-server.ts";

const { binaries, nats } = inject("slipway");
const MIB = 1024 * 1024;

test("many workers that start at once make the streams once", async () => {
  const { installation, nc } = await anInstallation(nats.url);
  await Promise.all(Array.from({ length: 4 }, () => anInstallation(nats.url, { installation })));
  const jsm = await jetstreamManager(nc);
  const { config } = await jsm.streams.info(installationNames(installation).logStream);
  expect(config).toMatchObject({
    subjects: [`${installation}.in.log.>`],
    subject_transform: { src: `${installation}.in.log.>`, dest: `${installation}.log.>` },
    republish: { src: `${installation}.log.>`, dest: `${installation}.log.>` },
    storage: "file",
    compression: "s2",
    allow_direct: true,
    discard: "old",
  });
});

test("other settings change the stream; what an operator changed by hand stays until then", async () => {
  const streams = await anInstallation(nats.url);
  const { installation, nc } = streams;
  const jsm = await jetstreamManager(nc);
  const name = installationNames(installation).logStream;
  await jsm.streams.update(name, { max_bytes: 32 * MIB });
  await streams.ensure();
  expect((await jsm.streams.info(name)).config.max_bytes).toBe(32 * MIB);
  const other = {
    logs: { ageMs: 60_000, bytes: 48 * MIB },
    events: { ageMs: 60_000, bytes: 16 * MIB },
    dagBytes: 16 * MIB,
  };
  await anInstallation(nats.url, { installation, streams: other });
  expect((await jsm.streams.info(name)).config).toMatchObject({ max_bytes: 48 * MIB, max_age: 60_000_000_000 });
});

test("where the server has less room, the streams are smaller, and that is said", async () => {
  const server = await OwnNats.start(binaries.natsServer, ["-c", new URL("small.conf", import.meta.url).pathname]);
  onTestFinished(() => server.close());
  const said: object[] = [];
  const log = { info: () => {}, warn: (fields: object) => void said.push(fields) };
  const { nc, installation } = await anInstallation(server.url, { streams: {}, log });
  const { config } = await (await jetstreamManager(nc)).streams.info(installationNames(installation).logStream);
  expect(config.max_bytes).toBeLessThan(1000 * MIB);
  expect(said).toContainEqual(expect.objectContaining({ stream: config.name, bytes: config.max_bytes }));
  // The last one found none: a worker starts all the same, for only large outputs need it.
  expect(said).toContainEqual({ why: expect.stringContaining("insufficient storage resources") });
});

test("an installation that is dropped leaves nothing, and dropping it again is no error", async () => {
  const { installation, nc } = await anInstallation(nats.url);
  await dropStreams(nc, installation);
  await dropStreams(nc, installation);
  const jsm = await jetstreamManager(nc);
  const left: string[] = [];
  for await (const name of jsm.streams.names()) left.push(name);
  const mark = installationNames(installation).logStream.replace("_LOGS", "");
  expect(left.filter((name) => name.includes(mark))).toEqual([]);
});

test("DAG versions are kept by their content", async () => {
  const streams = await anInstallation(nats.url);
  const hash = "0123456789abcdef".repeat(4);
  await Promise.all([streams.putDag(hash, `{"dag":"a"}`), streams.putDag(hash, `{"dag":"a"}`)]);
  expect(await streams.getDag(hash)).toBe(`{"dag":"a"}`);
  expect(await streams.getDag("f".repeat(64))).toBeUndefined();
  await expect(streams.putDag("../x", "{}")).rejects.toThrow(RangeError);
  const again = await connectStreams({
    servers: nats.url,
    name: "again",
    installation: streams.installation,
    log: quiet,
  });
  expect(await again.getDag(hash)).toBe(`{"dag":"a"}`);
  await again.close();
  await again.close();
});

test("reading where no worker ever started says so", async () => {
  const { nc } = await anInstallation(nats.url);
  const at = { installation: "nobody-here", dag: "d", run: "r" };
  for (const items of [
    readLog(nc, at),
    readEvents(nc, at),
    followLog(nc, at),
    followEvents(nc, { ...at, chain: "c" }),
  ]) {
    await expect(items.next()).rejects.toMatchObject({ problems: [{ code: "streams-missing" }] });
  }
});
