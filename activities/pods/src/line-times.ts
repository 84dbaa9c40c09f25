import { secondOf } from "@slipway/dag";

const NANOS = 1_000_000_000;
const SECOND_CHARS = 19;

/**
 * The times of the newest lines, in their order: 8 bytes each, because a busy log has many of them between two looks at its
 * file. Holds at most `most`; beyond that the older half is forgotten.
 */
export class LineTimes {
  readonly #most: number;
  /** Milliseconds since 1970 of the second that the first line lies in. */
  #base: number | undefined;
  #second = { text: "", ms: 0 };
  #times: number[] = [];

  constructor(most: number) {
    this.#most = most;
  }

  get count(): number {
    return this.#times.length;
  }

  push(time: string): void {
    if (this.#times.length >= this.#most) this.#times = this.#times.slice(this.#most / 2);
    this.#times.push(this.#nanosOf(time));
  }

  /** The time of the line before the first one that is `time` old or younger; undefined where that one is not held. */
  before(time: string): string | undefined {
    const nanos = this.#nanosOf(time);
    const exact = this.#times.indexOf(nanos);
    const at = exact === -1 ? this.#times.findIndex((each) => each > nanos) : exact;
    const found = this.#times[at - 1];
    return found === undefined ? undefined : this.#timeOf(found);
  }

  clear(): void {
    this.#times = [];
    this.#base = undefined;
  }

  /** Nanoseconds since the first line's second: exact for a hundred days. */
  #nanosOf(time: string): number {
    const text = secondOf(time);
    if (text !== this.#second.text) this.#second = { text, ms: Date.parse(`${text}Z`) };
    this.#base ??= this.#second.ms;
    return ((this.#second.ms - this.#base) / 1000) * NANOS + Number(time.slice(SECOND_CHARS + 1, -1));
  }

  #timeOf(nanos: number): string {
    const second = Math.floor(nanos / NANOS);
    const at = new Date((this.#base ?? 0) + second * 1000).toISOString().slice(0, SECOND_CHARS);
    return `${at}.${String(nanos - second * NANOS).padStart(9, "0")}Z`;
  }
}
