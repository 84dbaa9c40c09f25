import {
  type AttemptRef,
  type Change,
  defined,
  isStopped,
  type JsonObject,
  mayStillRun,
  type Needs,
  type Plan,
  podName,
  type RunState,
  type Start,
  taskSpec,
  titleOf,
  type Unit,
  unitKey,
  unitOf,
} from "@slipway/dag";
import { CancellationScope } from "@temporalio/workflow";
import { podActivities, priorityOf } from "./activities.ts";
import { runAttempt } from "./attempt.ts";
import type { RunRef } from "./carried.ts";
import { CommandRoom } from "./command-room.ts";
import { letGo } from "./let-go.ts";
import { mostOf, type OutputRooms } from "./output-rooms.ts";
import { type Pickup, pickupOf } from "./pickup.ts";
import type { AttemptResult, Ending, PreparedRun, Release } from "./ports.ts";
import { releaseOf } from "./release-of.ts";

/** What attempts need of their run. */
interface AttemptsWorld {
  readonly prepared: PreparedRun;
  readonly ref: RunRef;
  readonly hop: number;
  readonly plan: () => Plan;
  readonly state: () => RunState;
  readonly rooms: OutputRooms;
  /** What its expressions name; undefined where it is more than an activity is given. */
  readonly input: (needs: Needs, start: Start) => JsonObject | undefined;
  readonly tell: (change: Change) => void;
  /** Lets go of the pod of an attempt that is over. */
  readonly release: (release: Release) => void;
}

/** The attempts in flight: each a watcher, until it is told how it ended. */
export class Attempts {
  readonly #world: AttemptsWorld;
  /** By the key of a unit. */
  readonly #scopes = new Map<string, CancellationScope>();
  readonly #ending = new Map<string, Ending>();
  readonly #commands = new CommandRoom();
  readonly #pickup: Pickup;

  constructor(world: AttemptsWorld) {
    this.#world = world;
    this.#pickup = pickupOf(world.prepared, world.tell);
  }

  /** Those that are over, and whose pods are being ended before that is told. */
  get ending(): Ending[] {
    return [...this.#ending.values()];
  }

  stop(unit: Unit): void {
    this.#scopes.get(unitKey(unit))?.cancel();
  }

  /** What the hop before had begun to end. */
  resumeEnding(ending: readonly Ending[]): void {
    for (const one of ending) void this.#end(one);
  }

  /** What is in flight is scheduled again and adopts its pods. */
  resume(starts: readonly Start[]): void {
    for (const start of starts) if (!this.#ending.has(unitKey(start))) this.start(start);
  }

  start(start: Start): void {
    const { attempt, since } = start;
    const { prepared, hop, plan, state, rooms } = this.#world;
    const unit = unitOf(start);
    const { dag, task } = plan().tasks.get(unit.task) ?? {};
    if (dag === undefined || task?.kind !== "pod") return;
    const spec = taskSpec(dag, task);
    const ref: AttemptRef = { ...this.#world.ref, ...unit, attempt };
    const scope = new CancellationScope();
    this.#scopes.set(unitKey(unit), scope);
    const summary = `${titleOf(state(), unit)}, attempt ${attempt}: ${podName(ref)}`;
    const activityId = `${unitKey(unit)}.${attempt}`;
    const label = { activityId, summary, ...priorityOf(plan().graph.get(unit.task)) };
    const { runPod } = podActivities(prepared, label);
    this.#pickup.scheduled(activityId, { ...unit, attempt });
    const variables = task.needs && this.#world.input(task.needs, start);
    const most = mostOf(spec);
    const room = most === undefined ? undefined : rooms.take(activityId, state(), most);
    const input = { ref, hop, spec, ...defined({ variables, room, since }) };
    void scope
      .run(() => runAttempt(this.#commands, runPod, task.needs && !variables ? undefined : input))
      .then(async (ended) => {
        this.#pickup.ended(activityId);
        rooms.giveBack(activityId);
        await this.#ended(unit, attempt, ended, releaseOf(ref, spec, ended.outcome), scope.consideredCancelled);
      });
  }

  async #ended(
    unit: Unit,
    attempt: number,
    { pod: _pod, ...ended }: AttemptResult,
    release: Release,
    isCancelled: boolean,
  ): Promise<void> {
    const change = { kind: "ended", ...unit, attempt, ...ended } as const;
    // Nobody may try again while the pod of an attempt that was stopped could still run.
    if (isStopped(this.#world.state(), unit))
      return await this.#end({ release: { ...release, cancelled: true }, change });
    if (mayStillRun(ended.outcome)) return await this.#end({ release, change });
    this.#world.release(isCancelled ? { ...release, cancelled: true } : release);
    this.#world.tell(change);
  }

  /** A pod that may still run is gone before its attempt's end is told: no other attempt runs beside it. */
  async #end(ending: Ending): Promise<void> {
    const key = unitKey(ending.change);
    this.#ending.set(key, ending);
    await letGo(this.#world.prepared, this.#world.hop, [ending.release]);
    this.#ending.delete(key);
    this.#world.tell(ending.change);
  }
}
