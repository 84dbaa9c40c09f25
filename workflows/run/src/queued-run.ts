import {
  cancelReason,
  type Chain,
  type Control,
  graphOf,
  neverBegun,
  NORMAL,
  packRun,
  type Place,
  problem,
  type Problem,
  queuedReport,
  runNeed,
  type RunReport,
  waitReason,
} from "@slipway/dag";
import { condition, setCurrentDetails } from "@temporalio/workflow";
import { deliver } from "./deliver.ts";
import type { PoolNews } from "./pool-ports.ts";
import { AGAIN, holderOf, ownTurn, RUN_TURN, tellPools } from "./pools.ts";
import type { Carried, PreparedRun } from "./ports.ts";
import { RunEvents } from "./run-events.ts";
import type { Controllable, Controlled } from "./updates.ts";

type Cancel = Extract<Control, { readonly kind: "cancel" }>;

/** A run that waits for its turn among the active runs of its DAG. Nothing of it has begun. */
export class QueuedRun implements Controllable {
  readonly #prepared: PreparedRun;
  readonly #chain: Chain;
  #place: Place | undefined;
  #isGranted = false;
  #cancelled: { readonly reason: string; readonly control?: Cancel } | undefined;

  constructor(prepared: PreparedRun, chain: Chain) {
    this.#prepared = prepared;
    this.#chain = chain;
    this.#place = prepared.queued?.place;
    this.#show();
    const waits = new RunEvents(prepared, chain).queued(this.#reason);
    void deliver([waits], () => []);
  }

  hear(news: PoolNews): void {
    const answer = ownTurn(news, this.#chain);
    if (answer === undefined) return;
    if (answer.place === undefined) this.#isGranted = true;
    else this.#place = answer.place;
    this.#show();
  }

  get report(): RunReport {
    return queuedReport(this.#prepared.compiled, this.#reason);
  }

  cancel(reason: string): void {
    this.#cancelled ??= { reason };
  }

  refusal({ kind }: Control): Problem | undefined {
    return kind === "cancel" ? undefined : problem("run-queued", `the run has not begun: ${this.#reason}`);
  }

  control(control: Control, dryRun: boolean): Controlled {
    if (!dryRun && control.kind === "cancel") this.#cancelled ??= { reason: cancelReason(control), control };
    return { state: dryRun ? "queued" : "cancelled", changes: [] };
  }

  async setParams(): Promise<Controlled> {
    return { state: "queued", changes: [] };
  }

  /** Resolves when it may begin (undefined), or will never: then with what its end is made of. */
  async turn(): Promise<Carried | undefined> {
    while (!(await condition(() => this.#isGranted || this.#cancelled !== undefined, AGAIN))) this.#askAgain();
    if (this.#cancelled === undefined) return undefined;
    const { reason, control } = this.#cancelled;
    const graph = graphOf(this.#prepared.compiled);
    const state = packRun(graph, neverBegun(graph, this.#chain.firstExecutionRunId, reason, control));
    return { prepared: this.#prepared, hop: 0, state, releases: [], ending: [], events: [], letters: [] };
  }

  /** The pool may be lost. */
  #askAgain(): void {
    const need = runNeed(this.#prepared.compiled);
    if (need === undefined) return;
    const holder = holderOf(this.#prepared, this.#chain);
    const message = { kind: "request", holder, turn: RUN_TURN, slots: 1, priority: NORMAL } as const;
    void tellPools([{ ...need, message }]);
  }

  get #reason(): string {
    const pool = runNeed(this.#prepared.compiled)?.pool;
    return pool === undefined ? "" : waitReason(pool, this.#place);
  }

  #show(): void {
    setCurrentDetails(`queued: ${this.#reason}`);
  }
}
