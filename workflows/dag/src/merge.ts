import { CLEANUP_WHEN } from "./cleanup.ts";
import type { CompiledDag, CompiledTask, SpecFields } from "./compiled.ts";
import { isJsonObject, type Json, type JsonObject } from "./json.ts";
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

/** What an attempt of this task needs: installation < defaults < task, by Kubernetes' strategic merge. */
export function taskSpec(compiled: CompiledDag, task: PodTask): TaskSpec {
  const { defaults } = compiled;
  const pod = layer(defaults.pod, task.spec.pod);
  return {
    container: layer(defaults.container, task.spec.container) ?? {},
    ...(pod === undefined ? {} : { pod }),
    ...metadataOf(layer(defaults.metadata, task.spec.metadata)),
    ...textOf("namespace", defaults, task.spec),
    ...textOf("mainContainer", defaults, task.spec),
    ...outputsOf(defaults, task.spec),
    ...policyOf(defaults, task.spec),
    ...cleanupOf(layer(defaults.cleanup, task.spec.cleanup)),
  };
}

function cleanupOf(fields: JsonObject | undefined): Pick<TaskSpec, "cleanup"> {
  if (fields === undefined) return {};
  const when = CLEANUP_WHEN.find((word) => word === own(fields, "when")) ?? "always";
  const afterMs = numberAt(fields, "afterMs");
  return { cleanup: { when, ...(afterMs === undefined ? {} : { afterMs }) } };
}

/** Schemas are values, not Kubernetes objects: a `null` or a list in one means what it says, so none is merged into another. */
export function outputsOf(defaults: SpecFields, spec: SpecFields): Pick<TaskSpec, "outputs"> {
  if (spec.outputs === null) return {};
  const declared = Object.entries({ ...defaults.outputs, ...spec.outputs });
  const outputs = declared.flatMap(([name, declaration]) =>
    isJsonObject(declaration) ? [[name, outputOf(declaration)] as const] : [],
  );
  return outputs.length === 0 ? {} : { outputs: Object.fromEntries(outputs) };
}

/** What each output of a task is where the task was skipped: its default, or null. */
export function outputDefaults({ outputs = {} }: Pick<TaskSpec, "outputs">): JsonObject {
  return Object.fromEntries(
    Object.entries(outputs).map(([name, { schema }]) => [name, own(schema, "default") ?? null]),
  );
}

function outputOf({ from, ...schema }: JsonObject): OutputSpec {
  return { from: OUTPUT_SOURCES.find((source) => source === from) ?? "message", schema };
}

function textOf(name: "namespace" | "mainContainer", defaults: SpecFields, spec: SpecFields): Partial<TaskSpec> {
  const value = spec[name] === undefined ? defaults[name] : spec[name];
  return typeof value === "string" ? { [name]: value } : {};
}

/** Retries and timeouts alone: cheap, for the graph of a run. */
export function policyOf(defaults: SpecFields, spec: SpecFields): Pick<TaskSpec, "retries" | "timeout"> {
  return {
    retries: retriesOf(layer(defaults.retries, spec.retries) ?? {}),
    timeout: timeoutsOf(layer(defaults.timeout, spec.timeout) ?? {}),
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

/** Whether the task itself, not its defaults, says what may be lost to disruptions. */
export function setsDisruptions({ retries }: SpecFields): boolean {
  return isJsonObject(retries) && numberAt(retries, "disruptions") !== undefined;
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
export function exitCodesOf(defaults: SpecFields, spec: SpecFields): ExitCodes {
  const fields = layer(defaults.exitCodes, spec.exitCodes) ?? {};
  return { skip: numbersAt(fields, "skip"), fail: numbersAt(fields, "fail") };
}

function layer(base: JsonObject | null | undefined, over: JsonObject | null | undefined): JsonObject | undefined {
  if (over === null) return undefined;
  return base === undefined && over === undefined ? undefined : strategicMerge(base ?? {}, over ?? {});
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
export type Origin = "installation" | "defaults" | "task";

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
  const { retries, timeout, cleanup, outputs: _outputs, ...words } = spec;
  const fields: JsonObject = {
    ...words,
    ...(cleanup && { cleanup: { ...cleanup } }),
    retries: { ...retries },
    timeout: { ...timeout },
  };
  for (const [name, value] of Object.entries(fields)) {
    const layers = [fieldOf(task.spec, name), fieldOf(compiled.defaults, name)];
    trace(value, name, name, layers, origins);
  }
  return { spec, origins };
}

function fieldOf(spec: SpecFields, name: string): Json | undefined {
  const fields: JsonObject = { ...spec };
  return own(fields, name);
}

type Layers = readonly (Json | undefined)[];

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
  return layers.map((layer) => (isJsonObject(layer) ? own(layer, name) : undefined));
}

function elementOf(list: Json | undefined, key: string, like: Json): Json | undefined {
  if (!Array.isArray(list) || !isJsonObject(like)) return undefined;
  return list.find((element: Json) => isJsonObject(element) && own(element, key) === own(like, key));
}

function originOf([task, defaults]: Layers): Origin {
  if (task !== undefined && task !== null) return "task";
  return defaults === undefined || defaults === null ? "installation" : "defaults";
}
