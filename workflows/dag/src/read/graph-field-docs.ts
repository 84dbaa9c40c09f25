import { ANY_MAP, type FieldDoc, ref, TEXT } from "./field-doc.ts";
import { HOLDS } from "./hold-docs.ts";

/** How a task stands in its graph, and what kind it is. */
export const GRAPH: Readonly<Record<string, FieldDoc>> = {
  after: {
    text: "The tasks this one waits for: a name, a list judged together by `rule`, or a map from name to the states that its edge accepts (succeeded, failed, skipped, done).",
    schema: { anyOf: [TEXT, { type: "array", items: TEXT }, { type: "object", additionalProperties: ref("edge") }] },
    example: ["other"],
  },
  rule: {
    text: "Which ends of the upstreams let the task run, by Airflow's names; only beside the list form of `after`.",
    schema: ref("rule"),
    default: "all_success",
    example: "none_failed_min_one_success",
  },
  if: {
    text: "CEL that gives true or false, asked once when the upstreams let the task begin. False: skipped. An error: failed, kind expression.",
    schema: { type: ["string", "boolean"] },
    default: "true",
    example: 'run.type == "manual"',
  },
  forEach: {
    text: "The task runs once for each element of a list; or of several lists by name, in every combination, the last varying fastest. `item` is the element, or a map of the names; `index` its position. At most 10,000.",
    schema: {
      anyOf: [
        { type: "array" },
        ref("expression"),
        { type: "object", additionalProperties: { type: ["array", "string"] } },
      ],
    },
    example: { region: ["eu", "us"], day: "${{ dates(logical_date, logical_date + duration('48h')) }}" },
  },
  key: {
    text: "What an item of `forEach` is called, no two alike: `load[2026-11-20]`. Ids and subjects have its position.",
    schema: TEXT,
    default: "the position",
    example: "${{ item }}",
  },
  ...HOLDS,
  noop: { text: "A task that does nothing and succeeds.", schema: { type: "object", maxProperties: 0 }, example: {} },
  use: { text: "Name of the template that lies under the task; the task wins.", schema: TEXT, example: "worker" },
  with: {
    text: "Values for the params of the template; each is checked against its declaration.",
    schema: ANY_MAP,
    example: { verb: "index" },
  },
};
