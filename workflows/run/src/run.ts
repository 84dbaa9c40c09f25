import {
  apply,
  type AttemptRef,
  beginRun,
  type Chain,
  type Change,
  type CompiledTask,
  type Effects,
  failureMessage,
  firstCause,
  type Graph,
  graphOf,
  isSettled,
  mayStillRun,
  type Outcome,
  podName,
  type RunReport,
  type RunState,
  reportOf,
  type Start,
  type TaskName,
  takeStarts,
  taskReport,
  taskSpec,
} from "@slipway/dag";
import { CancellationScope, log, setCurrentDetails, rootCause, sleep, workflowInfo } from "@temporalio/workflow";
import { eventActivities, FIRST, podActivities } from "./activities.ts";
import { runAttempt } from "./attempt.ts";
import { detailsOf } from "./details.ts";
import { Inbox } from "./inbox.ts";
import type { PreparedRun, Release, RunEvent } from "./ports.ts";
import { Pump } from "./pump.ts";
import { RunEvents } from "./run-events.ts";

/** Tasks at once where the DAG says nothing (dag-format.md: `parallelism`). */
const WINDOW = 100;
/** A release activity takes at most this many pods. */
const RELEASE_BATCH = 100;
const EVENT_BATCH = 100;

/**
 * One run in flight: folds changes into the state and carries out what the state asks for.
 * All decisions are `apply`'s and `takeStarts`'; nothing here chooses.
 */
export class Run {
  readonly #prepared: PreparedRun;
  readonly #chain: Chain;
  readonly #graph: Graph;
  readonly #tasks: ReadonlyMap<TaskName, CompiledTask>;
  readonly #state: RunState;
  readonly #inbox = new Inbox();
  readonly #attempts = new Map<TaskName, CancellationScope>();
  readonly #events: RunEvents;
  readonly #eventPump: Pump<RunEvent>;
  readonly #releasePump: Pump<Release>;
  #closed = false;

  constructor(prepared: PreparedRun, chain: Chain) {
    this.#prepared = prepared;
    this.#chain = chain;
    this.#graph = graphOf(prepared.compiled);
    this.#tasks = new Map(prepared.compiled.tasks.map((task) => [task.name, task]));
    this.#events = new RunEvents(prepared, chain);
    this.#eventPump = new Pump({ size: EVENT_BATCH, lanes: 1 }, (events) => this.#publish(events));
    this.#releasePump = new Pump({ size: RELEASE_BATCH, lanes: WINDOW }, (batch) => this.#release(batch));
    const { state, effects } = beginRun(this.#graph, chain.firstExecutionRunId);
    this.#state = state;
    const { dag, version, owner } = prepared.compiled;
    this.#eventPump.add(
      this.#events.started(workflowInfo().startTime.toISOString(), {
        dag,
        version,
        ...(owner === undefined ? {} : { owner }),
      }),
    );
    this.#carryOut(effects);
  }

  cancel(reason: string): void {
    this.#inbox.post({ kind: "cancel", reason });
  }

  get report(): RunReport {
    return reportOf(this.#graph, this.#state, this.#closed);
  }

  get failure(): string | undefined {
    return failureMessage(this.#state);
  }

  /** How the first task that failed ended. */
  get cause(): Outcome | undefined {
    return firstCause(this.#state)?.outcome;
  }

  /** The main loop: start every ready task, await one change, apply it; then let go of every pod and say how it ended. */
  async toEnd(): Promise<RunReport> {
    this.#fold(this.#inbox.drain());
    this.#round();
    while (!isSettled(this.#state)) {
      this.#fold(await this.#inbox.take());
      this.#round();
    }
    await Promise.all([this.#releasePump.empty(), this.#eventPump.empty()]);
    this.#closed = true;
    this.#eventPump.add(this.#events.finished(this.report, this.failure));
    await this.#eventPump.empty();
    this.#show();
    return this.report;
  }

  #fold(changes: Change[]): void {
    for (const change of changes) this.#carryOut(apply(this.#graph, this.#state, change));
  }

  #round(): void {
    for (const start of takeStarts(this.#state, WINDOW)) this.#start(start);
    this.#releasePump.turn();
    this.#eventPump.turn();
    this.#show();
  }

  #show(): void {
    setCurrentDetails(detailsOf(this.report));
  }

  #carryOut({ settled, delays, stops }: Effects): void {
    for (const name of settled)
      this.#eventPump.add(this.#events.settled(name, taskReport(this.#graph, this.#state, name)));
    for (const { task, attempt, ms } of delays) void this.#delay(task, attempt, ms);
    for (const task of stops) this.#attempts.get(task)?.cancel();
  }

  async #delay(task: TaskName, attempt: number, ms: number): Promise<void> {
    await sleep(ms, { summary: `${task}: attempt ${attempt}` });
    this.#inbox.post({ kind: "due", task });
  }

  #start({ task: name, attempt }: Start): void {
    const task = this.#tasks.get(name);
    if (task?.kind !== "pod") return;
    const spec = taskSpec(this.#prepared.compiled, task);
    const ref: AttemptRef = { ...this.#ref, task: name, attempt };
    const release: Release = { ref, ...(spec.namespace === undefined ? {} : { namespace: spec.namespace }) };
    const scope = new CancellationScope();
    this.#attempts.set(name, scope);
    const summary = `${name}, attempt ${attempt}: ${podName(ref)}`;
    const { runPod } = podActivities(this.#prepared, { activityId: `${name}.${attempt}`, summary });
    void scope
      .run(() => runAttempt(() => runPod({ ref, hop: 0, spec })))
      .then(async (outcome) => {
        if (mayStillRun(outcome)) await this.#release([release]);
        else this.#releasePump.add(release);
        this.#inbox.post({ kind: "ended", task: name, attempt, outcome });
      });
  }

  get #ref(): Omit<AttemptRef, "task" | "attempt"> {
    const { installation, compiled, run } = this.#prepared;
    return { installation, chain: this.#chain, dag: compiled.dag, run };
  }

  /** Not cancellable: a run closes only when nothing of it is left. */
  async #release(attempts: Release[]): Promise<void> {
    const first = attempts[0];
    if (first === undefined) return;
    const activityId = `release.${first.ref.task}.${first.ref.attempt}`;
    const { releasePods } = podActivities(this.#prepared, {
      activityId,
      summary: shortened(attempts.map(({ ref }) => `${ref.task}.${ref.attempt}`)),
      priority: FIRST,
    });
    await CancellationScope.nonCancellable(() => releasePods({ hop: 0, attempts })).catch((error: unknown) =>
      log.error("pods were not released", { activityId, reason: rootCause(error) }),
    );
  }

  /**
   * Events that JetStream would not take in three tries are given up, and with them all that wait behind them: streams
   * never hold a run. run.finished comes last and is tried by itself.
   */
  async #publish(events: RunEvent[]): Promise<void> {
    const { publishEvents } = eventActivities(shortened(events.map(titleOf)));
    await CancellationScope.nonCancellable(() => publishEvents({ events })).catch((error: unknown) => {
      const lost = [...events, ...this.#eventPump.drop()];
      log.warn("events were not published", { first: lost[0]?.type, count: lost.length, reason: rootCause(error) });
    });
  }
}

function titleOf({ type, ref }: RunEvent): string {
  return ref.task === undefined ? type : `${type} ${ref.task}`;
}

/** A summary holds 400 bytes with its encoding (limit.userMetadataSummary); the Web UI shows one line of it. */
function shortened(titles: readonly string[]): string {
  const text = titles.join(", ");
  return text.length <= 150 ? text : `${text.slice(0, 140)}… (${titles.length})`;
}
