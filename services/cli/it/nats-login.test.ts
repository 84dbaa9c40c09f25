/** A worker and a person, each with a login of their own and the least permissions, on a NATS that lets nobody else in. */
import { mkdtempSync, readFileSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { aFleet, type Finished, OwnNats, slipway } from "@slipway/testbed";
import { expect, inject, onTestFinished, test } from "vitest";

const stack = inject("slipway");
const PASSWORDS = { WORKER_PASSWORD: "of-the-worker", READER_PASSWORD: "of-the-reader" };

const DAG = `
dag: guarded
tasks:
  hello: { image: slipway.local/busybox:1, command: [echo, hello] }
`;

/** What the page of permissions shows, for another installation. */
function configOfThePage(installation: string): string {
  const page = readFileSync(new URL("../../../docs/reference/permissions.md", import.meta.url), "utf8");
  const [, config = ""] = /```conf\n([\s\S]*?)```/.exec(page) ?? [];
  const upper = installation.toUpperCase().replaceAll("-", "_");
  return config.replaceAll("SLIPWAY", upper).replaceAll("slipway.", `${installation}.`);
}

test("a login each - the worker works, a reader reads, a stranger is told; no password is in what they say", async () => {
  const folder = mkdtempSync(join(tmpdir(), "slipway-login-"));
  onTestFinished(() => rmSync(folder, { recursive: true }));
  const [conf, dag] = [join(folder, "nats.conf"), join(folder, "dag.yaml")];
  writeFileSync(conf, "");
  writeFileSync(dag, DAG);
  const nats = await OwnNats.start(stack.binaries.natsServer, ["-c", conf], PASSWORDS);
  onTestFinished(() => nats.close());
  const fleet = await aFleet(
    { ...stack, nats: { url: nats.url } },
    { worker: false, givesBack: false, env: { NATS_USER: "worker", NATS_PASSWORD: PASSWORDS.WORKER_PASSWORD } },
  );
  onTestFinished(() => fleet.close());
  writeFileSync(conf, configOfThePage(fleet.installation));
  await nats.kill();
  await nats.start();
  const worker = await fleet.startWorker();

  const said: Finished[] = [];
  const as = async (login: Record<string, string>, ...args: string[]): Promise<Finished> => {
    const { NATS_USER: _user, NATS_PASSWORD: _password, ...env } = fleet.env;
    const done = await slipway(args, { ...env, ...login }).finished;
    said.push(done);
    return done;
  };
  const reader = { NATS_USER: "reader", NATS_PASSWORD: PASSWORDS.READER_PASSWORD };
  const ran = await as(reader, "run", dag, "--run-id", "one", "--logs");
  expect(ran).toMatchObject({ code: 0 });
  expect(ran.stdout).toContain("hello\n");
  expect(await as(reader, "logs", "one", "--tail", "1")).toMatchObject({ code: 0, stdout: "hello\n" });
  expect((await as(reader, "events", "one", "-f")).stdout).toMatch(/run\.finished .*succeeded\n$/);
  const inAddress = { NATS_URL: nats.url.replace("//", `//reader:${PASSWORDS.READER_PASSWORD}@`) };
  expect(await as(inAddress, "logs", "one")).toMatchObject({ code: 0, stdout: "hello\n" });
  const byFlag = await as({ NATS_PASSWORD: PASSWORDS.READER_PASSWORD }, "logs", "one", "--nats-user", "reader");
  expect(byFlag).toMatchObject({ code: 0, stdout: "hello\n" });

  const strangers: readonly [Record<string, string>, says: string][] = [
    [{}, "error[nats-refused]"],
    [{ ...reader, NATS_PASSWORD: "of-nobody" }, "error[nats-refused]"],
    [{ NATS_USER: "reader" }, "error[nats-login]: the NATS user reader has no password"],
    [{ NATS_CREDS: join(folder, "none.creds") }, "error[nats-login]"],
  ];
  for (const [login, says] of strangers) {
    const failed = await as(login, "logs", "one");
    expect(failed).toMatchObject({ code: 1, stdout: "" });
    expect(failed.stderr).toContain(says);
  }
  expect(await as({ NATS_CREDS: join(folder, "none.creds"), ...reader }, "doctor")).toMatchObject({ code: 1 });
  const everything = [worker.stdout(), worker.stderr(), ...said.flatMap(({ stdout, stderr }) => [stdout, stderr])].join(
    "",
  );
  expect(everything).not.toMatch(/of-(the-worker|the-reader|nobody)/);
});
