/** Large outputs in the installation's object store: put, read, away, full, deleted. */
import { dropStreams } from "@slipway/testbed";
import { jetstreamManager } from "@nats-io/jetstream";
import { installationNames } from "@slipway/dag";
import { expect, inject, onTestFinished, test } from "vitest";
import { StreamsUnavailable } from "../src/index.ts";
import { anInstallation, SMALL } from "./installation.ts";
import { OwnNats } from "./nats-server.ts";

const { binaries, nats } = inject("slipway");
const MIB = 1024 * 1024;
const NAME = "0190c0de/load/-/1/rows";
const large = (seed: string) => JSON.stringify({ rows: `${seed} häßlich 🚢 `.repeat(12_000) });

test("outputs - what is put is read whole, by another worker too; put again it is the same; what nobody put is not there", async () => {
  const { installation, outputs, nc } = await anInstallation(nats.url);
  const { outputs: elsewhere } = await anInstallation(nats.url, { installation });
  await outputs.put(NAME, large("a"));
  await elsewhere.put(NAME, large("a"));
  await outputs.put("0190c0de/load/-/1/empty", '""');
  expect(await elsewhere.get(NAME)).toBe(large("a"));
  expect(await outputs.get("0190c0de/load/-/1/empty")).toBe('""');
  expect(await outputs.get("0190c0de/load/-/2/rows")).toBeUndefined();
  const jsm = await jetstreamManager(nc);
  const { config } = await jsm.streams.info(`OBJ_${installationNames(installation).outputBucket}`);
  expect(config).toMatchObject({ storage: "file", compression: "s2", max_age: 3_600_000_000_000 });
});

test("outputs - a server that is away: putting and reading fail in time and say so, and go on once it is back", async () => {
  const server = await OwnNats.start(binaries.natsServer);
  onTestFinished(() => server.close());
  const { outputs } = await anInstallation(server.url);
  await outputs.put(NAME, large("a"));
  await server.kill();
  const away = [outputs.put(`${NAME}2`, large("b")), outputs.get(NAME)];
  for (const each of away) await expect(each).rejects.toThrow(StreamsUnavailable);
  for (const each of away) await expect(each).rejects.toThrow("the object store of NATS: ");
  await server.start();
  await expect.poll(async () => await outputs.get(NAME).catch(() => "away"), { timeout: 30_000 }).toBe(large("a"));
  await outputs.put(`${NAME}2`, large("b"));
  expect(await outputs.get(`${NAME}2`)).toBe(large("b"));
}, 90_000);

test("outputs - a store that is full takes no more and says so; what is there stays", async () => {
  const small = { ...SMALL, outputs: { ...SMALL.outputs, bytes: MIB } };
  const { outputs } = await anInstallation(nats.url, { streams: small });
  const noise = (n: number) => JSON.stringify(Array.from({ length: 15_000 }, () => Math.random()).concat(n));
  const first = noise(0);
  await outputs.put(NAME, first);
  const fill = async () => {
    for (let n = 1; n < 20; n += 1) await outputs.put(`${NAME}${n}`, noise(n));
  };
  await expect(fill()).rejects.toThrow(/the object store of NATS: .*maximum bytes exceeded/);
  expect(await outputs.get(NAME)).toBe(first);
});

test("outputs - a store that somebody deletes is made again for what comes; what was in it is not there", async () => {
  const { installation, outputs, nc } = await anInstallation(nats.url);
  await outputs.put(NAME, large("a"));
  await dropStreams(nc, installation);
  await expect(outputs.put(NAME, large("b"))).rejects.toThrow(StreamsUnavailable);
  expect(await outputs.get(NAME)).toBeUndefined();
  await outputs.put(NAME, large("b"));
  expect(await outputs.get(NAME)).toBe(large("b"));
});
