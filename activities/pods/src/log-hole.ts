import type { LogWriter } from "@slipway/dag";

/** What may be missing of a log, by its lines' times, and why. */
export interface Interval {
  readonly from?: string;
  readonly to?: string;
  readonly reason: string;
}

/** What stood behind `from` in a file that was rotated. */
export const ROTATED = "the log was rotated or its clock stepped back";

/** What one carrier found missing. A gap that every reading of the same file would show is told once. */
export class Holes {
  readonly #writer: Pick<LogWriter, "gap">;
  readonly #onGap: ((interval: Interval) => void) | undefined;
  #told: Interval | undefined;

  constructor(writer: Pick<LogWriter, "gap">, onGap: ((interval: Interval) => void) | undefined) {
    this.#writer = writer;
    this.#onGap = onGap;
  }

  async tell(interval: Interval): Promise<void> {
    const told = this.#told;
    if (told !== undefined && told.from === interval.from && told.to === interval.to) return;
    this.#told = interval;
    // A watcher that woke up after the log's end finds its pod gone, and that is no gap.
    if (await this.#writer.gap(interval)) this.#onGap?.(interval);
  }

  get verdict(): { readonly complete: boolean; readonly reason?: string } {
    return this.#told === undefined ? { complete: true } : { complete: false, reason: "parts are missing" };
  }
}
