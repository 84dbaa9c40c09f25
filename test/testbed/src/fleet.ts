import { randomBytes } from "node:crypto";
import { CoreV1Api, KubeConfig } from "@kubernetes/client-node";
import { connect } from "@nats-io/transport-node";
import { Client, Connection } from "@temporalio/client";
import { type Command, type Finished, slipway } from "./command.ts";
import { dropStreams } from "./drop-streams.ts";
import { strangeEvents } from "./strange-events.ts";
import { eventually } from "./eventually.ts";
import type { TestStack } from "./stack.ts";

/** One installation on the shared servers, with a namespace for its pods. */
export interface Fleet {
  readonly installation: string;
  readonly namespace: string;
  readonly env: Record<string, string>;
  readonly temporal: Client;
  readonly pods: CoreV1Api;
  /** Starts a worker; resolves when it polls. */
  startWorker(): Promise<Command>;
  /** Runs a command to its end. */
  run(...args: string[]): Promise<Finished>;
  /** Starts a command and leaves it running; stopped with the fleet. */
  start(...args: string[]): Command;
  /** Throws where an event of the fleet was not as its schema says. */
  close(): Promise<void>;
}

export interface FleetOptions {
  /** Default true: one worker is started. */
  readonly worker?: boolean;
  /** For every command, workers included. */
  readonly env?: Readonly<Record<string, string>>;
  /** Default true. False: NATS is the test's own, and lets nobody in without a login. */
  readonly givesBack?: boolean;
}

/** A fleet of its own. Close it in the test's end. */
export async function aFleet(stack: TestStack, options: FleetOptions = {}): Promise<Fleet> {
  const planned = planFleet(stack, options);
  await planned.open();
  return planned.fleet;
}

export interface PlannedFleet {
  readonly fleet: Fleet;
  /** Resolves when a worker polls, where one is wanted; where it fails, nothing is left. */
  open(): Promise<void>;
}

/** What it is called is known, but nothing is there before it is opened. */
export function planFleet(stack: TestStack, options: FleetOptions = {}): PlannedFleet {
  const installation = `t-${randomBytes(4).toString("hex")}`;
  const env = { ...environment(stack, installation), ...options.env };
  const config = new KubeConfig();
  config.loadFromFile(stack.kubeconfig);
  config.setCurrentContext(stack.context);
  const pods = config.makeApiClient(CoreV1Api);
  const connection = Connection.lazy({ address: stack.temporal.address });
  const temporal = new Client({ connection });
  const commands: Command[] = [];
  const begin = (...args: string[]): Command => {
    const command = slipway(args, env);
    commands.push(command);
    return command;
  };
  const fleet: Fleet = {
    installation,
    namespace: installation,
    env,
    temporal,
    pods,
    start: begin,
    run: (...args) => begin(...args).finished,
    startWorker: async () => await polling(temporal, installation, begin("worker", "--namespace", installation)),
    close: async () => {
      await Promise.all(commands.map((command) => command.stop("SIGKILL")));
      await connection.close();
      const strange = (options.givesBack ?? true) ? await giveBackStreams(stack, installation) : [];
      await pods.deleteNamespace({ name: installation });
      if (strange.length > 0) throw new Error(`events that are not as their schema says:\n${strange.join("\n")}`);
    },
  };
  const open = async (): Promise<void> => {
    await pods.createNamespace({ body: { metadata: { name: installation } } });
    if (!(options.worker ?? true)) return;
    await fleet.startWorker().catch(async (error: unknown) => {
      await fleet.close();
      throw error;
    });
  };
  return { fleet, open };
}

/**
 * JetStream reserves what a stream may hold: a server that many fleets share would soon have no room. Resolves with what
 * is wrong with the events that the fleet has published.
 */
async function giveBackStreams({ nats }: TestStack, installation: string): Promise<readonly string[]> {
  const connection = await connect({ servers: nats.url });
  try {
    const strange = await strangeEvents(connection, installation);
    await dropStreams(connection, installation);
    return strange;
  } finally {
    await connection.close();
  }
}

function environment(stack: TestStack, installation: string): Record<string, string> {
  return {
    TEMPORAL_ADDRESS: stack.temporal.address,
    NATS_URL: stack.nats.url,
    SLIPWAY_INSTALLATION: installation,
    SLIPWAY_KUBECONFIG: stack.kubeconfig,
    SLIPWAY_CONTEXT: stack.context,
    SLIPWAY_LOG_BYTES: String(64 * 1024 * 1024),
    SLIPWAY_OUTPUT_BYTES: String(64 * 1024 * 1024),
  };
}

async function polling(temporal: Client, installation: string, worker: Command): Promise<Command> {
  const identity = `${worker.child.pid}@`;
  const queues = [
    { name: installation, taskQueueType: 1 },
    { name: `${installation}-pods-default`, taskQueueType: 2 },
  ];
  for (const { name, taskQueueType } of queues) {
    await eventually(
      `worker ${identity} polls ${name}\n${worker.stderr().slice(-2000)}`,
      async () => {
        if (worker.child.exitCode !== null) throw new Error(`the worker ended: ${worker.stderr().slice(-2000)}`);
        const { pollers } = await temporal.workflowService.describeTaskQueue({
          namespace: "default",
          taskQueue: { name },
          taskQueueType,
        });
        return pollers?.some((poller) => poller.identity?.startsWith(identity));
      },
      120,
    );
  }
  return worker;
}
