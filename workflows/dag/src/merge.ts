import { CLEANUP_WHEN } from "./cleanup.ts";
import type { CompiledDag, CompiledTask, SpecFields } from "./compiled.ts";
import { isJsonObject, type Json, type JsonObject } from "./json.ts";
import type { LimitWords } from "./pool/needs.ts";
import { unescapeTemplates } from "./read/template.ts";
import { mergeKey, own, strategicMerge } from "./strategic-merge.ts";
import {
  type ExitCodes,
  OUTPUT_SOURCES,
  type OutputSpec,
  type Retries,
  type TaskSpec,
  type Timeouts,
} from "./task-spec.ts";

/** What holds where neither the DAG's defaults nor the task say otherwise. */
const INSTALLATION = {
  retries: { limit: 0, delayMs: 30_000, factor: 1, maxDelayMs: 600_000, disruptions: 3 },
  timeout: { scheduleMs: 3_600_000, startMs: 1_800_000 },
} as const;

type PodTask = Extract<CompiledTask, { kind: "pod" }>;

/** What gives a task its fields, the lowest first. */
export type SpecLayers = readonly SpecFields[];

/** defaults < those of groups < template < task (dag-format.md §3.4); the installation's lie below them. */
export function layersOf(compiled: Pick<CompiledDag, "defaults" | "tasks">, task: PodTask): SpecLayers {
  const { template, spec } = task;
  return [...defaultsBelow(compiled, task.group), ...(template === undefined ? [] : [template.spec]), spec];
}

/** The DAG's, then those of the groups around, the outermost first. */
function defaultsBelow({ defaults, tasks }: Pick<CompiledDag, "defaults" | "tasks">, group?: string): SpecLayers {
  const found = group === undefined ? undefined : tasks.find(({ name }) => name === group);
  if (found?.kind !== "group") return [defaults];
  return [
    ...defaultsBelow({ defaults, tasks }, found.group),
    ...(found.defaults === undefined ? [] : [found.defaults]),
  ];
}

/** What an attempt of this task needs: its layers, by Kubernetes' strategic merge. */
export function taskSpec(compiled: CompiledDag, task: PodTask): TaskSpec {
  const layers = layersOf(compiled, task);
  // Where expressions are left, whoever evaluates them takes the texts for templates.
  const text = (fields: JsonObject | undefined) => (task.needs === undefined ? plain(fields) : fields);
  const pod = text(merged(layers, "pod"));
  return {
    container: text(merged(layers, "container")) ?? {},
    ...(pod === undefined ? {} : { pod }),
    ...metadataOf(text(merged(layers, "metadata"))),
    ...textOf("namespace", layers),
    ...textOf("mainContainer", layers),
    ...outputsOf(layers),
    ...policyOf(layers),
    ...cleanupOf(merged(layers, "cleanup")),
  };
}

function plain(fields: JsonObject | undefined): JsonObject | undefined {
  const texts = unescapeTemplates(fields ?? {});
  return fields !== undefined && isJsonObject(texts) ? texts : undefined;
}

function cleanupOf(fields: JsonObject | undefined): Pick<TaskSpec, "cleanup"> {
  if (fields === undefined) return {};
  const when = CLEANUP_WHEN.find((word) => word === own(fields, "when")) ?? "always";
  const afterMs = numberAt(fields, "afterMs");
  return { cleanup: { when, ...(afterMs === undefined ? {} : { afterMs }) } };
}

/** Schemas are values, not Kubernetes objects: a `null` or a list in one means what it says, so none is merged into another. */
export function outputsOf(layers: SpecLayers): Pick<TaskSpec, "outputs" | "values"> {
  const above = layers.slice(layers.findLastIndex(({ outputs }) => outputs === null) + 1);
  const declared = Object.fromEntries(above.flatMap(({ outputs }) => Object.entries(outputs ?? {})));
  const all = Object.entries(declared).flatMap(([name, each]) => (isJsonObject(each) ? [[name, each] as const] : []));
  const outputs = all.flatMap(([name, each]) => (isGiven(each) ? [] : [[name, outputOf(each)] as const]));
  const values = all.flatMap(([name, each]) => (isGiven(each) ? [[name, givenOf(each)] as const] : []));
  return {
    ...(outputs.length > 0 && { outputs: Object.fromEntries(outputs) }),
    ...(values.length > 0 && { values: Object.fromEntries(values) }),
  };
}

function isGiven(declaration: JsonObject): boolean {
  return Object.hasOwn(declaration, "value");
}

/** An output that an expression gives. */
export function givenOf({ value = null, ...schema }: JsonObject): {
  readonly value: Json;
  readonly schema: JsonObject;
} {
  return { value, schema };
}

/** What each output of a task is where the task was skipped: its default, or null. */
export function outputDefaults({ outputs = {}, values = {} }: Pick<TaskSpec, "outputs" | "values">): JsonObject {
  return Object.fromEntries(
    Object.entries({ ...outputs, ...values }).map(([name, { schema }]) => [name, own(schema, "default") ?? null]),
  );
}

function outputOf({ from, ...schema }: JsonObject): OutputSpec {
  return { from: OUTPUT_SOURCES.find((source) => source === from) ?? "message", schema };
}

function textOf(name: TextField, layers: SpecLayers): { readonly [name in TextField]?: string } {
  const value = layers.findLast((each) => each[name] !== undefined)?.[name];
  return typeof value === "string" ? { [name]: value } : {};
}

/** Retries and timeouts alone: cheap, for the graph of a run. */
export function policyOf(layers: SpecLayers): Pick<TaskSpec, "retries" | "timeout"> {
  return {
    retries: retriesOf(merged(layers, "retries") ?? {}),
    timeout: timeoutsOf(merged(layers, "timeout") ?? {}),
  };
}

function retriesOf(fields: JsonObject): Retries {
  const condition = own(fields, "if");
  const at = (name: keyof typeof INSTALLATION.retries) => numberAt(fields, name) ?? INSTALLATION.retries[name];
  return {
    limit: at("limit"),
    delayMs: at("delayMs"),
    factor: at("factor"),
    maxDelayMs: at("maxDelayMs"),
    disruptions: at("disruptions"),
    ...(typeof condition === "string" ? { if: condition } : {}),
  };
}

/** Whether the task itself, or the template it uses, not its defaults, says what may be lost to disruptions. */
export function setsDisruptions({ template, spec }: PodTask): boolean {
  const layers = template === undefined ? [spec] : [template.spec, spec];
  return numberAt(merged(layers, "retries") ?? {}, "disruptions") !== undefined;
}

function timeoutsOf(fields: JsonObject): Timeouts {
  const attemptMs = numberAt(fields, "attemptMs");
  const totalMs = numberAt(fields, "totalMs");
  return {
    ...(attemptMs === undefined ? {} : { attemptMs }),
    ...(totalMs === undefined ? {} : { totalMs }),
    scheduleMs: numberAt(fields, "scheduleMs") ?? INSTALLATION.timeout.scheduleMs,
    startMs: numberAt(fields, "startMs") ?? INSTALLATION.timeout.startMs,
  };
}

/** Of the reducer alone: the watcher of a pod does not judge by it. */
export function exitCodesOf(layers: SpecLayers): ExitCodes {
  const fields = merged(layers, "exitCodes") ?? {};
  return { skip: numbersAt(fields, "skip"), fail: numbersAt(fields, "fail") };
}

/** Of the reducer alone. */
export function limitWordsOf(layers: SpecLayers): LimitWords {
  const pool = merged(layers, "pool");
  return { ...(pool !== undefined && { pool }), ...textOf("mutex", layers), ...textOf("priority", layers) };
}

type TextField = "namespace" | "mainContainer" | "mutex" | "priority";
type MapField = Exclude<keyof SpecFields, TextField | "outputs">;

/** A field of all layers together; `undefined` where none gives it, or the last that does removes it. */
function merged(layers: SpecLayers, field: MapField): JsonObject | undefined {
  let base: JsonObject | undefined;
  for (const { [field]: over } of layers) {
    if (over === null) base = undefined;
    else if (over !== undefined) base = strategicMerge(base ?? {}, over);
  }
  return base;
}

function numberAt(fields: JsonObject, name: string): number | undefined {
  const value = own(fields, name);
  return typeof value === "number" ? value : undefined;
}

function numbersAt(fields: JsonObject, name: string): readonly number[] {
  const value = own(fields, name);
  return Array.isArray(value) ? value.filter((one) => typeof one === "number") : [];
}

function metadataOf(merged: JsonObject | undefined): Pick<TaskSpec, "metadata"> {
  if (merged === undefined) return {};
  const labels = texts(own(merged, "labels"));
  const annotations = texts(own(merged, "annotations"));
  return {
    metadata: { ...(labels === undefined ? {} : { labels }), ...(annotations === undefined ? {} : { annotations }) },
  };
}

function texts(value: Json | undefined): Readonly<Record<string, string>> | undefined {
  if (!isJsonObject(value)) return undefined;
  const pairs = Object.entries(value);
  return Object.fromEntries(pairs.flatMap(([name, text]) => (typeof text === "string" ? [[name, text]] : [])));
}

/** Which layer gave a value. */
export type Origin = "installation" | "defaults" | "template" | "task";

/**
 * The spec of a task and, for each of its scalars (`container.env[0].value`), the layer it came from;
 * a list that is replaced whole has one origin, under its own path. For `slipway render`.
 */
export function taskSpecWithOrigins(
  compiled: CompiledDag,
  task: PodTask,
): { readonly spec: TaskSpec; readonly origins: ReadonlyMap<string, Origin> } {
  const spec = taskSpec(compiled, task);
  const origins = new Map<string, Origin>();
  const { retries, timeout, cleanup, outputs: _outputs, values: _values, ...words } = spec;
  const fields: JsonObject = {
    ...words,
    ...(cleanup && { cleanup: { ...cleanup } }),
    retries: { ...retries },
    timeout: { ...timeout },
  };
  for (const [name, value] of Object.entries(fields)) {
    const below = defaultsBelow(compiled, task.group).toReversed();
    const layers = [task.spec, task.template?.spec ?? {}, ...below].map((layer) => fieldOf(layer, name));
    trace(value, name, name, layers, origins);
  }
  return { spec, origins };
}

function fieldOf(spec: SpecFields, name: string): Json | undefined {
  const fields: JsonObject = { ...spec };
  return own(fields, name);
}

/** The same place in the task, its template and the defaults, the nearest first. */
type Layers = readonly (Json | undefined)[];
const ORIGINS = ["task", "template", "defaults"] as const;

function trace(value: Json, path: string, field: string, layers: Layers, origins: Map<string, Origin>): void {
  if (isJsonObject(value)) {
    for (const [name, child] of Object.entries(value)) {
      trace(child, `${path}.${name}`, name, down(layers, name), origins);
    }
    return;
  }
  const key = mergeKey(field);
  if (Array.isArray(value) && key !== undefined) {
    for (const [at, element] of value.entries()) {
      trace(
        element,
        `${path}[${at}]`,
        "",
        layers.map((list) => elementOf(list, key, element)),
        origins,
      );
    }
    return;
  }
  origins.set(path, originOf(layers));
}

function down(layers: Layers, name: string): Layers {
  return layers.map((layer) => (isJsonObject(layer) ? own(layer, name) : layer === null ? null : undefined));
}

function elementOf(list: Json | undefined, key: string, like: Json): Json | undefined {
  if (!Array.isArray(list) || !isJsonObject(like)) return undefined;
  return list.find((element: Json) => isJsonObject(element) && own(element, key) === own(like, key));
}

/** The uppermost layer that gives the value; a `null` there hides what lies below. */
function originOf(layers: Layers): Origin {
  const at = layers.findIndex((value) => value !== undefined);
  return layers[at] === null ? "installation" : (ORIGINS[Math.min(at, 2)] ?? "installation");
}
