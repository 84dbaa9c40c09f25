import { mkdirSync, writeFileSync } from "node:fs";
import { createServer } from "node:net";
import { join } from "node:path";
import { expect, test } from "vitest";
import { silent } from "../core/progress.ts";
import { isAlive } from "../core/process-id.ts";
import { testFolder } from "../core/test-folder.ts";
import { givenCluster } from "./context.ts";
import { findDaemon, startDaemon } from "./daemons.ts";
import { readStack, stackPaths } from "./info.ts";
import { hostAndPort } from "./reach.ts";
import { up } from "./up.ts";

const kubeconfig = (server: string): string => `
apiVersion: v1
kind: Config
clusters: [{ name: c, cluster: { server: "${server}" } }]
contexts: [{ name: kind, context: { cluster: c, user: u } }]
users: [{ name: u, user: {} }]
`;

async function listener(): Promise<{ address: string; close: () => void }> {
  const server = createServer((socket) => socket.end());
  await new Promise<void>((resolve) => server.listen(0, "127.0.0.1", resolve));
  const at = server.address();
  return {
    address: `127.0.0.1:${typeof at === "object" && at !== null ? at.port : 0}`,
    close: () => void server.close(),
  };
}

test("addresses - with and without scheme and port", () => {
  expect(hostAndPort("127.0.0.1:7233", 1)).toEqual({ host: "127.0.0.1", port: 7233 });
  expect(hostAndPort("nats://demo", 4222)).toEqual({ host: "demo", port: 4222 });
  expect(hostAndPort("https://[::1]/x", 1)).toEqual({ host: "::1", port: 443 });
  expect(hostAndPort("not an address", 1)).toBeUndefined();
});

test("up - with every address given nothing is started, and the stack is remembered", async () => {
  const root = testFolder();
  const { address, close } = await listener();
  writeFileSync(join(root, "config"), kubeconfig(`https://${address}`));
  const info = await up({
    root,
    context: "kind",
    kubeconfig: join(root, "config"),
    temporal: address,
    nats: `nats://${address}`,
    log: silent,
  });
  close();
  expect(info).toMatchObject({
    temporal: { origin: "given" },
    nats: { origin: "given" },
    kubernetes: { context: "kind", origin: "given" },
  });
  expect(readStack(root)).toEqual(info);
});

test("up - a given address that does not answer is named", async () => {
  const root = testFolder();
  const { address, close } = await listener();
  writeFileSync(join(root, "config"), kubeconfig(`https://${address}`));
  const going = up({
    root,
    context: "kind",
    kubeconfig: join(root, "config"),
    temporal: "127.0.0.1:1",
    nats: `nats://${address}`,
    log: silent,
  });
  await expect(going).rejects.toThrow(/Temporal server at 127\.0\.0\.1:1 does not answer/);
  close();
  expect(readStack(root)).toBeUndefined();
});

test("context - an unknown name lists the known ones; a file that is none says so", async () => {
  const root = testFolder();
  writeFileSync(join(root, "config"), kubeconfig("https://127.0.0.1:1"));
  await expect(givenCluster("knd", join(root, "config"))).rejects.toThrow(/has: kind/);
  writeFileSync(join(root, "torn"), "clusters: 7");
  await expect(givenCluster("kind", join(root, "torn"))).rejects.toThrow(/not a kubeconfig/);
  await expect(givenCluster("kind", join(root, "absent"))).rejects.toThrow(/no kubeconfig at/);
});

test("stack.json - torn or of another shape is no stack", () => {
  const root = testFolder();
  mkdirSync(stackPaths(root).root);
  writeFileSync(stackPaths(root).info, '{"temporal": 1}');
  expect(readStack(root)).toBeUndefined();
});

test("startDaemon - outlives the call, is one a name, and is found by pid and start", async () => {
  const root = testFolder();
  const first = await startDaemon(root, { name: "worker", command: "sleep", args: ["30"] });
  const again = await startDaemon(root, { name: "worker", command: "sleep", args: ["30"] });
  expect(again).toMatchObject({ pid: first.pid, started: false });
  expect(findDaemon(root, "worker")?.pid).toBe(first.pid);
  expect(isAlive(first)).toBe(true);
  process.kill(first.pid, "SIGKILL");
  await expect.poll(() => findDaemon(root, "worker")).toBeUndefined();
});
