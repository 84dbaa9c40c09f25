import { outputRoom, type RunState, type TaskSpec } from "@slipway/dag";

/** What Kubernetes keeps of a termination message. */
const MESSAGE_BYTES = 4_096;

/** What an attempt may hand back at most; undefined where it hands nothing on. */
export function mostOf({ outputs = {}, values }: TaskSpec): number | undefined {
  const all = Object.values(outputs);
  if (all.length === 0 && values === undefined) return undefined;
  return values === undefined && all.every(({ from }) => from === "message") ? MESSAGE_BYTES : Infinity;
}

/** How much of the run's state those that are under way may fill with outputs. What one is given, no other is. */
export class OutputRooms {
  readonly #given = new Map<string, number>();
  #all = 0;

  /** Bytes, at most `most`. */
  take(who: string, { outputBytes }: Pick<RunState, "outputBytes">, most = Infinity): number {
    const given = Math.min(outputRoom({ outputBytes }, this.#all), most);
    this.#given.set(who, given);
    this.#all += given;
    return given;
  }

  giveBack(who: string): void {
    this.#all -= this.#given.get(who) ?? 0;
    this.#given.delete(who);
  }
}
