import { type JsonObject, utf8Length } from "./json.ts";
import type { Outcome } from "./outcome.ts";

/**
 * Bytes of JSON. Outputs ride in the state, from hop to hop (1.8 MB), and in the run's report, beside its messages and what
 * skipped tasks have in their place (Temporal: 2 MB a payload).
 */
const RUN_OUTPUT_BYTES = 786_432;

export const NO_ROOM: Outcome = {
  kind: "output",
  message: `the outputs of all tasks of the run together are larger than ${RUN_OUTPUT_BYTES / 1024} KB`,
};

/** Counts the outputs of a task that has ended; false where there is no room for them. */
export function hold(state: { outputBytes: number }, outputs: JsonObject): boolean {
  const bytes = utf8Length(JSON.stringify(outputs));
  if (state.outputBytes + bytes > RUN_OUTPUT_BYTES) return false;
  state.outputBytes += bytes;
  return true;
}

/** The lists that stand for the outputs of all items of a task, whatever the items give; false where there is no room for them. */
export function holdLists(state: { outputBytes: number }, defaults: JsonObject, items: number): boolean {
  const each = Object.values(defaults).reduce((sum: number, value) => sum + utf8Length(JSON.stringify(value)) + 1, 0);
  if (state.outputBytes + each * items > RUN_OUTPUT_BYTES) return false;
  state.outputBytes += each * items;
  return true;
}

/** Outputs that a task no longer holds. */
export function letGo(state: { outputBytes: number }, outputs: JsonObject | undefined): void {
  if (outputs !== undefined) state.outputBytes -= utf8Length(JSON.stringify(outputs));
}
