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

/** What the state takes of outputs however large each is; beyond it they go to the object store (docs/decisions/0019). */
const FREE_BYTES = 262_144;
/** What is there together with what the attempts in flight may hand back, where some of that is large. */
const GIVEN_BYTES = 524_288;
/** Outputs of so few bytes are worth a place in any case, as long as there is plenty: this part of what is left, at most. */
const SMALL_BYTES = 4_096;
const SMALL_PART = 64;
/** For references, and what is no larger than one. */
const SPARE_BYTES = 65_536;

/**
 * Bytes that an attempt which starts now may hand back itself, where those in flight were given so much. Large ones get half of
 * what is left, small ones a little of it: there is some for the next one, and together they never find the state full.
 */
export function outputRoom(state: { readonly outputBytes: number }, given: number): number {
  const taken = state.outputBytes + given;
  const large = Math.min(FREE_BYTES - state.outputBytes, (GIVEN_BYTES - taken) / 2);
  const small = Math.min(SMALL_BYTES, (RUN_OUTPUT_BYTES - SPARE_BYTES - taken) / SMALL_PART);
  return Math.max(0, Math.floor(Math.max(large, small)));
}

/** Counts the outputs of a task that has ended; false where there is no room for them. */
export function hold(state: { outputBytes: number }, outputs: JsonObject): boolean {
  const bytes = utf8Length(JSON.stringify(outputs));
  if (state.outputBytes + bytes > RUN_OUTPUT_BYTES) return false;
  state.outputBytes += bytes;
  return true;
}

/** The lists that stand for the outputs of all items of a task, whatever the items give; false where there is no room for them. */
export function holdLists(state: { outputBytes: number }, defaults: JsonObject, items: number): boolean {
  const bytes = listBytes(defaults, items);
  if (state.outputBytes + bytes > RUN_OUTPUT_BYTES) return false;
  state.outputBytes += bytes;
  return true;
}

/** Lists that are to be made anew. */
export function letGoLists(state: { outputBytes: number }, defaults: JsonObject, items: number): void {
  state.outputBytes -= listBytes(defaults, items);
}

function listBytes(defaults: JsonObject, items: number): number {
  const each = Object.values(defaults).reduce((sum: number, value) => sum + utf8Length(JSON.stringify(value)) + 1, 0);
  return each * items;
}

/** Outputs that a task no longer holds. */
export function letGo(state: { outputBytes: number }, outputs: JsonObject | undefined): void {
  if (outputs !== undefined) state.outputBytes -= utf8Length(JSON.stringify(outputs));
}
