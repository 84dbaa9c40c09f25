import type { Frame } from "./frame.ts";
import type { LogSource } from "./log-item.ts";

/** What the tokens of a log subject say: `<root>.log.<dag>.<run>.<task>.<index>.<attempt>.<container>`. */
export interface LogTokens {
  /** `<task>.<index>` as tokens: its attempts belong together. */
  readonly group: string;
  readonly index?: number;
  readonly attempt: number;
  readonly container: string;
}

export function logTokens(subject: string): LogTokens | undefined {
  const [, , , , task, index = "", attempt = "", container] = subject.split(".");
  if (task === undefined || container === undefined || !/^[0-9]{1,9}$/.test(attempt)) return undefined;
  const position = /^[0-9]{1,9}$/.test(index) ? { index: Number(index) } : {};
  return { group: `${task}.${index}`, ...position, attempt: Number(attempt), container };
}

export function sourceOf(subject: string, { origin }: Frame): LogSource | undefined {
  const tokens = logTokens(subject);
  if (tokens === undefined) return undefined;
  const { group: _group, ...place } = tokens;
  return { task: origin.task, ...place, pod: origin.pod, restart: origin.restart };
}
