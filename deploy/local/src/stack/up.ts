import { mkdirSync } from "node:fs";
import { ensureBuilt, programFolder } from "../build/build.ts";
import { writeJson } from "../core/json-file.ts";
import { withLock } from "../core/lock.ts";
import { nodeServers } from "../node/bring-up.ts";
import { readStack, type StackInfo, stackPaths } from "./info.ts";
import { kubernetesOf, natsOf, temporalOf, type Undo, type Work } from "./obtain.ts";
import type { UpOptions } from "./options.ts";
import { checkPlan, planStack } from "./plan.ts";

/**
 * Starts what of the stack does not run, and says where it is. Twice is fine. When it fails or is interrupted, what this
 * very call started is stopped again; builds and images are kept.
 */
export async function up(options: UpOptions): Promise<StackInfo> {
  const paths = stackPaths(options.root);
  mkdirSync(paths.root, { recursive: true });
  const lock = { folder: paths.lock, purpose: "slipway up", timeoutMs: 60 * 60_000, signal: options.signal };
  const onWait = (owner: { pid: number; purpose: string }): void =>
    options.log.note(`waiting for process ${owner.pid} (${owner.purpose})`);
  return await withLock({ ...lock, onWait }, async () => {
    const plan = await planStack(options);
    await checkPlan(plan, options.signal);
    options.log.expect(plan.steps);
    const undo: Undo = [];
    try {
      return await startAll({ options, plan, paths, undo });
    } catch (error) {
      for (const step of undo.reverse()) await step().catch((failure: unknown) => options.log.note(String(failure)));
      throw error;
    }
  });
}

async function startAll(work: Work): Promise<StackInfo> {
  const { options, plan, paths } = work;
  const others = plan.needs.filter((name) => !nodeServers.some((server) => server === name));
  await ensureBuilt(others, options);
  const kubernetes = await kubernetesOf(work);
  const temporal = await temporalOf(work);
  const nats = await natsOf(work);
  const node = kubernetes.node;
  const before = readStack(options.root);
  const info: StackInfo = {
    temporal,
    nats,
    kubernetes: kubernetes.info,
    binPath: [
      ...(plan.needs.includes("nats-cli") ? [programFolder("nats-cli")] : []),
      ...(node === undefined ? [] : [node.bin]),
    ],
    ...(node === undefined ? {} : { registry: node.registry }),
    startedAt: work.undo.length === 0 && before !== undefined ? before.startedAt : new Date().toISOString(),
  };
  writeJson(paths.info, info, 0o600);
  return info;
}
