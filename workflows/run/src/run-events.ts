import {
  type Asked,
  type Control,
  type ControlKind,
  type Effects,
  type EventType,
  type Graph,
  type Hold,
  type Pass,
  passOf,
  type RunReport,
  type RunState,
  type TaskChange,
  type TaskName,
  type UnitReport,
  type Unit,
  unitKey,
  unitReport,
  type Who,
  whoOf,
} from "@slipway/dag";
import type { PreparedRun, RunEvent } from "./ports.ts";
import type { Chain } from "@slipway/dag";

/** Tasks that one event names. */
const TASKS_TOLD = 100;

/** A control of one item says nothing of its task, nor of the other items. */
function isAsked(asked: Control, { task, index }: Unit): boolean {
  const wanted = "index" in asked ? asked.index : undefined;
  return "task" in asked && asked.task === task && (wanted === undefined || wanted === index);
}

/** The events that the workflow itself publishes: of the run and of its tasks. Attempts, pods and logs are the watcher's. */
export class RunEvents {
  readonly #ref: RunEvent["ref"];

  constructor(prepared: PreparedRun, chain: Chain) {
    this.#ref = { installation: prepared.installation, chain, dag: prepared.compiled.dag, run: prepared.run };
  }

  started(time: string, { compiled, rerun }: PreparedRun): RunEvent {
    const { dag, version, owner } = compiled;
    const data = { dag, version, ...(owner !== undefined && { owner }), ...(rerun && { rerunOf: rerun.of }) };
    return { type: "run.started", ref: this.#ref, time, data };
  }

  /** That somebody has paused the run, or let it go on: the report before and behind a control. */
  pauseTold(before: RunReport["state"], { state, controls }: RunReport): RunEvent[] {
    const last = controls?.at(-1);
    if (state === before || last === undefined || (last.control !== "pause" && last.control !== "resume")) return [];
    const type = state === "paused" ? "run.paused" : "run.resumed";
    return [{ type, ref: this.#ref, data: { ...whoOf(last) }, facts: { n: last.n } }];
  }

  /** Somebody has set params. Never their values: more people read the stream than may know a secret. */
  paramsSet({ n, params = {}, ...who }: Asked, changes: readonly TaskChange[]): RunEvent {
    const tasks = changes.slice(0, TASKS_TOLD).map(({ task }) => task);
    const data = { params: Object.keys(params), tasks, changed: changes.length, ...whoOf(who) };
    return { type: "run.changed", ref: this.#ref, data, facts: { n } };
  }

  /** Who waits, what was taken back, then what has settled; `asked`: the control that did it. */
  told(graph: Graph, state: RunState, effects: Effects, asked?: Control): RunEvent[] {
    const { passes = {} } = state;
    const waits = [
      ...effects.unwatched.map(({ attempt, reason, ...unit }) => this.waiting(unit, attempt, reason)),
      ...effects.waits.map((each) => this.waitsInPool(each)),
      ...this.holding(graph, state, effects.held),
    ];
    const cleared = effects.cleared.flatMap((unit) => {
      const pass = passes[unitKey(unit)];
      return pass === undefined || asked === undefined ? [] : [this.cleared(unit, asked.kind, pass, whoOf(asked))];
    });
    const settled = effects.settled.map((unit) => {
      const who = asked !== undefined && isAsked(asked, unit) ? whoOf(asked) : {};
      return this.settled(unit, unitReport(graph, state, unit), passes[unitKey(unit)], who);
    });
    return [...waits, ...cleared, ...settled];
  }

  /** `pass`: the one that begins; its end is another event than that of the pass before. */
  cleared(unit: Unit, control: ControlKind, { pass, attempts }: Pass, who: Who): RunEvent {
    return {
      type: "task.cleared",
      ref: { ...this.#ref, ...unit },
      data: { control, attempts, ...who },
      facts: { pass },
    };
  }

  /**
   * Without the outputs: they may be 256 KB, and a hundred events go in one batch. The report has them. `who`: of whom a person
   * said this state.
   */
  settled(
    unit: Unit,
    { outputs: _outputs, approval: _approval, ...task }: UnitReport,
    pass?: Pass,
    who?: Who,
  ): RunEvent {
    const type: EventType =
      task.state === "skipped" || task.state === "upstream_failed" ? "task.skipped" : "task.finished";
    return {
      type,
      ref: { ...this.#ref, ...unit },
      data: { ...task, ...who },
      ...(pass !== undefined && { facts: { pass: pass.pass } }),
    };
  }

  /** No worker has taken an attempt up; once for each attempt. */
  waiting(unit: Unit, attempt: number, reason: string): RunEvent {
    const ref = { ...this.#ref, ...unit };
    return { type: "task.waiting", ref, data: { reason, attempt }, facts: { attempt } };
  }

  /** A unit has begun to wait in a pool: once for each time it asks it. */
  waitsInPool({ attempt, turn, reason, ...unit }: Effects["waits"][number]): RunEvent {
    const ref = { ...this.#ref, ...unit };
    return {
      type: "task.waiting",
      ref,
      data: { reason, attempt },
      facts: { turn, reason: reason.split(",", 1)[0] ?? "" },
    };
  }

  /** The run waits for its turn. */
  queued(reason: string): RunEvent {
    return { type: "task.waiting", ref: this.#ref, data: { reason } };
  }

  /** Approvals and waits of which it is now known what they wait for; whoever listens for a message says so itself. */
  holding(graph: Graph, state: RunState, tasks: readonly TaskName[]): RunEvent[] {
    return tasks.flatMap((task) => {
      const now = state.tasks[task];
      const hold = now?.kind === "held" && now.on?.subject === undefined ? now.on : undefined;
      return hold === undefined ? [] : [this.held(graph, task, hold, passOf(state, { task }))];
    });
  }

  /** An approval or a wait has begun to hold its task; once for each pass. */
  held(graph: Graph, task: TaskName, { reason, until, subject }: Hold, pass: number): RunEvent {
    const { options, assignees } = graph.get(task)?.approval ?? {};
    const asked = { ...(options && { options: [...options] }), ...(assignees && { assignees: [...assignees] }) };
    const data = { reason, ...asked, ...(until !== undefined && { until }), ...(subject !== undefined && { subject }) };
    return { type: "task.waiting", ref: { ...this.#ref, task }, data, facts: { pass } };
  }

  finished(report: RunReport, message: string | undefined): RunEvent {
    return {
      type: "run.finished",
      ref: this.#ref,
      data: { state: report.state, ...(message === undefined ? {} : { message }) },
    };
  }
}
