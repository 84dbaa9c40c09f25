import {
  apply,
  ASKED_BYTES,
  askAgain,
  type Chain,
  type Change,
  changesOf,
  type Control,
  control,
  type Effects,
  expressionInput,
  failureMessage,
  firstCause,
  fitted,
  dagOf,
  type Graph,
  inFlight,
  isOver,
  isStopping,
  type JsonObject,
  type Needs,
  type Outcome,
  packRun,
  passOf,
  type ParamsSet,
  preview,
  type Plan,
  type Problem,
  problem,
  refusal,
  type RunReport,
  type RunState,
  reportOf,
  settleAdmissions,
  type SetParams,
  type Start,
  takeStarts,
  type TaskChange,
  titleOf,
  type Unit,
  unpackRun,
  verdict,
  withoutSettled,
} from "@slipway/dag";
import { condition, sleep, workflowInfo } from "@temporalio/workflow";
import { Attempts } from "./attempts.ts";
import { whatRuns } from "./conditions.ts";
import { handOn, type RunRef, takeOver, type Unconfirmed, withoutBegin } from "./carried.ts";
import { OutputRooms } from "./output-rooms.ts";
import { Params, planIn, withPlan } from "./params.ts";
import { has } from "./patches.ts";
import { begunRun, type Ended, withoutEarlier } from "./rerun.ts";
import { concluded, withConclusion, withoutOutputs } from "./conclusion.ts";
import { EventPump } from "./deliver.ts";
import { Details } from "./details.ts";
import { Inbox } from "./inbox.ts";
import { HistoryBudget } from "./history-budget.ts";
import { Holds } from "./holds.ts";
import { ReleasePump } from "./let-go.ts";
import type { PoolNews } from "./pool-ports.ts";
import type { Carried, Conclusion, PreparedRun } from "./ports.ts";
import { changesIn, Pools } from "./pools.ts";
import { Questions } from "./questions.ts";
import { runTimeout } from "./run-timeout.ts";
import { RunEvents } from "./run-events.ts";
import type { Controlled } from "./updates.ts";

/**
 * One run in flight: folds changes into the state and carries out what the state asks for.
 * All decisions are `apply`'s and `takeStarts`'; nothing here chooses.
 */
export class Run {
  readonly #prepared: PreparedRun;
  readonly #chain: Chain;
  readonly #params: Params;
  #plan: Plan;
  readonly #state: RunState;
  readonly #inbox = new Inbox();
  readonly #attempts: Attempts;
  readonly #events: RunEvents;
  readonly #eventPump = new EventPump();
  readonly #releasePump: ReleasePump;
  readonly #questions: Questions;
  readonly #holds: Holds;
  readonly #pools: Pools;
  readonly #hop: number;
  /** When the run began. */
  readonly #begunMs: number;
  readonly #history: HistoryBudget;
  readonly #details: Details;
  #closed = false;
  #conclusion: Conclusion | undefined;

  /** `carried`: what the hop before left; without it the run begins. */
  constructor(prepared: PreparedRun, chain: Chain, carried?: Carried) {
    this.#prepared = withoutEarlier(prepared);
    this.#chain = chain;
    this.#hop = carried?.hop ?? 0;
    this.#begunMs = carried?.begunMs ?? workflowInfo().runStartTime.getTime();
    this.#pools = new Pools(prepared, chain, () => askAgain(this.#graph, this.#state));
    this.#history = new HistoryBudget(prepared.historyEvents);
    this.#plan = planIn(prepared);
    this.#details = new Details(this.#graph.size);
    const rooms = new OutputRooms();
    this.#questions = new Questions({
      chain,
      rooms,
      taskOf: (name) => this.#plan.tasks.get(name)?.task,
      state: () => this.#state,
      inputFor: (needs, unit) => this.#expressionInput(needs, unit, ASKED_BYTES),
      tell: (answer) => this.#inbox.post(answer),
    });
    this.#events = new RunEvents(prepared, chain);
    this.#releasePump = new ReleasePump(prepared, this.#hop);
    this.#attempts = new Attempts({
      prepared,
      ref: this.#ref,
      hop: this.#hop,
      plan: () => this.#plan,
      state: () => this.#state,
      rooms,
      input: (needs, start) => this.#expressionInput(needs, start),
      tell: (change) => this.#inbox.post(change),
      release: (release) => this.#releasePump.add(release),
    });
    this.#holds = new Holds(prepared, {
      taskOf: (name) => this.#plan.tasks.get(name)?.task,
      input: (needs, task) => this.#expressionInput(needs, { task }),
      event: (task, hold) => this.#events.held(this.#graph, task, hold, passOf(this.#state, { task })),
      tell: (change) => this.#inbox.post(change),
    });
    this.#params = new Params({
      chain,
      logicalDate: prepared.logicalDate,
      plan: () => this.#plan,
      state: () => this.#state,
      stateWord: () => this.report.state,
      refusal: (what) => this.refusal(what),
      take: (plan, set, changes) => this.#take(plan, set, changes),
    });
    void runTimeout(this.#graph.timeoutMs, this.#begunMs, () => this.#inbox.post({ kind: "timeout" }));
    if (carried !== undefined) {
      this.#state = unpackRun(this.#graph, carried.state);
      this.#resume(takeOver(carried, this.#ref));
      return;
    }
    const { state, effects } = begunRun(this.#graph, chain, prepared.rerun);
    this.#state = state;
    this.#eventPump.add(this.#events.started(workflowInfo().runStartTime.toISOString(), prepared));
    this.#carryOut(effects);
  }

  /** A pool has spoken. */
  hear(news: PoolNews): void {
    for (const change of changesIn(news, this.#chain)) this.#inbox.post(change);
  }

  cancel(reason: string): void {
    this.#inbox.post({ kind: "cancel", reason });
  }

  refusal(what: Control): Problem | undefined {
    return this.#closed ? problem("run-closed", "the run is over") : refusal(this.#graph, this.#state, what);
  }

  /** At once: a control that was accepted is carried out before anything else happens. */
  control(what: Control, dryRun: boolean): Controlled {
    const before = this.#wholeReport;
    if (dryRun) return { state: before.state, changes: preview(this.#graph, this.#state, what) };
    const effects = control(this.#graph, this.#state, what);
    this.#plan = withoutSettled(this.#plan, this.#state);
    const after = this.#wholeReport;
    this.#details.note(Infinity);
    this.#eventPump.add(...this.#events.pauseTold(before.state, after));
    this.#carryOut(effects, what);
    this.#inbox.wake();
    return { state: after.state, changes: changesOf(before, after, effects) };
  }

  async setParams(what: SetParams, dryRun: boolean): Promise<Controlled> {
    return await this.#params.set(what, dryRun);
  }

  #take(plan: Plan, { asks, asked }: ParamsSet, changes: readonly TaskChange[]): void {
    this.#plan = plan;
    this.#pools.tell(asks);
    if (asked !== undefined && has("set-params-told")) this.#eventPump.add(this.#events.paramsSet(asked, changes));
    this.#details.note(Infinity);
    this.#inbox.wake();
  }

  get #graph(): Graph {
    return this.#plan.graph;
  }

  readonly ended = (): Ended => ({ compiled: this.#plan.compiled, graph: this.#graph, state: this.#state });

  /** What a payload can carry of it. */
  get report(): RunReport {
    return fitted(this.#report);
  }

  get #report(): RunReport {
    return withConclusion(reportOf(this.#graph, this.#state, this.#closed), this.#conclusion, this.#closed);
  }

  get #wholeReport(): RunReport {
    return reportOf(this.#graph, this.#state, this.#closed, "all");
  }

  get failure(): string | undefined {
    return withoutOutputs(this.#conclusion) ?? failureMessage(this.#graph, this.#state);
  }

  /** How the first task that failed ended. */
  get cause(): Outcome | undefined {
    return firstCause(this.#graph, this.#state)?.outcome;
  }

  /**
   * The main loop: start every ready task, await one change, apply it; then let go of every pod and say how it ended.
   * What it gives instead of a report goes to the next hop: nothing is drained for it.
   */
  async toEnd(): Promise<RunReport | Carried> {
    this.#fold(this.#inbox.drain());
    this.#round();
    do {
      while (!isOver(this.#state)) {
        this.#fold(await this.#inbox.take());
        const carried = this.#mayHop ? this.#history.fitting((lean) => this.#carry(lean)) : undefined;
        if (carried !== undefined) return this.#handOver(carried);
        this.#round();
      }
    } while (!(await this.#isLetGo()) || !(await this.#conclude()));
    this.#closed = true;
    this.#eventPump.add(this.#events.finished(this.report, this.failure));
    this.#pools.leave();
    await Promise.all([this.#eventPump.empty(), this.#pools.empty()]);
    this.#details.note(Infinity);
    this.#show();
    return this.report;
  }

  /** Waits until nothing is left of the run; false where a control gave it something to do first. */
  async #isLetGo(): Promise<boolean> {
    const isDone = (): boolean => !isOver(this.#state) || this.#pumps.every(({ isEmpty }) => isEmpty);
    do {
      for (const pump of this.#pumps) pump.turn();
      await condition(() => isDone() || this.#pumps.some(({ mayTurn }) => mayTurn));
    } while (!isDone() && has("told-while-let-go"));
    await condition(isDone);
    return isOver(this.#state);
  }

  get #pumps() {
    return [this.#pools, this.#questions, this.#releasePump, this.#eventPump];
  }

  #fold(changes: Change[]): void {
    this.#details.note(changes.length);
    for (const change of changes) this.#carryOut(apply(this.#graph, this.#state, change));
  }

  #round(): void {
    this.#pools.tell(settleAdmissions(this.#graph, this.#state));
    for (const start of takeStarts(this.#graph, this.#state)) this.#attempts.start(start);
    this.#pools.tell(settleAdmissions(this.#graph, this.#state));
    this.#plan = withoutSettled(this.#plan, this.#state);
    for (const pump of this.#pumps) pump.turn();
    this.#show();
  }

  #show(): void {
    this.#details.show(() => reportOf(this.#graph, this.#state, this.#closed, "counts"));
  }

  #carryOut(effects: Effects, asked?: Control): void {
    this.#questions.add(effects);
    this.#holds.carryOut(effects, this.#state);
    this.#pools.tell(effects.tells);
    this.#eventPump.add(...this.#events.told(this.#graph, this.#state, effects, asked));
    for (const { attempt, ms, ...unit } of effects.delays) void this.#delay(unit, attempt, ms);
    for (const unit of effects.stops) this.#attempts.stop(unit);
  }

  /**
   * Attempts that are being ended are waited for: in the next history nobody would end them again. Nor does a cancelled run
   * hop: only the execution that was asked to cancel can close as cancelled.
   */
  get #mayHop(): boolean {
    const { cancelled } = this.#state;
    if (this.#params.areAsked) return false;
    return this.#history.spent && !isOver(this.#state) && cancelled === undefined && !isStopping(this.#state);
  }

  /** A run that was queued begins in a history of its own: there its time begins to count. Undefined where it is too large for that. */
  get begins(): Carried | undefined {
    const carried = this.#history.fitting((lean) => withoutBegin(this.#carry(lean)));
    return carried && this.#handOver(carried);
  }

  #handOver(carried: Carried): Carried {
    this.#params.leave();
    return carried;
  }

  #carry(lean: boolean): Carried {
    const [{ left: releases }, { left: events }, { left: letters }] = [this.#releasePump, this.#eventPump, this.#pools];
    const state = packRun(this.#graph, this.#state, lean);
    const unconfirmed = handOn({ releases, events, letters, ending: this.#attempts.ending });
    const prepared = withPlan(this.#prepared, this.#plan);
    return { prepared, hop: this.#hop + 1, begunMs: this.#begunMs, state, ...unconfirmed };
  }

  /** Attempts in flight are scheduled again and adopt their pods; a delay begins anew, for nobody here has a clock. */
  #resume({ releases, ending, events, letters }: Unconfirmed): void {
    this.#pools.add(...letters);
    this.#pools.tell(askAgain(this.#graph, this.#state));
    this.#releasePump.add(...releases);
    this.#eventPump.add(...events);
    this.#attempts.resumeEnding(ending);
    const { starts, delays, holds, ...questions } = inFlight(this.#graph, this.#state);
    this.#questions.add(questions);
    this.#holds.begin(holds, this.#state);
    this.#attempts.resume(starts);
    for (const { attempt, ms, ...unit } of delays) void this.#delay(unit, attempt, ms);
  }

  async #delay(unit: Unit, attempt: number, ms: number): Promise<void> {
    await sleep(ms, { summary: `${titleOf(this.#state, unit)}: attempt ${attempt}` });
    this.#inbox.post({ kind: "due", ...unit, attempt });
  }

  /** A run that succeeded gives its outputs; one that cannot has failed. False: meanwhile it has been opened again. */
  async #conclude(): Promise<boolean> {
    const { outputs } = this.#plan.compiled;
    if (outputs === undefined || verdict(this.#graph, this.#state) !== "succeeded") return true;
    const conclusion = await concluded(outputs.declared, this.#expressionInput(outputs.needs));
    if (!isOver(this.#state)) return false;
    this.#conclusion = conclusion;
    return true;
  }

  #expressionInput(needs: Needs, tried?: Unit & Partial<Start>, most?: number): JsonObject | undefined {
    const run = whatRuns(this.#prepared, dagOf(this.#plan, tried?.task));
    return expressionInput(this.#graph, this.#state, run, needs, tried, most);
  }

  get #ref(): RunRef {
    const { installation, compiled, run } = this.#prepared;
    return { installation, chain: this.#chain, dag: compiled.dag, run };
  }
}
