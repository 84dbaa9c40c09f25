/** Who logs in to NATS, and how; and how little a worker and a reader may be allowed. */
import { mkdtempSync, readFileSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { jetstream } from "@nats-io/jetstream";
import { installationNames } from "@slipway/dag";
import { expect, inject, onTestFinished, test } from "vitest";
import { connectNats, connectStreams, followEvents, followLog, type NatsSettings, readLog } from "../src/index.ts";
import { jwtServer, tlsServer } from "./credentials.ts";
import { aLog, collect, epoch, linesUpTo, numbered, quiet, short, SMALL } from "./installation.ts";
import { OwnNats } from "./nats-server.ts";

const { binaries } = inject("slipway");
const installation = "slipway";
const at = { installation, dag: "sample", run: "run-1" };
const PASSWORDS = { WORKER_PASSWORD: "of-the-worker", READER_PASSWORD: "of-the-reader" };

function aFolder(): string {
  const folder = mkdtempSync(join(tmpdir(), "slipway-logins-"));
  onTestFinished(() => rmSync(folder, { recursive: true }));
  return folder;
}

async function serverWith(config: string, env: Record<string, string> = {}): Promise<OwnNats> {
  const file = join(aFolder(), "nats.conf");
  writeFileSync(file, config);
  const server = await OwnNats.start(binaries.natsServer, ["-c", file], env);
  onTestFinished(() => server.close());
  return server;
}

/** The configuration that the page shows, and nothing else. */
function configOfThePage(): string {
  const page = readFileSync(new URL("../../../docs/reference/permissions.md", import.meta.url), "utf8");
  const [, config] = /```conf\n([\s\S]*?)```/.exec(page) ?? [];
  if (config === undefined) throw new Error("the page shows no configuration");
  return config;
}

async function connected(settings: NatsSettings) {
  const nc = await connectNats({ ...settings, name: "test", connectMs: 3_000, log: quiet });
  onTestFinished(() => nc.close());
  return nc;
}

test("a worker and a reader with the permissions of the page, and no other: all they do, and nothing else", async () => {
  const server = await serverWith(configOfThePage(), PASSWORDS);
  const refused: string[] = [];
  const log = { info: () => {}, warn: (fields: object) => void refused.push(JSON.stringify(fields)) };
  const settings = { servers: server.url, name: "worker", installation, streams: SMALL, log };
  const streams = await connectStreams({ ...settings, user: { name: "worker", password: PASSWORDS.WORKER_PASSWORD } });
  onTestFinished(() => streams.close());
  await streams.ensure();
  await streams.ensure();
  const hash = "0123456789abcdef".repeat(4);
  await streams.putDag(hash, "{}");
  expect(await streams.getDag(hash)).toBe("{}");
  for (const value of ["1".repeat(300_000), "2".repeat(300_000)]) {
    await streams.outputs.put("a/b/-/1/c", value);
    expect(await streams.outputs.get("a/b/-/1/c")).toBe(value);
  }

  const reader = await connected({
    servers: server.url,
    user: { name: "reader", password: PASSWORDS.READER_PASSWORD },
  });
  const one = { ...at, task: "passing-task", attempt: 1, container: "main" };
  const following = collect(followLog(reader, one));
  const told = collect(followEvents(reader, at));
  const ref = aLog(installation);
  const writer = await streams.logs.open(ref, epoch(1));
  for (let n = 1; n <= 30; n += 1) await writer.write(numbered(n));
  await writer.end({ complete: true });
  const event = { ref: ref.attempt, attempt: 1, time: "2026-11-22T10:00:00Z" };
  await streams.events.publish([
    { ...event, type: "attempt.created", data: { pod: { uid: "pod-1" } } },
    { ...event, type: "run.finished", data: {} },
  ]);
  expect(await streams.createdPod(ref.attempt)).toBe("pod-1");
  expect((await following).map(short)).toEqual(["start", ...linesUpTo(30), "end 30 true"]);
  expect((await told).map(({ type }) => type)).toEqual(["attempt.created", "run.finished"]);
  for (const view of [{ tail: 5 }, { fromLine: 26 }]) {
    expect((await collect(readLog(reader, { ...at, ...view }))).filter(({ kind }) => kind === "line")).toHaveLength(5);
  }
  expect(await collect(readLog(reader, { ...at, since: new Date(Date.now() + 120_000) }))).toEqual([]);
  expect(refused).toEqual([]);

  const subject = `${installation}.log.sample.run-1.passing-task.-.1.main`;
  for (const [nc, where] of [
    [reader, subject.replace(".log.", ".in.log.")],
    [reader, subject],
    [streams.nc, subject],
  ] as const) {
    await expect(jetstream(nc, { timeout: 500 }).publish(where, "forged")).rejects.toThrow();
  }
  expect((await collect(readLog(reader, one))).map(short)).toEqual(["start", ...linesUpTo(30), "end 30 true"]);
});

test("who may not do what a reader or a worker does is told which subject it is, at once", async () => {
  const users = {
    blind: '{ publish: ["nothing"], subscribe: ["_INBOX.>"] }',
    deaf: '{ publish: ["$JS.API.STREAM.*.SLIPWAY_LOGS", "$JS.API.STREAM.*.SLIPWAY_EVENTS", "$JS.API.*.*.*.SLIPWAY_LOGS", "$JS.API.INFO", "$JS.API.DIRECT.>"], subscribe: ["_INBOX.>"] }',
  };
  const entries = Object.entries(users).map(([name, may]) => `{ user: ${name}, password: x, permissions: ${may} }`);
  const server = await serverWith(`jetstream {}\nauthorization { users: [ ${entries.join(", ")} ] }`);
  const as = (name: keyof typeof users) => ({ servers: server.url, user: { name, password: "x" } });
  const says = (what: string) => ({
    problems: [{ code: "nats-refused", what: `NATS does not let this user ${what}` }],
  });
  const { logStream } = installationNames(installation);
  await expect(collect(readLog(await connected(as("blind")), at))).rejects.toMatchObject(
    says(`publish on $JS.API.STREAM.MSG.GET.${logStream}`),
  );
  const worker = await connectStreams({ ...as("blind"), name: "worker", installation, log: quiet });
  onTestFinished(() => worker.close());
  await expect(worker.ensure()).rejects.toMatchObject(says("publish on $JS.API.INFO"));
  const deaf = await connectStreams({ ...as("deaf"), name: "worker", installation, streams: SMALL, log: quiet });
  onTestFinished(() => deaf.close());
  await expect(deaf.ensure()).rejects.toMatchObject(says("publish on $JS.API.STREAM.INFO.KV_SLIPWAY_DAGS"));
  await expect(collect(followLog(deaf.nc, at))).rejects.toMatchObject(
    says("subscribe to slipway.log.sample.run-1.*.*.*.*"),
  );
});

test("user and password, a token, either in the address, a credentials file, certificates: each logs in, and no other", async () => {
  const users = await serverWith('authorization { user: me, password: "se:cret" }');
  const tokens = await serverWith('authorization { token: "the-token" }');
  const jwt = jwtServer(aFolder());
  const jwts = await serverWith(jwt.config);
  const { config, tls } = await tlsServer(aFolder());
  const encrypted = await serverWith(config);
  // nats.js checks a certificate against a host's name, and against none of its addresses.
  const byName = encrypted.url.replace("127.0.0.1", "localhost");
  const host = (server: OwnNats) => server.url.replace("nats://", "");
  const good: readonly NatsSettings[] = [
    { servers: users.url, user: { name: "me", password: "se:cret" } },
    { servers: `nats://me:se%3Acret@${host(users)}` },
    { servers: tokens.url, token: "the-token" },
    { servers: `the-token@${host(tokens)}` },
    { servers: `nats://nobody:wrong@${host(tokens)}`, token: "the-token" },
    { servers: jwts.url, credsFile: jwt.credsFile },
    { servers: byName, tls },
  ];
  for (const settings of good) expect((await connected(settings)).isClosed()).toBe(false);
  const bad: readonly [NatsSettings, code: string][] = [
    [{ servers: users.url, user: { name: "me", password: "wrong-secret" } }, "nats-refused"],
    [{ servers: `nats://me:wrong-secret@${host(users)}` }, "nats-refused"],
    [{ servers: tokens.url, token: "wrong-secret" }, "nats-refused"],
    [{ servers: jwts.url }, "nats-refused"],
    [{ servers: jwts.url, credsFile: `${jwt.credsFile}.gone` }, "nats-login"],
    [{ servers: byName, tls: { ...tls, keyFile: "/none" } }, "nats-login"],
    [{ servers: byName, tls: { caFile: tls.caFile } }, "server-unreachable"],
    [{ servers: byName }, "server-unreachable"],
  ];
  for (const [settings, code] of bad) {
    const failed: unknown = await connectNats({ ...settings, name: "test", connectMs: 500, log: quiet }).catch(
      (e: unknown) => e,
    );
    expect(failed).toMatchObject({ problems: [{ code }] });
    expect(String(failed)).not.toContain("secret");
  }
});
