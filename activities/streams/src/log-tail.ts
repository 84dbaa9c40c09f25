import type { LogItem } from "./log-item.ts";

/** Notices (gaps, ends) held back beside the lines; of more, the oldest are let go. */
const NOTICES = 1_000;

/** Holds back all but the last `most` lines, and the notices between them, until it is opened; then passes on what comes. */
export class LogTail {
  readonly #most: number;
  /** A ring: `#first` is the place of the oldest. Places before it are empty. */
  #held: LogItem[] = [];
  #first = 0;
  #lines = 0;
  #open: boolean;

  /** Without `most` it is open from the start. */
  constructor(most: number | undefined) {
    this.#most = most ?? 0;
    this.#open = most === undefined;
  }

  /** What passes now: the item, or nothing. */
  accept(item: LogItem): readonly LogItem[] {
    if (this.#open) return [item];
    this.#held.push(item);
    if (item.kind === "line") this.#lines += 1;
    while (this.#lines > this.#most || this.held > this.#most + NOTICES) this.#dropOldest();
    return [];
  }

  /** What was held back. */
  open(): readonly LogItem[] {
    const held = this.#held.slice(this.#first);
    this.#held = [];
    this.#first = 0;
    this.#open = true;
    return held;
  }

  /** Items in memory. */
  get held(): number {
    return this.#held.length - this.#first;
  }

  #dropOldest(): void {
    if (this.#held[this.#first]?.kind === "line") this.#lines -= 1;
    this.#first += 1;
    // Moved together when half of it is behind us: each item is moved once on average.
    if (this.#first * 2 < this.#held.length) return;
    this.#held = this.#held.slice(this.#first);
    this.#first = 0;
  }
}
