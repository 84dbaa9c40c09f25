/** What an answer's way here and cutting to whole seconds make of two equal clocks. */
const TOLERATED_MS = 2_000;

/**
 * The API server's clock, by the `Date` of its answers. Pods' times are the cluster's, so whoever compares them with a clock of
 * its own that is an hour off would end every pod at once, or none in time.
 */
export class ServerClock {
  #offMs = 0;

  /** Once an answer begins. */
  hear(date: string | undefined): void {
    const off = Date.parse(date ?? "") - Date.now();
    if (Number.isNaN(off)) return;
    this.#offMs = Math.abs(off) < TOLERATED_MS ? 0 : off;
  }

  /** Milliseconds since 1970; our own clock until there was an answer. */
  now(): number {
    return Date.now() + this.#offMs;
  }
}
