import type { Json, JsonObject } from "../json.ts";
import type { Outcome } from "../outcome.ts";
import { outcomeVariables } from "./outcome-variables.ts";

/** What is known of a run when it starts, beside its params. Temporal's page of it, and where it may keep files, as the operator said. */
export interface RunContext {
  readonly id: string;
  readonly dag: string;
  readonly version: string;
  /** RFC 3339 in UTC. A run that a person started: all its dates are its start. */
  readonly logicalDate: string;
  readonly url?: string;
  readonly store?: string;
}

/** The variables that every expression of the run sees. */
export function runVariables({ id, dag, version, logicalDate, url, store }: RunContext) {
  const day = logicalDate.slice(0, 10);
  return {
    run: { id, dag, version, type: "manual", url: url ?? null, store: store ?? null },
    ds: day,
    ds_nodash: day.replaceAll("-", ""),
    ts: logicalDate,
    logical_date: logicalDate,
    data_interval_start: logicalDate,
    data_interval_end: logicalDate,
  } satisfies JsonObject;
}

/** `attempt` counts from 1; `previous` is how the last one ended, or null. */
export function attemptVariables(attempt: number, previous: Outcome | undefined): JsonObject {
  const before: Json = previous === undefined ? null : (outcomeVariables(previous)["outcome"] ?? null);
  return { attempt, previous: before };
}
