import { outputRoom, type RunState, type TaskSpec } from "@slipway/dag";

/** What Kubernetes keeps of a termination message. */
const MESSAGE_BYTES = 4_096;

/** How much of the run's state the attempts in flight may fill with outputs. What one is given, no other is. */
export class OutputRooms {
  readonly #given = new Map<string, number>();
  #all = 0;

  /** Bytes; undefined for a task that hands nothing on. */
  take(attempt: string, { outputs = {}, values }: TaskSpec, state: Pick<RunState, "outputBytes">): number | undefined {
    if (Object.keys(outputs).length === 0 && values === undefined) return undefined;
    const room = outputRoom(state, this.#all);
    const isShort = values === undefined && Object.values(outputs).every(({ from }) => from === "message");
    const given = isShort ? Math.min(room, MESSAGE_BYTES) : room;
    this.#given.set(attempt, given);
    this.#all += given;
    return given;
  }

  giveBack(attempt: string): void {
    this.#all -= this.#given.get(attempt) ?? 0;
    this.#given.delete(attempt);
  }
}
