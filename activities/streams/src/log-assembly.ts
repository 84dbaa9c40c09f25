import { type Finder } from "./finder.ts";
import type { Frame } from "./frame.ts";
import { decodeFrame } from "./frame-decode.ts";
import type { LogChoice } from "./log-choice.ts";
import type { LogItem } from "./log-item.ts";
import { LogLines } from "./log-lines.ts";
import { firstWhere, lifeOf } from "./log-start.ts";
import { sourceOf } from "./log-subject.ts";
import type { StoredMessage } from "./message.ts";

/**
 * From messages, those of one subject in order, to items. Where it does not begin at the stream's beginning, it looks once
 * for each subject what stands before its first message: so it makes of each message what a reader of everything makes.
 */
export class LogAssembly {
  readonly #finder: Finder;
  readonly #choice: LogChoice;
  readonly #start: number;
  readonly #logs = new Map<string, LogLines>();

  /** `start`: the first sequence that is read. */
  constructor(finder: Finder, choice: LogChoice, start: number) {
    this.#finder = finder;
    this.#choice = choice;
    this.#start = start;
  }

  async accept(message: StoredMessage): Promise<readonly LogItem[]> {
    const frame = decodeFrame(message.header, message.data);
    if (frame === undefined || !this.#choice.wants(message.subject, frame)) return [];
    return this.#add(await this.#linesOf(message), message, frame);
  }

  #add(lines: LogLines, { subject, time }: StoredMessage, frame: Frame): readonly LogItem[] {
    const source = sourceOf(subject, frame);
    return source === undefined ? [] : lines.accept(source, frame, time);
  }

  async #linesOf({ subject, seq }: StoredMessage): Promise<LogLines> {
    const known = this.#logs.get(subject);
    if (known !== undefined) return known;
    const lines = new LogLines();
    if (this.#start > 1) {
      for await (const { message, frame } of this.#before(subject, seq)) this.#add(lines, message, frame);
    }
    this.#logs.set(subject, lines);
    return lines;
  }

  /** The frame before, or the parts so far of a line that it leaves open. */
  async *#before(subject: string, seq: number): AsyncGenerator<{ message: StoredMessage; frame: Frame }> {
    const last = await this.#finder.before(subject, seq);
    const frame = last && decodeFrame(last.header, last.data);
    if (last === undefined || frame === undefined || !this.#choice.wants(subject, frame)) return;
    if (frame.place.offset === 0) return yield { message: last, frame };
    const { line } = frame.place;
    const isOpen = (_: StoredMessage, each: Frame): boolean =>
      lifeOf(each) === lifeOf(frame) && each.place.offset > 0 && each.place.line === line;
    for (let at = await firstWhere(this.#finder, { subject, low: 1, high: last.seq }, isOpen); at <= last.seq; ) {
      const message = await this.#finder.next(subject, at);
      const part = message && decodeFrame(message.header, message.data);
      if (message === undefined || part === undefined || message.seq > last.seq) return;
      yield { message, frame: part };
      at = message.seq + 1;
    }
  }
}
