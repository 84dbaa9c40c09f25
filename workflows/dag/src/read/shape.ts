import { z } from "zod";
import { parseDuration } from "../duration.ts";
import { isJsonObject, type Json, type JsonObject } from "../json.ts";
import { MAX_SLOTS, POOL_NAME } from "../pool/pool-ref.ts";
import { PRIORITIES } from "../pool/priority.ts";
import { EDGE_STATES, RULES } from "../rules.ts";
import { CONTAINER_FIELDS } from "./kubernetes-fields.ts";
import { approveSchema, waitSchema } from "./shape-holds.ts";
import { LIMITS } from "./limits.ts";
import { isTemplate } from "./template.ts";

/**
 * The long form of the format. Every `error` is a noun phrase: a problem says "must be <phrase>".
 * Unknown fields are told by `strictObject` and answered in unknown-fields.ts.
 */
const text = z.string({ error: "text" });
const json = z.custom<Json>(() => true);
const map = z.custom<JsonObject>((value) => isJsonObject(value), { error: "a map" });
const declaration = z.custom<JsonObject>((value) => isJsonObject(value), { error: "a default or a JSON Schema" });
/** A list that an expression gives right before an attempt is looked at then. */
const isLater = (value: unknown): unknown => (isTemplate(value) ? [] : value);
const texts = z.preprocess(isLater, z.array(text, { error: "a list of texts" }).nullable());
const textMap = z.record(z.string(), text.nullable(), { error: "a map of texts" });

const DURATION_PHRASE = "a duration like 30s, 5m, 1h30m or 7d, at most 365d";
const duration = z.custom<string>((value) => typeof value === "string" && parseDuration(value) !== undefined, {
  error: DURATION_PHRASE,
});
const positiveDuration = z.custom<string>((value) => typeof value === "string" && (parseDuration(value) ?? 0) > 0, {
  error: `${DURATION_PHRASE}, more than 0s`,
});

const limitPhrase = `a whole number from 0 to ${LIMITS.retries}`;
const count = z.int({ error: limitPhrase }).min(0, { error: limitPhrase }).max(LIMITS.retries, { error: limitPhrase });
const factorPhrase = "a number from 1 to 100";
const retries = z.strictObject(
  {
    limit: count.nullable().exactOptional(),
    delay: duration.nullable().exactOptional(),
    factor: z
      .number({ error: factorPhrase })
      .min(1, { error: factorPhrase })
      .max(100, { error: factorPhrase })
      .nullable()
      .exactOptional(),
    maxDelay: duration.nullable().exactOptional(),
    disruptions: count.nullable().exactOptional(),
    if: z.string({ error: "a condition in CEL" }).nullable().exactOptional(),
  },
  { error: "a number, or a map with `limit`, `delay`, `factor`, `maxDelay`, `if` and `disruptions`" },
);
const timeout = z.strictObject(
  {
    attempt: positiveDuration.nullable().exactOptional(),
    total: positiveDuration.nullable().exactOptional(),
    schedule: positiveDuration.nullable().exactOptional(),
    start: positiveDuration.nullable().exactOptional(),
  },
  { error: "a duration, or a map with `attempt`, `total`, `schedule` and `start`" },
);
const codePhrase = "an exit code from 1 to 255";
const codes = z
  .array(z.int({ error: codePhrase }).min(1, { error: codePhrase }).max(255, { error: codePhrase }), {
    error: "a list of exit codes",
  })
  .max(255, { error: "a list of at most 255 exit codes" });
const exitCodes = z
  .strictObject(
    { skip: codes.nullable().exactOptional(), fail: codes.nullable().exactOptional() },
    { error: "a map with `skip` and `fail`" },
  )
  .refine(({ skip, fail }) => !(skip ?? []).some((code) => fail?.includes(code)), {
    error: "two lists without a code in common",
  });
const cleanup = z.strictObject(
  {
    when: z.enum(["always", "onSuccess", "never"], { error: "always, onSuccess or never" }).nullable().exactOptional(),
    after: duration.nullable().exactOptional(),
  },
  { error: "always, onSuccess or never, or a map with `when` and `after`" },
);
const slotsPhrase = `a whole number from 1 to ${MAX_SLOTS}`;
const slots = z.int({ error: slotsPhrase }).min(1, { error: slotsPhrase }).max(MAX_SLOTS, { error: slotsPhrase });
const poolName = z.string({ error: "the name of a pool" }).regex(POOL_NAME, { error: "the name of a pool" });
const pool = z.strictObject(
  { name: poolName.nullable().exactOptional(), slots: slots.nullable().exactOptional() },
  { error: "the name of a pool, or a map with `name` and `slots`" },
);
const mutexPhrase = `a text of 1 to ${LIMITS.mutex} characters`;
const mutex = z.string({ error: mutexPhrase }).min(1, { error: mutexPhrase }).max(LIMITS.mutex, { error: mutexPhrase });
const priority = z.enum(PRIORITIES, { error: "highest, high, normal, low or lowest" });
const metadata = z.strictObject(
  { labels: textMap.nullable().exactOptional(), annotations: textMap.nullable().exactOptional() },
  { error: "a map with `labels` and `annotations`" },
);
const namespace = z.string({ error: "text" }).regex(/^[a-z0-9](?:[a-z0-9-]{0,61}[a-z0-9])?$/, {
  error: "a namespace: lower-case letters, digits and `-`, at most 63",
});

const mainContainer = z.string({ error: "text" }).regex(/^[a-z0-9](?:[a-z0-9-]{0,61}[a-z0-9])?$/, {
  error: "the name of a container: lower-case letters, digits and `-`, at most 63",
});

const container = {
  ...Object.fromEntries(CONTAINER_FIELDS.map((field) => [field, json.exactOptional()])),
  image: text.nullable().exactOptional(),
  command: texts.exactOptional(),
  args: texts.exactOptional(),
  workingDir: text.nullable().exactOptional(),
  env: z.preprocess(isLater, z.array(map, { error: "a map, or Kubernetes' list" }).nullable()).exactOptional(),
};

const layer = {
  ...container,
  pod: map.nullable().exactOptional(),
  metadata: metadata.nullable().exactOptional(),
  namespace: namespace.nullable().exactOptional(),
  mainContainer: mainContainer.nullable().exactOptional(),
  retries: retries.nullable().exactOptional(),
  timeout: timeout.nullable().exactOptional(),
  exitCodes: exitCodes.nullable().exactOptional(),
  cleanup: cleanup.nullable().exactOptional(),
  pool: pool.nullable().exactOptional(),
  mutex: mutex.nullable().exactOptional(),
  priority: priority.nullable().exactOptional(),
  outputs: z
    .record(z.string(), declaration.nullable(), { error: "a map from name to a default or a JSON Schema" })
    .nullable()
    .exactOptional(),
};

/** What `defaults` may say. */
export const defaultsSchema = z.strictObject(layer, { error: "a map" });

/** What a template may say. */
export const templateSchema = z.strictObject(
  {
    params: z
      .record(z.string(), declaration, { error: "a map from name to a default or a JSON Schema" })
      .exactOptional(),
    ...layer,
  },
  { error: "a map" },
);

const named = z.record(z.string(), map, { error: "a map from name to task" });
const parallelismPhrase = `a whole number from 1 to ${LIMITS.parallelism}`;
const section = {
  finally: named.exactOptional(),
  failFast: z.boolean({ error: "true or false" }).exactOptional(),
  parallelism: z
    .int({ error: parallelismPhrase })
    .min(1, { error: parallelismPhrase })
    .max(LIMITS.parallelism, { error: parallelismPhrase })
    .exactOptional(),
};

const edgePhrase = "one or more of succeeded, failed, skipped and done";
const edges = z.record(
  z.string(),
  z.array(z.enum(EDGE_STATES, { error: edgePhrase }), { error: edgePhrase }).min(1, { error: edgePhrase }),
);

/** A task; which kind it is, and what goes with which kind, is looked at in task-kind.ts. */
export const taskSchema = z.strictObject(
  {
    after: z
      .union([edges, z.array(text)], { error: "a name, a list of names, or a map from name to states" })
      .exactOptional(),
    rule: z.enum(RULES, { error: "a trigger rule" }).exactOptional(),
    if: z.string({ error: "a condition in CEL" }).exactOptional(),
    forEach: z
      .custom<Json>((value) => (typeof value === "object" && value !== null ? true : isTemplate(value)), {
        error: "a list, one expression that gives a list, or a map from name to lists",
      })
      .exactOptional(),
    key: text.exactOptional(),
    noop: z.strictObject({}, { error: "`{}`" }).exactOptional(),
    approve: approveSchema.exactOptional(),
    wait: waitSchema.exactOptional(),
    use: z.string({ error: "the name of a template" }).exactOptional(),
    with: z.record(z.string(), json, { error: "a map from param to value" }).exactOptional(),
    tasks: named.exactOptional(),
    defaults: map.exactOptional(),
    ...section,
    ...layer,
  },
  { error: "a map" },
);

const CRON =
  /^(?:[\w*/,?#-]+[ \t]+){4}[\w*/,?#-]+$|^@(?:yearly|annually|monthly|weekly|daily|midnight|hourly|once|continuous)$/;
const CRON_PHRASE =
  "a cron line of five fields (`*/10 * * * *`), or one of @hourly, @daily, @weekly, @monthly, @yearly, @once, @continuous";
const cron = z.string({ error: CRON_PHRASE }).max(200, { error: CRON_PHRASE }).regex(CRON, { error: CRON_PHRASE });
const date = z
  .string({ error: "a date (2026-11-01) or a date and time" })
  .regex(/^\d{4}-(?:0[1-9]|1[0-2])-(?:0[1-9]|[12]\d|3[01])(?:[T ]\d{2}:\d{2}(?::\d{2})?(?:Z|[+-]\d{2}:\d{2})?)?$/, {
    error: "a date (2026-11-01) or a date and time",
  });

/** Read and shown; the clock that follows it comes later. */
export const scheduleSchema = z.strictObject(
  {
    every: positiveDuration.exactOptional(),
    cron: z
      .union([cron, z.array(cron, { error: CRON_PHRASE }).min(1, { error: CRON_PHRASE })], { error: CRON_PHRASE })
      .exactOptional(),
    after: text.exactOptional(),
    on: text.exactOptional(),
    timeZone: z.custom<string>(isTimeZone, { error: "an IANA time zone (Europe/Berlin)" }).exactOptional(),
    start: date.exactOptional(),
    end: date.exactOptional(),
    jitter: duration.exactOptional(),
    catchup: z
      .union([z.enum(["none", "latest", "all"]), duration], { error: "none, latest, all or a duration" })
      .exactOptional(),
    overlap: z.enum(["skip", "queue", "replace", "allow"], { error: "skip, queue, replace or allow" }).exactOptional(),
    deadline: positiveDuration.exactOptional(),
  },
  { error: "`every 10m`, a cron line, or a map" },
);

function isTimeZone(value: unknown): boolean {
  try {
    return typeof value === "string" && new Intl.DateTimeFormat("en", { timeZone: value }).format(0) !== "";
  } catch {
    return false;
  }
}

const activeRunsPhrase = `a whole number from 1 to ${LIMITS.activeRuns}`;
/** The DAG around its tasks. */
export const dagSchema = z.strictObject(
  {
    apiVersion: z.literal("slipway.dev/v1", { error: "slipway.dev/v1" }).exactOptional(),
    dag: text,
    description: text.exactOptional(),
    owner: text.exactOptional(),
    metadata: metadata.exactOptional(),
    schedule: scheduleSchema.exactOptional(),
    params: z
      .record(z.string(), declaration, { error: "a map from name to a default or a JSON Schema" })
      .exactOptional(),
    defaults: map.exactOptional(),
    outputs: z
      .record(
        z.string(),
        z.strictObject({ value: json, schema: map.exactOptional() }, { error: "a map with `value` and `schema`" }),
        { error: "a map from name to `value` and `schema`" },
      )
      .exactOptional(),
    templates: z.record(z.string(), map, { error: "a map from name to template" }).exactOptional(),
    tasks: named,
    ...section,
    timeout: positiveDuration.exactOptional(),
    maxActiveRuns: z
      .int({ error: activeRunsPhrase })
      .min(1, { error: activeRunsPhrase })
      .max(LIMITS.activeRuns, { error: activeRunsPhrase })
      .exactOptional(),
  },
  { error: "a map" },
);
