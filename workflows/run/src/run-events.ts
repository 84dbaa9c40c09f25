import {
  type Control,
  type ControlKind,
  type Effects,
  type EventType,
  type Graph,
  type JsonObject,
  type Pass,
  type RunReport,
  type RunState,
  type UnitReport,
  type Unit,
  unitKey,
  unitReport,
  type Who,
  whoOf,
} from "@slipway/dag";
import type { PreparedRun, RunEvent } from "./ports.ts";
import type { Chain } from "@slipway/dag";

/** The events that the workflow itself publishes: of the run and of its tasks. Attempts, pods and logs are the watcher's. */
export class RunEvents {
  readonly #ref: RunEvent["ref"];

  constructor(prepared: PreparedRun, chain: Chain) {
    this.#ref = { installation: prepared.installation, chain, dag: prepared.compiled.dag, run: prepared.run };
  }

  started(time: string, data: JsonObject): RunEvent {
    return { type: "run.started", ref: this.#ref, time, data };
  }

  paused(isPaused: boolean, n: number, who: Who): RunEvent {
    return { type: isPaused ? "run.paused" : "run.resumed", ref: this.#ref, data: { ...who }, facts: { n } };
  }

  /** Tasks that were taken back, then those that have settled; `asked`: the control that did it. */
  told(graph: Graph, state: RunState, effects: Pick<Effects, "cleared" | "settled">, asked?: Control): RunEvent[] {
    const { passes = {} } = state;
    const cleared = effects.cleared.flatMap((unit) => {
      const pass = passes[unitKey(unit)];
      return pass === undefined || asked === undefined ? [] : [this.cleared(unit, asked.kind, pass, whoOf(asked))];
    });
    const settled = effects.settled.map((unit) => {
      const who = asked !== undefined && "task" in asked && asked.task === unit.task ? whoOf(asked) : {};
      return this.settled(unit, unitReport(graph, state, unit), passes[unitKey(unit)], who);
    });
    return [...cleared, ...settled];
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
  settled(unit: Unit, { outputs: _outputs, ...task }: UnitReport, pass?: Pass, who?: Who): RunEvent {
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

  finished(report: RunReport, message: string | undefined): RunEvent {
    return {
      type: "run.finished",
      ref: this.#ref,
      data: { state: report.state, ...(message === undefined ? {} : { message }) },
    };
  }
}
