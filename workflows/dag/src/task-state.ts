import type { Asked, Who } from "./control.ts";
import type { Hold, HoldChange } from "./held.ts";
import { isTaskName, type TaskName } from "./ids.ts";
import type { ItemList, Items } from "./items.ts";
import type { JsonObject } from "./json.ts";
import type { Outcome } from "./outcome.ts";
import type { Admission, PoolAsk, PoolWord } from "./pool/admission.ts";
import type { RetryWord, Spent } from "./retry.ts";
import type { SettledState } from "./rules.ts";
import type { TotalTime } from "./total-time.ts";
import type { Unit } from "./units.ts";

/** One task's life so far, or one item's. `attempt` counts pods from 1. */
export type TaskState =
  | { readonly kind: "waiting" }
  /** Its upstreams let it begin; its `if` is asked, and the list of its `forEach`. */
  | { readonly kind: "asking" }
  /** May start; waits only for a place in the window. */
  | ({ readonly kind: "ready" } & Trying)
  /** `unwatched`: no worker has taken the attempt up, and why. `stop`: its end is asked for, and why. */
  | ({ readonly kind: "running"; readonly unwatched?: string; readonly stop?: Halt } & Trying)
  /** An approval or a wait that has begun; `on` once it is known what it waits for. */
  | { readonly kind: "held"; readonly on?: Hold }
  /** A group that has begun. */
  | { readonly kind: "open" }
  /** A task with `forEach` whose items live, each in its own state (`RunState.items`). */
  | { readonly kind: "spread" }
  /** It has come to its end; what it hands on is evaluated. */
  | { readonly kind: "giving" }
  /** Between two attempts. `attempt` is the next one. */
  | ({ readonly kind: "delayed"; readonly last: Outcome } & Trying)
  /** `reason`: why it counts as such, where it did not come to it by itself. */
  | { readonly kind: "succeeded"; readonly attempts: number; readonly outputs?: JsonObject; readonly reason?: string }
  | { readonly kind: "failed"; readonly attempts: number; readonly outcome: Outcome; readonly outputs?: JsonObject }
  /** `byHand`: by a person's word, which no other task's state takes back. */
  | { readonly kind: "skipped"; readonly reason: string; readonly attempts?: number; readonly byHand?: true }
  | { readonly kind: "upstream_failed" };

/** A task that has an attempt, or will have one. */
export interface Trying {
  readonly attempt: number;
  readonly spent: Spent;
  /** When the pod of its first attempt was made (milliseconds since 1970), where timeout.total counts from there. */
  readonly since?: number;
  /** How the attempt before ended. */
  readonly last?: Outcome;
}

/**
 * A run, as plain JSON. `apply` and `takeStarts` change it in place: a copy per change would make
 * a run of 10,000 tasks quadratic.
 */
export interface RunState {
  /** Makes the jitter of this run its own: the chain's firstExecutionRunId. */
  readonly seed: string;
  readonly tasks: Record<string, TaskState>;
  /** Units of kind `ready`, first come first served; a task that is `spread` stands for its items that wait. */
  readonly ready: Unit[];
  running: number;
  unsettled: number;
  /** Bytes of JSON of the outputs that the tasks hold. */
  outputBytes: number;
  /** Tasks that failed, in the order they settled: the first is the cause. */
  readonly failures: TaskName[];
  /** By the name of its group; the DAG's own under "". */
  readonly sections: Record<string, SectionState>;
  /** The workflow id of the closed run that this one goes on from. */
  rerunOf?: string;
  cancelled?: { readonly reason: string };
  /** While it is there nothing starts, and the run does not close. */
  paused?: Who;
  /** Units whose settled state was taken back or replaced, by their keys. */
  passes?: Record<string, Pass>;
  /** Of each task with `forEach` whose list is made. A list is made once in a run. */
  items?: Record<string, Items>;
  /** By the key of the unit, what is asked of pools and held of them. */
  admissions?: Record<string, Admission>;
  /** Admissions begun so far. */
  turn?: number;
  /** Those that were set since it began. */
  params?: JsonObject;
  /** What was asked of the run, the newest last. */
  controls?: Asked[];
}

/** How often a unit has been decided (from 2 on), and how many attempts were made before: their numbers go on. */
export interface Pass {
  readonly pass: number;
  readonly attempts: number;
}

/** Of the DAG, or of a group. */
export interface SectionState {
  /** Of its `tasks`, how many are not settled. */
  tasks: number;
  /** The same of its `finally`. */
  last: number;
  /** Attempts running below it; counted for groups. */
  running: number;
  /** Its tasks were broken off, and why. */
  halt?: Halt;
}

/** `fail_fast`: a task has failed, and the rest was not worth going on. `timeout`: of the whole run. */
export interface Halt {
  readonly kind: "cancel" | "timeout" | "fail_fast";
  readonly message: string;
}

export type Change =
  | ({
      readonly kind: "ended";
      readonly attempt: number;
      readonly outcome: Outcome;
      readonly outputs?: JsonObject;
      /** Absent where another attempt may follow. */
      readonly retry?: RetryWord;
      readonly total?: TotalTime;
    } & Unit)
  /** No worker has taken the attempt up, for this reason; or, without one, a worker has. */
  | ({ readonly kind: "unwatched"; readonly attempt: number; readonly reason?: string } & Unit)
  /** The delay before the next attempt (this one, where a number is given) is over. */
  | ({ readonly kind: "due"; readonly attempt?: number } & Unit)
  /** What the `if` of a task says, and the list of its `forEach`. `pass`: the one in which it was asked (see passes.ts); 1 where absent. */
  | { readonly kind: "answered"; readonly task: TaskName; readonly pass?: number; readonly answer: Answer }
  /** What a pool says of a request. */
  | { readonly kind: "pool"; readonly word: PoolWord }
  /** What a unit hands on that is `giving`, or why it cannot. `pass`: the one in which it was asked. */
  | ({ readonly kind: "given"; readonly pass?: number; readonly given: Given } & Unit)
  | HoldChange
  | { readonly kind: "cancel"; readonly reason: string }
  /** The time of the whole run is over. */
  | { readonly kind: "timeout" };

/** `broken`: the condition (or `of`: the list, its keys) has no value, and why. */
export type Answer =
  | { readonly kind: "yes"; readonly items?: ItemList }
  | { readonly kind: "no" }
  | { readonly kind: "broken"; readonly of?: "forEach" | "key"; readonly why: string };

/** `broken`: an output has no value, or not one that its schema allows. */
export type Given =
  | { readonly kind: "values"; readonly values: JsonObject }
  | { readonly kind: "broken"; readonly why: string };

/** What a change asks of the world. */
export interface Effects {
  readonly settled: Unit[];
  /** Tasks whose `if` is to be asked, and whose list is to be made. */
  readonly asks: TaskName[];
  /** Units whose outputs are to be evaluated. */
  readonly gives: Unit[];
  /** Approvals and waits that have begun. */
  readonly holds: TaskName[];
  /** Those of which it is now known what they wait for. */
  readonly held: TaskName[];
  readonly delays: (Unit & { readonly attempt: number; readonly ms: number })[];
  readonly stops: Unit[];
  /** Attempts of which it is new that nobody watches them. */
  readonly unwatched: (Unit & { readonly attempt: number; readonly reason: string })[];
  /** Units whose settled state was taken back. */
  readonly cleared: Unit[];
  /** For pools. */
  readonly tells: PoolAsk[];
  /** Of units, that they begin to wait in a pool. */
  readonly waits: (Unit & { readonly attempt: number; readonly turn: number; readonly reason: string })[];
}

export function noEffects(): Effects {
  const [holds, held, tells, waits]: [TaskName[], TaskName[], Effects["tells"], Effects["waits"]] = [[], [], [], []];
  const untold = { holds, held, tells, waits };
  return { settled: [], asks: [], gives: [], delays: [], stops: [], unwatched: [], cleared: [], ...untold };
}

export interface Start extends Unit {
  readonly attempt: number;
  readonly since?: number;
  /** How the attempt before ended. */
  readonly previous?: Outcome;
}

/** Undefined while the task may still change. */
export function settledState(task: TaskState | undefined): SettledState | undefined {
  switch (task?.kind) {
    case "succeeded":
    case "failed":
    case "skipped":
    case "upstream_failed":
      return task.kind;
    default:
      return undefined;
  }
}

export function taskNames(state: RunState): TaskName[] {
  return Object.keys(state.tasks).filter(isTaskName);
}
