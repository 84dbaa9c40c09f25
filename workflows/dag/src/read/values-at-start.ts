import { evaluate, type Evaluated } from "../cel/evaluate.ts";
import { isLate, namesRun, referencesOf } from "../cel/references.ts";
import { type RunContext, runVariables } from "../cel/run-variables.ts";
import type { JsonObject } from "../json.ts";
import { own } from "../strategic-merge.ts";
import { mayBeLate } from "./expressions.ts";
import type { Pools } from "./limits-of-tasks.ts";
import type { Replacing } from "./replace-expressions.ts";
import { paramOf } from "./template.ts";

/** What is known of the run a DAG is compiled for, and who evaluates (within a budget, where others wrote the DAG). */
export interface RunValues extends Pick<RunContext, "id" | "logicalDate" | "url" | "store"> {
  readonly answer: (source: string, variables: JsonObject) => Evaluated;
  /** Those that the operator has declared. */
  readonly pools?: Pools;
}

/** Where a DAG is only looked at, what must have a value has that of a run on this day. */
const NO_RUN = { id: "none", logicalDate: "1970-01-01T00:00:00Z" };

/** What each expression gives when a run starts; without a run, those that name it stay where they may. */
export function valuesAtStart(
  dag: { readonly dag: string; readonly version: string; readonly params: JsonObject },
  run: RunValues | undefined,
): Replacing["valueOf"] {
  const answer = run?.answer ?? ((source, variables) => evaluate("task", source, variables));
  const { params } = dag;
  const variables = { params, ...runVariables({ ...(run ?? NO_RUN), dag: dag.dag, version: dag.version }) };
  return (source, path) => {
    const name = paramOf(source);
    if (name !== undefined) return { kind: "value", value: own(params, name) ?? null };
    const references = referencesOf(source);
    const unknown = run === undefined && namesRun(references) && mayBeLate(path);
    return isLate(references) || unknown ? { kind: "late" } : answer(source, variables);
  };
}
