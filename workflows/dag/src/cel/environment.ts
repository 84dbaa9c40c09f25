import { Environment } from "@marcbachmann/cel-js";
import { withFunctions } from "./functions.ts";

/**
 * Where an expression stands, and with it what it may name. `retries.if`: `outcome`, how the attempt ended. `task`: what is
 * known when a task starts (params, the run, dates, its ancestors, its own earlier attempt). `wait.event`: besides, `event`,
 * the message that came.
 */
export type Place = "retries.if" | "task" | "wait.event";

/** No user's condition needs more; the library's own limits are wider. */
const LIMITS = { maxAstNodes: 1_000, maxDepth: 50, maxListElements: 200, maxMapEntries: 100, maxCallArguments: 20 };

/** The fields of `outcome`, by their CEL types. */
export const OUTCOME_FIELDS = { kind: "string", exitCode: "int", signal: "string", message: "string" } as const;

/** Dates of a run: `ds` and `ts` as text, the others as times. */
export const DATES = {
  ds: "string",
  ds_nodash: "string",
  ts: "string",
  logical_date: "google.protobuf.Timestamp",
  data_interval_start: "google.protobuf.Timestamp",
  data_interval_end: "google.protobuf.Timestamp",
} as const;

/** `url` and `store` may be null. */
export const RUN_FIELDS = {
  id: "string",
  dag: "string",
  version: "string",
  type: "string",
  state: "string",
  failures: "list",
  url: "dyn",
  store: "dyn",
} as const;

/** The fields of `event`; `data` is what its JSON says, or text. */
export const EVENT_FIELDS = { subject: "string", headers: "dyn", data: "dyn" } as const;

/** Fields of `run` that are known once all `tasks` of the DAG have ended. */
export const AT_THE_END: ReadonlySet<string> = new Set(["state", "failures"]);

/** What an expression of a task may begin with. */
export const ROOTS = ["params", "tasks", "run", "attempt", "previous", "item", "index", ...Object.keys(DATES)];

/** What every expression of a task may name whatever the DAG; `params`, `tasks` and `run` are added with what is known of their types. */
export function taskEnvironment(): Environment {
  const named = environment().registerVariable("attempt", "int").registerVariable("previous", "dyn");
  for (const [name, type] of Object.entries(DATES)) named.registerVariable(name, type);
  return named;
}

const ENVIRONMENTS: Readonly<Record<Place, Environment>> = {
  "retries.if": environment()
    .registerType("Outcome", { fields: OUTCOME_FIELDS })
    .registerVariable("outcome", "Outcome"),
  task: untyped().registerVariable("item", "dyn").registerVariable("index", "int"),
  "wait.event": untyped().registerVariable("event", "dyn"),
};

function untyped(): Environment {
  return taskEnvironment()
    .registerVariable("params", "dyn")
    .registerVariable("tasks", "dyn")
    .registerVariable("run", "dyn");
}

function environment(): Environment {
  return withFunctions(
    new Environment({ unlistedVariablesAreDyn: false, homogeneousAggregateLiterals: false, limits: LIMITS }),
  );
}

export function environmentOf(place: Place): Environment {
  return ENVIRONMENTS[place];
}
