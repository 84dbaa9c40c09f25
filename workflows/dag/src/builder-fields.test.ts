/** Whatever the format has, the builder can write: a field of field-docs.ts that is not written here fails. */
import { expect, test } from "vitest";
import {
  attempt,
  cel,
  dag,
  data_interval_end,
  data_interval_start,
  ds,
  ds_nodash,
  event,
  type Expression,
  index,
  item,
  logical_date,
  outcome,
  previous,
  run,
  ts,
  value,
} from "./builder.ts";
import { VARIABLES } from "./cel/catalogue.ts";
import { isJsonObject, type Json, type JsonObject } from "./json.ts";
import { told } from "./read/compiled-task.ts";
import { readDagJson } from "./read/dag-file.ts";
import { FIELDS } from "./read/field-docs.ts";
import { CONTAINER_FIELDS } from "./read/kubernetes-fields.ts";
import type { Scope } from "./read/words.ts";
import { RULES } from "./rules.ts";

const every = dag("every", {
  apiVersion: "slipway.dev/v1",
  description: "Every field of the format.",
  owner: "data",
  metadata: { labels: { team: "data" }, annotations: { note: "kept" } },
  schedule: { cron: ["30 2 * * *"], timeZone: "Europe/Berlin", start: "2026-11-01", end: "2027-11-01", jitter: "5m" },
  params: { region: "eu", tries: 3, strict: true, codes: [99] },
  defaults: { image: "loader:1", outputs: { rows: { type: "integer", from: "lastLine" } }, env: { A: "a", B: "b" } },
  parallelism: 10,
  maxActiveRuns: 2,
  failFast: true,
  timeout: "4h",
});
const { params } = every;

const worker = every.template("worker", { verb: { type: "string" } }, ({ verb }) => ({
  args: [verb],
  outputs: { verb: { type: "string", from: "stdout" } },
}));
const idle = every.template("idle", { seconds: 1 }, ({ seconds }) => ({ args: ["sleep", seconds] }));

/** Every word of a pod, with expressions where Kubernetes or we have a number, a list or a map. */
const pod = {
  image: "loader:1",
  command: ["loader"],
  args: value`${["--region"]} + ${[params.region]}`,
  workingDir: "/data",
  ports: [{ containerPort: params.tries }],
  envFrom: [{ secretRef: { name: "api" } }],
  env: { A: null, TOKEN: { secretKeyRef: { name: "api", key: "token" } }, DAY: ds, REGION: params.region },
  resources: { requests: { cpu: "500m" } },
  resizePolicy: [{ resourceName: "cpu", restartPolicy: "NotRequired" }],
  restartPolicy: null,
  restartPolicyRules: null,
  volumeMounts: [{ name: "lake", mountPath: "/lake" }],
  volumeDevices: [],
  livenessProbe: { exec: { command: ["true"] } },
  readinessProbe: { httpGet: { port: "http" } },
  startupProbe: { exec: { command: ["true"] } },
  lifecycle: { stopSignal: "SIGINT" },
  terminationMessagePath: "/dev/termination-log",
  terminationMessagePolicy: "File",
  imagePullPolicy: "IfNotPresent",
  securityContext: { runAsNonRoot: params.strict },
  stdin: false,
  stdinOnce: false,
  tty: params.strict,
  pod: {
    hostnameOverride: "loader",
    nodeSelector: { disk: "ssd", zone: null },
    securityContext: { runAsUser: params.tries, supplementalGroupsPolicy: "Strict" },
    volumes: [{ name: "lake", image: { reference: "lake:1" } }],
  },
  mainContainer: "loader",
  metadata: { labels: { team: "data" }, annotations: { day: ds_nodash, at: ts } },
  namespace: "jobs",
  retries: {
    limit: params.tries,
    delay: "10s",
    factor: 2,
    maxDelay: "1m",
    disruptions: 0,
    if: cel`${outcome.exitCode} in ${[75]}`,
  },
  timeout: { attempt: "1h", total: "2h", schedule: "5m", start: null },
  exitCodes: { skip: params.codes, fail: [2] },
  cleanup: { when: "onSuccess", after: "1h" },
  pool: { name: "db", slots: 2 },
  mutex: `load-${params.region}`,
  priority: "high",
} as const;

const load = every.task("load", { ...pod, outputs: { day: { value: ds, type: "string" } } });
const each = every.task("each", {
  after: load,
  rule: "none_failed",
  if: true,
  forEach: { n: value`range(${params.tries})`, os: ["a", "b"] },
  key: index,
  parallelism: 2,
  use: worker,
  with: { verb: item },
  args: [load.outputs.rows, load.outputs.day, attempt, previous],
  outputs: { extra: 1 },
});
every.task("again", { after: each, use: idle, args: [each.outputs.verb, each.outputs.extra, each.outputs.rows] });
every.task("repair", { after: new Map([[load, ["failed", "skipped"]]]), retries: params.tries });
const review = every.task("review", {
  approve: { message: `Publish ${ds}?`, options: ["ship", "reject"], assignees: "anna", default: "reject" },
  timeout: "8h",
});
every.task("pause", { wait: { for: "30m" } });
every.task("until", { wait: { until: value`${logical_date} + duration("6h")` } });
const ready = every.task("ready", {
  after: review,
  wait: { event: { subject: "lake.*", if: cel`${event.data}.rows > ${review.outputs.choice}.size()` } },
});
const noop = every.task("noop", {
  noop: {},
  outputs: { days: { value: value`dates(${data_interval_start}, ${data_interval_end})` } },
});

const group = every.group("group", {
  after: [ready, noop],
  rule: "all_done",
  if: cel`${ready.outputs.data} != null`,
  defaults: { namespace: "jobs", outputs: { host: "none" } },
  parallelism: 2,
  failFast: false,
});
const up = group.task("up", { args: ["up"] });
const host = group.output("host", up.outputs.host, { type: "string" });
group.task("use", { after: up, args: [up.outputs.host, up.outputs.rows] });
group.finally("down", { after: new Map([[up, "succeeded"]]), args: ["down"] });
every.task("behind", { after: group, args: [host] });

every.finally("ask", { approve: "Seen?" });
every.finally("settle", { wait: "1m" });
every.finally("message", { wait: { event: { subject: "lake.done" } } });
every.finally("last", { use: worker, with: { verb: "last" } });
every.finallyGroup("cleanup").task("report", { args: [run.state, run.failures] });
every.output("rows", load.outputs.rows, { type: "integer" });

const others = [
  dag("often", { schedule: { every: "10m", catchup: "latest", overlap: "queue", deadline: "4h" } }),
  dag("behind", { schedule: { after: "nightly", catchup: "2h" } }),
  dag("told", { schedule: { on: "lake.ready" } }),
];
for (const other of others) other.task("start", { noop: {} });

function model(built: object): JsonObject {
  const read: JsonObject = JSON.parse(JSON.stringify(built));
  return read;
}

/** `scope.field` of all that stands in a value, as the schemas of the fields lead into each other. */
function* fieldsIn(scope: Scope, value: Json): Generator<string> {
  if (!isJsonObject(value)) return;
  for (const [word, within] of Object.entries(value)) {
    yield `${scope}.${word}`;
    yield* behind(FIELDS[scope][word]?.schema, within);
  }
}

function* behind(schema: Json | undefined, value: Json): Generator<string> {
  if (!isJsonObject(schema)) return;
  const { $ref: reference, anyOf, additionalProperties } = schema;
  const scope = scopes.find((name) => reference === `#/definitions/${name}`);
  if (scope !== undefined) yield* fieldsIn(scope, value);
  for (const option of Array.isArray(anyOf) ? anyOf : []) yield* behind(option, value);
  for (const each of isJsonObject(value) ? Object.values(value) : []) yield* behind(additionalProperties, each);
}

const scopes = Object.keys(FIELDS).filter((name): name is Scope => Object.hasOwn(FIELDS, name));
const written = new Set([every, ...others].flatMap((built) => [...fieldsIn("dag", model(built))]));

test.each(scopes)("builder - every field of %s can be written", (scope) => {
  const fields = scope === "defaults" || scope === "template" ? [] : Object.keys(FIELDS[scope]);
  const kubernetes = scope === "task" ? CONTAINER_FIELDS : [];
  expect([...fields, ...kubernetes].filter((field) => !written.has(`${scope}.${field}`))).toEqual([]);
});

test("builder - what lies under tasks has the type of a task's fields, so what one can say the other can", () => {
  const whole = dag("whole", { defaults: pod });
  whole.template("all", { verb: "x" }, ({ verb }) => ({ ...pod, args: [verb] }));
  whole.task("a", { noop: {} });
  const found = new Set(fieldsIn("dag", model(whole)));
  const missing = (scope: Scope) => Object.keys(FIELDS[scope]).filter((word) => !found.has(`${scope}.${word}`));
  expect([missing("defaults"), missing("template")]).toEqual([["outputs"], ["outputs"]]);
  expect(written).toContain("defaults.outputs");
  expect(written).toContain("template.outputs");
});

test("builder - lint accepts all of them", () => {
  for (const built of [every, ...others]) expect(told(readDagJson(model(built)))).toBe("ok");
});

test("builder - every variable of expressions can be written", () => {
  const given: readonly Expression[] = [
    attempt,
    previous,
    item,
    index,
    ds,
    ds_nodash,
    ts,
    logical_date,
    data_interval_start,
    data_interval_end,
    ...Object.values(run),
  ];
  const written = new Set(given.map((text) => text.slice("${{ ".length, -" }}".length)));
  // The first four are handles', the last two are maps: their fields are written.
  const others = ["params.x", "tasks.x.outputs.y", "tasks.x.state", "tasks.x.items", "outcome", "event"];
  expect(VARIABLES.map(({ name }) => name).filter((name) => !written.has(name))).toEqual(others);
});

test("builder - every rule can be written", () => {
  const rules = dag("rules");
  const start = rules.task("start", { noop: {} });
  for (const rule of RULES) rules.task(rule, { noop: {}, after: [start], rule });
  expect(told(readDagJson(model(rules)))).toBe("ok");
});
