import {
  type Chain,
  type Change,
  type Effects,
  type JsonObject,
  type Needs,
  type RunState,
  type TaskName,
  type Unit,
} from "@slipway/dag";
import { askTasks, type TaskOf } from "./conditions.ts";
import { giveAll } from "./giving.ts";
import type { OutputRooms } from "./output-rooms.ts";
import { Pump } from "./pump.ts";

const BATCH = 200;

/** What questions are answered from. */
export interface Asking {
  readonly chain: Chain;
  readonly rooms: OutputRooms;
  readonly taskOf: TaskOf;
  readonly state: () => RunState;
  /** Undefined where it is more than an activity is given. */
  readonly inputFor: (needs: Needs, unit?: Unit) => JsonObject | undefined;
  readonly tell: (answer: Change) => void;
}

/**
 * Expressions of tasks that no attempt evaluates: those that decide about a task before it begins, and the outputs of what has no pod.
 * One batch of each under way: what becomes free meanwhile is asked together.
 */
export class Questions {
  readonly #before: Pump<TaskName>;
  readonly #behind: Pump<Unit>;

  constructor({ chain, rooms, taskOf, state, inputFor, tell }: Asking) {
    const of = () => ({ taskOf, state: state(), inputFor });
    this.#before = new Pump({ size: BATCH, lanes: 1 }, (names) => askTasks(names, of(), tell));
    this.#behind = new Pump({ size: BATCH, lanes: 1 }, (units) => giveAll(units, { ...of(), chain, rooms }, tell));
  }

  add({ asks, gives }: Pick<Effects, "asks" | "gives">): void {
    this.#before.add(...asks);
    this.#behind.add(...gives);
  }

  turn(): void {
    this.#before.turn();
    this.#behind.turn();
  }

  get mayTurn(): boolean {
    return this.#before.mayTurn || this.#behind.mayTurn;
  }

  get isEmpty(): boolean {
    return this.#before.isEmpty && this.#behind.isEmpty;
  }
}
