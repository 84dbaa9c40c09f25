import type { AttemptRef } from "./ids.ts";
import { isJsonObject, type Json, type JsonObject, utf8Length } from "./json.ts";

/** Stands in a run's state and report in the place of an output that is in the installation's object store. */
export interface Stored {
  /** The object's name. */
  readonly [STORED_KEY]: string;
  /** Of its JSON, in UTF-8. */
  readonly bytes: number;
}

export const STORED_KEY = "slipway.dev/stored";

/** Whose outputs they are: an attempt's, or, of what has no pod, a pass's. */
export type OutputsRef = Pick<AttemptRef, "chain" | "task" | "index" | "attempt">;

/** The same output of the same attempt always has the same name, and no other run can tell it. */
export function storedName({ chain, task, index, attempt }: OutputsRef, output: string): string {
  return [chain.firstExecutionRunId, task, index ?? "-", attempt, output].join("/");
}

export function storedAs(name: string, bytes: number): JsonObject {
  return { [STORED_KEY]: name, bytes };
}

export function isStored(value: Json): value is Stored & JsonObject {
  return isJsonObject(value) && typeof value[STORED_KEY] === "string" && typeof value["bytes"] === "number";
}

/** About a reference's own size: what is no larger gains nothing in the store. */
const REFERENCE_BYTES = 128;

/**
 * Which outputs go to the store: the largest first, until the others are at most `room` bytes. A value that could be taken for a
 * reference goes too, so that every reference in a state is one of ours.
 */
export function beyondRoom(outputs: JsonObject, room: number): ReadonlySet<string> {
  const sized = Object.entries(outputs).map(([name, value]) => {
    const text = JSON.stringify(value);
    return { name, bytes: utf8Length(text), isOdd: text.includes(JSON.stringify(STORED_KEY)) };
  });
  const gone = new Set<string>();
  let left = utf8Length(JSON.stringify(outputs));
  for (const { name, bytes, isOdd } of sized.toSorted((a, b) => b.bytes - a.bytes)) {
    if (!isOdd && (bytes <= REFERENCE_BYTES || left <= room)) continue;
    gone.add(name);
    left -= bytes - REFERENCE_BYTES;
  }
  return gone;
}

/** Every reference in a value: an output, or what is made of outputs. */
export function storedIn(value: Json): readonly Stored[] {
  if (isStored(value)) return [value];
  if (Array.isArray(value)) return value.flatMap(storedIn);
  return isJsonObject(value) ? Object.values(value).flatMap(storedIn) : [];
}

/** The same with values in the place of their references; a reference that `values` does not know stays. */
export function withStored(value: Json, values: ReadonlyMap<string, Json>): Json {
  if (isStored(value)) return values.get(value[STORED_KEY]) ?? value;
  if (Array.isArray(value)) return value.map((each) => withStored(each, values));
  if (!isJsonObject(value)) return value;
  return Object.fromEntries(Object.entries(value).map(([key, each]) => [key, withStored(each, values)]));
}
