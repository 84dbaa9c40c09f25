import { type Frame, firstLine } from "./frame.ts";
import type { LogItem, LogSource } from "./log-item.ts";
import { endOf } from "./standing.ts";

const LONGEST_LINE = 16 * 1024 * 1024;

/** A line of which some parts are there. */
interface OpenLine {
  readonly whose: LogSource;
  readonly line: number;
  readonly time: string;
  readonly parts: Uint8Array[];
  size: number;
  cut: boolean;
}

/** From the frames of one subject, in order, to items: puts long lines together, says which lines are not kept, tells none twice. */
export class LogLines {
  #life = "";
  /** Number of the next line. */
  #next = 1;
  #open: OpenLine | undefined;

  /** `stored`: when the stream took the frame. */
  accept(whose: LogSource, frame: Frame, stored: string): readonly LogItem[] {
    const items: LogItem[] = [];
    const first = firstLine(frame);
    const life = `${whose.pod}/${whose.restart}`;
    if (life === this.#life && first <= (this.#open?.line ?? 0) && !this.#goesOn(frame, first)) this.#open = undefined;
    if (life !== this.#life || !this.#goesOn(frame, first)) items.push(...this.#finishOpen());
    if (life !== this.#life) this.#next = 1;
    this.#life = life;
    const next = this.#next;
    if (first > next) {
      const time = timeOf(frame.content) ?? stored;
      items.push({ ...whose, time, kind: "expired", from: next, to: first - 1 });
    }
    this.#next = Math.max(next, frame.place.line);
    return [...items, ...this.#items({ ...whose, time: stored }, frame, first, next)];
  }

  /** It is the next piece of the line that is open. */
  #goesOn({ content }: Frame, line: number): boolean {
    return content.kind === "part" && content.part !== "first" && this.#open?.line === line;
  }

  /** Lines before `next` have been told: a writer whose stream forgot them may have sent them again. */
  #items(
    whose: LogSource & { readonly time: string },
    { content, place }: Frame,
    first: number,
    next: number,
  ): readonly LogItem[] {
    switch (content.kind) {
      case "start":
        return [{ ...whose, kind: "start" }];
      case "lines":
        return content.texts
          .map((text, at) => lineItem(whose, first + at, content.times[at] ?? "", text))
          .slice(Math.max(0, next - first));
      case "part":
        if (first < next) return [];
        this.#addPart(whose, first, content);
        return content.part === "last" ? this.#finishOpen(true) : [];
      case "gap":
        return [{ ...whose, ...content, line: place.line }];
      case "end":
        return [{ ...whose, kind: "end", ...endOf(place, content) }];
    }
  }

  #addPart(whose: LogSource, line: number, part: Extract<Frame["content"], { kind: "part" }>): void {
    this.#open ??= { whose, line, time: part.time, parts: [], size: 0, cut: false };
    const open = this.#open;
    open.cut ||= part.offset !== open.size || open.size > LONGEST_LINE;
    if (open.size <= LONGEST_LINE) open.parts.push(part.bytes);
    open.size = part.offset + part.bytes.length;
  }

  #finishOpen(whole = false): readonly LogItem[] {
    const open = this.#open;
    if (open === undefined) return [];
    this.#open = undefined;
    this.#next = open.line + 1;
    const text = new TextDecoder("utf-8", { ignoreBOM: true }).decode(Buffer.concat(open.parts));
    const item = lineItem(open.whose, open.line, open.time, text);
    return [whole && !open.cut ? item : { ...item, cut: true }];
  }
}

/** Of the first line in a frame. */
function timeOf(content: Frame["content"]): string | undefined {
  if (content.kind === "part") return content.time;
  return content.kind === "lines" ? content.times[0] : undefined;
}

function lineItem(whose: LogSource, line: number, time: string, text: string): Extract<LogItem, { kind: "line" }> {
  return { ...whose, kind: "line", line, time, text };
}
