import { aliveRecord, startDaemonProcess, stopRecorded } from "../core/daemon.ts";
import { asStep, type Progress } from "../core/progress.ts";
import { joinNode, leaveNode, type NodeHandle } from "../node/node.ts";
import { findNats, startNats } from "../servers/nats.ts";
import { findTemporal, startTemporal } from "../servers/temporal.ts";
import { findTemporalCli, startTemporalCli } from "../servers/temporal-cli.ts";
import { findTemporalUi, startTemporalUi } from "../servers/temporal-ui.ts";
import { givenCluster } from "./context.ts";
import type { StackInfo, StackPaths } from "./info.ts";
import type { UpOptions } from "./options.ts";
import type { StackPlan } from "./plan.ts";
import { requireReachable } from "./reach.ts";

/** What is taken back, last first, when `up` fails or is interrupted. */
export type Undo = (() => Promise<unknown>)[];

/** One `up` at work. */
export interface Work {
  readonly options: UpOptions;
  readonly plan: StackPlan;
  readonly paths: StackPaths;
  readonly undo: Undo;
}

/** The user's cluster, or a place on this host's node that a process of this checkout holds. */
export async function kubernetesOf(work: Work): Promise<{ info: StackInfo["kubernetes"]; node?: NodeHandle }> {
  const { options, plan, paths, undo } = work;
  if (plan.kubernetes.from === "given") {
    return { info: { ...(await givenCluster(plan.kubernetes.context, options.kubeconfig)), origin: "given" } };
  }
  let holder = aliveRecord(paths.holder, "node-lease");
  const mine = holder === undefined;
  if (holder === undefined) {
    const args = ["infinity"];
    holder = await startDaemonProcess({
      name: "node-lease",
      command: "sleep",
      args,
      records: paths.holder,
      logFile: `${paths.holder}/node-lease.log`,
    });
    undo.push(async () => await stopRecorded(paths.holder, "node-lease"));
  }
  const node = await joinNode(
    { purpose: `slipway up in ${options.root}`, log: options.log, signal: options.signal },
    holder,
  );
  if (mine) undo.push(async () => await leaveNode(node.lease, options.log));
  return { info: { kubeconfig: node.kubeconfig, context: node.context, origin: "local" }, node };
}

/** A given Temporal server, the one from PATH, or the pinned one with its Web UI; left alone when it runs. */
export async function temporalOf(work: Work): Promise<StackInfo["temporal"]> {
  const { options, plan, paths, undo } = work;
  const { log, signal } = options;
  const source = plan.temporal;
  if (source.from === "given") {
    await requireReachable("the Temporal server", source.at, 7233, "start it, or leave --temporal out for a local one");
    return { address: source.at, origin: "given" };
  }
  if (source.from === "path") {
    log.note(`using ${source.program} from PATH as the Temporal server`);
    const { address, uiUrl } = await asStep(log, "start the Temporal server", async () => {
      const own = { dir: paths.temporal, program: source.program, signal };
      return (await findTemporalCli(own)) ?? (await undoable(undo, startTemporalCli(own)));
    });
    sayPort(log, "Temporal", address, "7233");
    sayPort(log, "the Temporal Web UI", uiUrl, "8233");
    return { address, uiUrl, origin: "path" };
  }
  const address = await asStep(log, "start the Temporal server", async () => {
    const own = { dir: paths.temporal, ports: "conventional", keep: true, log, signal } as const;
    const server = (await findTemporal(own)) ?? (await undoable(undo, startTemporal(own)));
    return server.address;
  });
  sayPort(log, "Temporal", address, "7233");
  return { address, uiUrl: await uiOf(work, address), origin: "built" };
}

async function uiOf({ options: { log, signal }, paths, undo }: Work, temporal: string): Promise<string> {
  const url = await asStep(log, "start the Temporal Web UI", async () => {
    const own = { dir: paths.temporalUi, temporal, log, signal };
    const ui = (await findTemporalUi(own)) ?? (await undoable(undo, startTemporalUi(own)));
    return ui.url;
  });
  sayPort(log, "the Temporal Web UI", url, "8233");
  return url;
}

/** The same for NATS. */
export async function natsOf({ options, plan, paths, undo }: Work): Promise<StackInfo["nats"]> {
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
    const server = (await findNats(own)) ?? (await undoable(undo, startNats(own)));
    return server.url;
  });
  sayPort(log, "NATS", url, "4222");
  return { url, origin: source.from };
}

function sayPort(log: Progress, what: string, where: string, usual: string): void {
  if (!where.endsWith(`:${usual}`)) log.note(`port ${usual} is taken: ${what} is at ${where}`);
}

/** Waits for a server and notes how to stop it again. */
async function undoable<S extends { stop: () => Promise<void> }>(undo: Undo, starting: Promise<S>): Promise<S> {
  const server = await starting;
  undo.push(async () => await server.stop());
  return server;
}
