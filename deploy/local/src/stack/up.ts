import { mkdirSync } from "node:fs";
import { ensureBuilt, programFolder } from "../build/build.ts";
import { aliveRecord, startDaemonProcess, stopRecorded } from "../core/daemon.ts";
import { withLock } from "../core/lock.ts";
import { writeJson } from "../core/json-file.ts";
import { asStep, type Progress } from "../core/progress.ts";
import { joinNode, leaveNode, type NodeHandle, nodeServers } from "../node/node.ts";
import { findNats, startNats } from "../servers/nats.ts";
import { findTemporal, startTemporal } from "../servers/temporal.ts";
import { findTemporalCli, startTemporalCli } from "../servers/temporal-cli.ts";
import { findTemporalUi, startTemporalUi } from "../servers/temporal-ui.ts";
import { givenCluster } from "./context.ts";
import { readStack, type StackInfo, stackPaths } from "./info.ts";
import { checkPlan, planStack, type StackPlan } from "./plan.ts";
import { requireReachable } from "./reach.ts";

export interface UpOptions {
  /** The checkout: its servers' state is in `<root>/.slipway`. */
  readonly root: string;
  /** A context of the user's own kubeconfig: no local node then. */
  readonly context?: string | undefined;
  /** The file it is in; default KUBECONFIG, else ~/.kube/config. */
  readonly kubeconfig?: string | undefined;
  /** "host:port" of a Temporal server that runs already. */
  readonly temporal?: string | undefined;
  /** URL of a NATS server that runs already. */
  readonly nats?: string | undefined;
  readonly log: Progress;
  readonly signal?: AbortSignal | undefined;
}

/** What is taken back, last first, when `up` fails or is interrupted. */
type Undo = (() => Promise<unknown>)[];

interface Work {
  readonly options: UpOptions;
  readonly plan: StackPlan;
  readonly paths: ReturnType<typeof stackPaths>;
  readonly undo: Undo;
}

/**
 * Starts what of the stack does not run, and says where it is. Twice is fine. When it fails or is interrupted, what this
 * very call started is stopped again; builds and images are kept.
 */
export async function up(options: UpOptions): Promise<StackInfo> {
  const paths = stackPaths(options.root);
  mkdirSync(paths.root, { recursive: true });
  const lock = { folder: paths.lock, purpose: "slipway up", timeoutMs: 60 * 60_000, signal: options.signal };
  const onWait = (owner: { pid: number; purpose: string }): void => options.log.note(`waiting for process ${owner.pid} (${owner.purpose})`);
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
    binPath: [...(plan.needs.includes("nats-cli") ? [programFolder("nats-cli")] : []), ...(node === undefined ? [] : [node.bin])],
    ...(node === undefined ? {} : { registry: node.registry }),
    startedAt: work.undo.length === 0 && before !== undefined ? before.startedAt : new Date().toISOString(),
  };
  writeJson(paths.info, info, 0o600);
  return info;
}

async function kubernetesOf(work: Work): Promise<{ info: StackInfo["kubernetes"]; node?: NodeHandle }> {
  const { options, plan, paths, undo } = work;
  if (plan.kubernetes.from === "given") {
    return { info: { ...(await givenCluster(plan.kubernetes.context, options.kubeconfig)), origin: "given" } };
  }
  let holder = aliveRecord(paths.holder, "node-lease");
  const mine = holder === undefined;
  if (holder === undefined) {
    const args = ["infinity"];
    holder = await startDaemonProcess({ name: "node-lease", command: "sleep", args, records: paths.holder, logFile: `${paths.holder}/node-lease.log` });
    undo.push(async () => await stopRecorded(paths.holder, "node-lease"));
  }
  const node = await joinNode({ purpose: `slipway up in ${options.root}`, log: options.log, signal: options.signal }, holder);
  if (mine) undo.push(async () => await leaveNode(node.lease, options.log));
  return { info: { kubeconfig: node.kubeconfig, context: node.context, origin: "local" }, node };
}

async function temporalOf(work: Work): Promise<StackInfo["temporal"]> {
  const { options, plan, paths, undo } = work;
  const { log, signal } = options;
  const source = plan.temporal;
  if (source.from === "given") {
    await requireReachable("the Temporal server", source.at, 7233, "start it, or leave --temporal out for a local one");
    return { address: source.at, origin: "given" };
  }
  if (source.from === "path") {
    log.note(`using ${source.program} from PATH as the Temporal server`);
    return await asStep(log, "start the Temporal server", async () => {
      const own = { dir: paths.temporal, program: source.program, signal };
      let server = await findTemporalCli(own);
      if (server === undefined) {
        server = await startTemporalCli(own);
        undo.push(server.stop);
      }
      return { address: server.address, uiUrl: server.uiUrl, origin: "path" };
    });
  }
  const address = await asStep(log, "start the Temporal server", async () => {
    const own = { dir: paths.temporal, ports: "conventional", keep: true, log, signal } as const;
    let server = await findTemporal(own);
    if (server === undefined) {
      server = await startTemporal(own);
      undo.push(server.stop);
    }
    return server.address;
  });
  sayPort(log, "Temporal", address, "7233");
  return { address, uiUrl: await uiOf(work, address), origin: "built" };
}

async function uiOf({ options: { log, signal }, paths, undo }: Work, temporal: string): Promise<string> {
  const url = await asStep(log, "start the Temporal Web UI", async () => {
    const own = { dir: paths.temporalUi, temporal, log, signal };
    let ui = await findTemporalUi(own);
    if (ui === undefined) {
      ui = await startTemporalUi(own);
      undo.push(ui.stop);
    }
    return ui.url;
  });
  sayPort(log, "the Temporal Web UI", url, "8233");
  return url;
}

async function natsOf({ options, plan, paths, undo }: Work): Promise<StackInfo["nats"]> {
  const { log, signal } = options;
  const source = plan.nats;
  if (source.from === "given") {
    await requireReachable("the NATS server", source.at, 4222, "start it, or leave --nats out for a local one");
    return { url: source.at, origin: "given" };
  }
  if (source.from === "path") log.note(`using ${source.program} from PATH as the NATS server`);
  const url = await asStep(log, "start the NATS server", async () => {
    const program = source.from === "path" ? source.program : undefined;
    const own = { dir: paths.nats, ports: "conventional", keep: true, program, log, signal } as const;
    let server = await findNats(own);
    if (server === undefined) {
      server = await startNats(own);
      undo.push(server.stop);
    }
    return server.url;
  });
  sayPort(log, "NATS", url, "4222");
  return { url, origin: source.from };
}

function sayPort(log: Progress, what: string, where: string, usual: string): void {
  if (!where.endsWith(`:${usual}`)) log.note(`port ${usual} is taken: ${what} is at ${where}`);
}
