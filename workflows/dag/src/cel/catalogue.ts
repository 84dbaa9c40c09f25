import type { Json } from "../json.ts";

/** A name that expressions may begin with, or a field of one. */
export interface VariableDoc {
  readonly name: string;
  readonly type: string;
  readonly text: string;
}

/** What expressions see, in the order people look for it: for docs/reference/expressions.md and `slipway explain`. */
export const VARIABLES: readonly VariableDoc[] = [
  { name: "params.x", type: "as declared", text: "A param; in a template its own too." },
  {
    name: "tasks.x.outputs.y",
    type: "as declared",
    text: 'What a task hands on that this one waits for, directly or through others (`tasks["my-task"]` where the name has a hyphen): its default where the task was skipped, null where it has no value. Of a task with `forEach` the list over its items.',
  },
  { name: "tasks.x.state", type: "string", text: "How it ended: succeeded, failed, skipped or upstream_failed." },
  {
    name: "tasks.x.items",
    type: "list",
    text: "Of a task with `forEach` its items, each with `index`, `key` and `state`.",
  },
  { name: "item", type: "of the list", text: "In a task with `forEach`: the element, or a map of the names." },
  { name: "index", type: "int", text: "In a task with `forEach`: the item's position, from 0." },
  { name: "attempt", type: "int", text: "The number of this try, from 1." },
  {
    name: "previous",
    type: "map or null",
    text: "How the try before ended: `kind`, `exitCode` (-1 where there is none), `signal`, `message`; null in the first.",
  },
  { name: "run.id", type: "string", text: "The run's id." },
  { name: "run.dag", type: "string", text: "The DAG's name." },
  { name: "run.version", type: "string", text: "sha256 of what the DAG says." },
  { name: "run.type", type: "string", text: "Who started it: `manual`." },
  {
    name: "run.state",
    type: "string",
    text: "Under the DAG's `finally` alone: what the run has come to by its `tasks`: succeeded, failed, cancelled.",
  },
  {
    name: "run.failures",
    type: "list",
    text: "Under the DAG's `finally` alone: the tasks and items that failed, the first cause first, each `task`, `index`, `kind`, `message`, `exitCode` (null where there is none). At most 16 KB.",
  },
  {
    name: "run.url",
    type: "string or null",
    text: "The run's page in Temporal's Web UI; null where the worker has no SLIPWAY_TEMPORAL_UI.",
  },
  {
    name: "run.store",
    type: "string or null",
    text: "A URI under which runs may keep files; null where the worker has no SLIPWAY_STORE.",
  },
  { name: "ds", type: "string", text: "The day of the run, `2026-07-02`; UTC." },
  { name: "ds_nodash", type: "string", text: "The same without hyphens, `20260702`." },
  { name: "ts", type: "string", text: "The time of the run, `2026-07-02T22:30:00Z`." },
  { name: "logical_date", type: "timestamp", text: "The slot of the run; of one that a person started, its start." },
  {
    name: "data_interval_start",
    type: "timestamp",
    text: "The slot before; of a run that a person started, its start.",
  },
  { name: "data_interval_end", type: "timestamp", text: "The slot of the run." },
  {
    name: "outcome",
    type: "map",
    text: "In `retries.if` alone: how the try ended: `kind`, `exitCode` (-1 where there is none), `signal` (empty where there is none), `message`.",
  },
  {
    name: "event",
    type: "map",
    text: "In `wait.event.if` alone: the message: `subject`, `headers`, `data` (JSON where it is JSON, else text).",
  },
];

/** A function beyond CEL's own; the example gives the value. */
export interface FunctionDoc {
  readonly name: string;
  readonly call: string;
  readonly text: string;
  readonly example: string;
  readonly value: Json;
}

export const FUNCTION_DOCS: readonly FunctionDoc[] = [
  {
    name: "ds",
    call: "ds(time)",
    text: "The day of a time, UTC.",
    example: "ds(logical_date - duration('24h'))",
    value: "2026-07-01",
  },
  {
    name: "strftime",
    call: "strftime(time, layout)",
    text: "A time as text: %Y %m %d %H %M %S %L %y %j %u %s %F %T.",
    example: "strftime(logical_date, '%Y/%m/%d')",
    value: "2026/07/02",
  },
  { name: "json", call: "json(value)", text: "A value as JSON text.", example: "json({'n': 1})", value: '{"n":1}' },
  {
    name: "range",
    call: "range(n)",
    text: "The whole numbers from 0 to n - 1; at most 10,000.",
    example: "range(3)",
    value: [0, 1, 2],
  },
  {
    name: "dates",
    call: "dates(from, to)",
    text: "The days of [from, to) as text; at most 10,000.",
    example: "dates(logical_date, logical_date + duration('48h'))",
    value: ["2026-07-02", "2026-07-03", "2026-07-04"],
  },
  { name: "sum", call: "sum(list)", text: "The sum of numbers; 0 of none.", example: "sum([1, 2.5])", value: 3.5 },
  { name: "min", call: "min(list), min(a, b)", text: "The least number or text.", example: "min([3, 1, 2])", value: 1 },
  { name: "max", call: "max(list), max(a, b)", text: "The greatest number or text.", example: "max(2, 3)", value: 3 },
  {
    name: "sort",
    call: "sort(list)",
    text: "Numbers or texts in order.",
    example: "sort(['b', 'a'])",
    value: ["a", "b"],
  },
  {
    name: "flatten",
    call: "flatten(list)",
    text: "The elements of lists in one list.",
    example: "flatten([[1], [2, 3]])",
    value: [1, 2, 3],
  },
  {
    name: "replace",
    call: "replace(text, from, to)",
    text: "Every `from` replaced; also `text.replace(from, to)`.",
    example: "replace('a-b', '-', '_')",
    value: "a_b",
  },
  {
    name: "string",
    call: "string(value)",
    text: "CEL's, and of a time: RFC 3339.",
    example: "string(logical_date)",
    value: "2026-07-02T22:30:00Z",
  },
];
