import { MAX_SLOTS } from "../pool/pool-ref.ts";
import { type FieldDoc, ref, TEXT } from "./field-doc.ts";
import { LIMITS } from "./limits.ts";

export const MAX_ACTIVE_RUNS_DOC: FieldDoc = {
  text: "Runs of the DAG at once, whoever started them; further ones are `queued` and wait for their turn.",
  schema: { type: "integer", minimum: 1, maximum: LIMITS.activeRuns },
  default: "16",
  example: 1,
};

/** What tasks share with others. */
export const LIMIT_DOCS: Readonly<Record<string, FieldDoc>> = {
  pool: {
    text: "Pool whose slots an attempt takes, from its pod to its verdict: a word is `name`. The operator declares pools.",
    schema: { anyOf: [TEXT, ref("pool")] },
    example: { name: "gpu", slots: 2 },
  },
  mutex: {
    text: "A pool of one that nobody declares: of all tasks with the same text one attempt runs.",
    schema: { type: "string", minLength: 1, maxLength: LIMITS.mutex },
    example: "publish-eu",
  },
  priority: {
    text: "Order in pools, in the run and in Temporal's task queues: highest, high, normal, low, lowest. Not the pod's priorityClassName.",
    schema: { enum: ["highest", "high", "normal", "low", "lowest"] },
    default: "normal",
    example: "high",
  },
};

export const POOL_DOCS: Readonly<Record<string, FieldDoc>> = {
  name: { text: "Which pool, of those that the operator has declared (SLIPWAY_POOLS).", schema: TEXT, example: "gpu" },
  slots: {
    text: "How many slots of it an attempt takes.",
    schema: { type: "integer", minimum: 1, maximum: MAX_SLOTS },
    default: "1",
    example: 2,
  },
};
