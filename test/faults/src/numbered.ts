/** What `slipway logs -o json` says of a log whose line n is the text n. */
export interface NumberedLog {
  readonly lines: readonly { readonly n: number; readonly at: number }[];
  readonly gaps: readonly { readonly from: number; readonly to: number }[];
  readonly ends: readonly { readonly lines: number; readonly bytes: number; readonly complete: boolean }[];
}

/** A run of numbers that are not there, and the times of the lines on both sides. */
export interface Missing {
  readonly first: number;
  readonly last: number;
  readonly from: number;
  readonly to: number;
}

export function parseLog(stdout: string): NumberedLog {
  const lines = [];
  const gaps = [];
  const ends = [];
  for (const text of stdout.split("\n")) {
    if (text === "") continue;
    const item: unknown = JSON.parse(text);
    const field = (name: string): unknown => (typeof item === "object" && item !== null ? Reflect.get(item, name) : "");
    const millis = (name: string): number => Date.parse(String(field(name)));
    if (field("kind") === "line") lines.push({ n: Number(field("text")), at: millis("time") });
    if (field("kind") === "gap") gaps.push({ from: millis("from"), to: millis("to") });
    if (field("kind") === "end")
      ends.push({
        lines: Number(field("lines")),
        bytes: Number(field("bytes")),
        complete: field("complete") === true,
      });
  }
  return { lines, gaps, ends };
}

/** How often a number comes that is not greater than the one before it: a line twice, or out of order. */
export function repeats({ lines }: NumberedLog): number {
  return lines.filter(({ n }, at) => n <= (lines[at - 1]?.n ?? 0)).length;
}

export function missing({ lines }: NumberedLog, total: number): readonly Missing[] {
  const after = [...lines, { n: total + 1, at: Number.POSITIVE_INFINITY }];
  let before = { n: 0, at: Number.NEGATIVE_INFINITY };
  return after.flatMap((line) => {
    const hole = { first: before.n + 1, last: line.n - 1, from: before.at, to: line.at };
    before = line;
    return hole.first <= hole.last ? [hole] : [];
  });
}

/** Times inside a frame are told to the millisecond. */
const MILLIS = 2;

/** Whether a gap tells of what is missing there, and ends where the log goes on. */
export function tells(gap: NumberedLog["gaps"][number], hole: Missing): boolean {
  const ends = Number.isFinite(hole.to) ? Math.abs(gap.to - hole.to) <= MILLIS : !(gap.to < hole.from);
  return ends && gap.from <= hole.from + MILLIS;
}

/** Lines that are there, and within a gap. */
export function insideGap({ lines }: NumberedLog, gap: NumberedLog["gaps"][number]): number {
  return lines.filter(({ at }) => at > gap.from + MILLIS && at < gap.to - MILLIS).length;
}
