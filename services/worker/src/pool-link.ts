import { installationNames, type PoolAnswer, type PoolMessage, type PoolRef, poolWorkflowId } from "@slipway/dag";
import type { PoolInput, PoolLetter } from "@slipway/run";
import { WithStartWorkflowOperation, WorkflowClient } from "@temporalio/client";
import type { Workflow } from "@temporalio/common";
import type { NativeConnection } from "@temporalio/worker";

const CALL_MS = 10_000;
/** A pool that does not answer soon is told in place of asked. */
const ANSWER_MS = 3_000;
/** Of a pool's workflow: short histories, since it lives for ever. */
const MOST_EVENTS = 2_000;

export interface PoolSettings {
  readonly installation: string;
  /** Name → slots, as the operator declared them. */
  readonly pools: Readonly<Record<string, number>>;
  /** Milliseconds between two looks for holders that are gone. */
  readonly checkMs: number;
  /** Of a run's history; a pool's is never longer. */
  readonly historyEvents: number;
}

/** How a worker reaches the pools' workflows; whoever speaks to one first starts it. */
export class PoolLink {
  readonly #client: WorkflowClient;
  readonly #connection: NativeConnection;
  readonly #settings: PoolSettings;

  constructor(connection: NativeConnection, namespace: string, settings: PoolSettings) {
    this.#client = new WorkflowClient({ connection, namespace });
    this.#connection = connection;
    this.#settings = settings;
  }

  /** @throws where the server does not take it */
  async tell(pool: PoolRef, messages: readonly PoolMessage[], slots?: number): Promise<void> {
    const start = { ...this.#start(pool, slots), signal: "tell", signalArgs: [messages] };
    await this.#connection.withDeadline(Date.now() + CALL_MS, async () => {
      await this.#client.signalWithStart("keepPool", start);
    });
  }

  /** @throws where there is no answer in time; the pool may know the messages all the same */
  async ask(pool: PoolRef, messages: readonly PoolMessage[], slots?: number): Promise<readonly PoolAnswer[]> {
    const start = { ...this.#start(pool, slots), workflowIdConflictPolicy: "USE_EXISTING" as const };
    const startWorkflowOperation = new WithStartWorkflowOperation("keepPool", start);
    return await this.#connection.withDeadline(
      Date.now() + ANSWER_MS,
      async () =>
        await this.#client.executeUpdateWithStart<Workflow, readonly PoolAnswer[], [readonly PoolMessage[]]>("ask", {
          args: [messages],
          startWorkflowOperation,
        }),
    );
  }

  #start(pool: PoolRef, slots = this.#slotsOf(pool)) {
    const { installation, checkMs, historyEvents } = this.#settings;
    const input: PoolInput = {
      installation,
      pool,
      slots,
      checkMs,
      historyEvents: Math.min(historyEvents, MOST_EVENTS),
    };
    const { taskQueue } = installationNames(installation);
    return { workflowId: poolWorkflowId(installation, pool), taskQueue, args: [input] };
  }

  /** One that is not declared any more has none: who still asks waits until it is declared again. */
  #slotsOf({ kind, name }: PoolRef): number {
    return kind === "pool" ? (this.#settings.pools[name] ?? 0) : 1;
  }
}

/** A letter as the pool gets it. */
export function messagesOf({ slots, message }: PoolLetter, now: string): PoolMessage[] {
  const size: PoolMessage[] = slots === undefined ? [] : [{ kind: "resize", slots }];
  return [...size, message.kind === "request" ? { ...message, since: now } : message];
}
