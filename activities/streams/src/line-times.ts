/**
 * The times of a frame's lines: `-From` and `-To` keep the nanoseconds of the first and the last; between them
 * `-Times` has the milliseconds from each line to the next (decimal, one blank apart), so nothing drifts.
 */
export interface LineTimes {
  readonly from: string;
  readonly to: string;
  readonly times?: string;
}

export function packTimes(times: readonly string[]): LineTimes | undefined {
  const [from] = times;
  const to = times.at(-1);
  if (from === undefined || to === undefined) return undefined;
  if (times.length <= 2) return { from, to };
  const millis = times.map(Date.parse);
  const steps = millis.slice(1).map((ms, index) => ms - (millis[index] ?? ms));
  return { from, to, times: steps.join(" ") };
}

/** `count` times; a header that does not fit the count (a foreign publisher's) leaves every line at `from`. */
export function unpackTimes({ from, to, times }: LineTimes, count: number): readonly string[] {
  if (count <= 1) return [from].slice(0, count);
  const steps = times === undefined ? [] : times.split(" ").map(Number);
  const between = steps.length === count - 1 && steps.every(Number.isSafeInteger) ? steps.slice(0, -1) : [];
  const start = Date.parse(from);
  let sum = 0;
  const inner = Array.from({ length: count - 2 }, (_, index) => timeText(start + (sum += between[index] ?? 0), from));
  return [from, ...inner, to];
}

function timeText(ms: number, otherwise: string): string {
  return Number.isFinite(ms) && Math.abs(ms) <= 8.64e15 ? new Date(ms).toISOString() : otherwise;
}
