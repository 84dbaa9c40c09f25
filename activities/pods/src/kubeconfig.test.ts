import { mkdtemp, rm, writeFile } from "node:fs/promises";
import { tmpdir } from "node:os";
import { dirname, join } from "node:path";
import { expect, onTestFinished, test } from "vitest";
import { loadKubeconfig, tokenFileOf } from "./kubeconfig.ts";

async function aFile(content: unknown): Promise<string> {
  const dir = await mkdtemp(join(tmpdir(), "slipway-kubeconfig-"));
  onTestFinished(async () => {
    await rm(dir, { recursive: true });
  });
  const file = join(dir, "config");
  await writeFile(file, typeof content === "string" ? content : JSON.stringify(content));
  return file;
}

const cluster = (name: string) => ({ name, cluster: { server: `https://${name}:6443` } });
const CONFIG = {
  clusters: [cluster("one"), cluster("two")],
  users: [{ name: "u", user: {} }],
  contexts: ["one", "two"].map((name) => ({ name, context: { cluster: name, user: "u" } })),
};

test("the context that is named, else the file's current one", async () => {
  const kubeconfig = await aFile({ ...CONFIG, "current-context": "one" });
  expect(loadKubeconfig({ kubeconfig }).getCurrentCluster()?.server).toBe("https://one:6443");
  expect(loadKubeconfig({ kubeconfig, context: "two" }).getCurrentCluster()?.server).toBe("https://two:6443");
});

test("what cannot be used is said with what can", async () => {
  const kubeconfig = await aFile(CONFIG);
  expect(() => loadKubeconfig({ kubeconfig })).toThrow("names no current context");
  expect(() => loadKubeconfig({ kubeconfig, context: "three" })).toThrow("use one of its contexts: one, two");
  expect(() => loadKubeconfig({ kubeconfig: `${kubeconfig}.not` })).toThrow(/error\[kubeconfig\].*ENOENT/s);
});

test.each(["", "a: [", "just text", "clusters: 3"])("a file that is no kubeconfig: %j", async (content) => {
  const kubeconfig = await aFile(content);
  expect(() => loadKubeconfig({ kubeconfig })).toThrow("error[kubeconfig]");
});

test("several files, joined as in KUBECONFIG: the first that has the context", async () => {
  const first = await aFile({ ...CONFIG, contexts: CONFIG.contexts.slice(0, 1), "current-context": "one" });
  const second = await aFile(CONFIG);
  const kubeconfig = `${first}:${second}`;
  expect(loadKubeconfig({ kubeconfig, context: "two" }).getCurrentCluster()?.server).toBe("https://two:6443");
  expect(loadKubeconfig({ kubeconfig }).getCurrentCluster()?.server).toBe("https://one:6443");
  expect(() => loadKubeconfig({ kubeconfig, context: "three" })).toThrow("use one of its contexts: one, one, two");
});

test("a user's tokenFile, beside the kubeconfig as kubectl reads it", async () => {
  const users = [{ name: "u", user: { tokenFile: "token" } }];
  const kubeconfig = await aFile({ ...CONFIG, users, "current-context": "one" });
  expect(tokenFileOf(loadKubeconfig({ kubeconfig }))).toBe(join(dirname(kubeconfig), "token"));
  expect(tokenFileOf(loadKubeconfig({ kubeconfig: await aFile({ ...CONFIG, "current-context": "one" }) }))).toBe(
    undefined,
  );
});
