import type { z } from "zod";
import { Checker } from "../cel/checker.ts";
import { type DagName, isDagName, isOwnTaskName, RUN_POD_DAG } from "../ids.ts";
import { isJsonObject, type Json, type JsonObject } from "../json.ts";
import { own } from "../strategic-merge.ts";
import { checkExpressions, refuseExpressions } from "./expressions.ts";
import type { Findings } from "./findings.ts";
import { checkGate, warnHiding } from "./gate.ts";
import { checkGraph, upstreams, waitsFor } from "./graph-check.ts";
import { checkMetadata } from "./kubernetes.ts";
import { checkLayer, type LayerScope } from "./layer.ts";
import { LIMITS } from "./limits.ts";
import { checkDeclarations } from "./params.ts";
import type { Path } from "./path.ts";
import { kindOf, quote } from "./say.ts";
import { dagSchema, type scheduleSchema } from "./shape.ts";
import { reportIssues } from "./shape-problems.ts";
import { expandLayer, expandParam, expandSchedule, expandTexts } from "./short-forms.ts";
import { checkKind, isNoop } from "./task-kind.ts";
import { checkTemplates, checkUse, templateUnder } from "./use.ts";

/**
 * A DAG as it was written, checked, in the long form alone; its expressions stand in it as text.
 * It is itself a DAG file in JSON: reading it again gives the same document.
 */
export interface DagDocument {
  readonly apiVersion: "slipway.dev/v1";
  readonly dag: DagName;
  readonly description?: string;
  readonly owner?: string;
  readonly metadata?: JsonObject;
  /** Checked and shown; nothing starts runs by it yet. */
  readonly schedule?: z.output<typeof scheduleSchema>;
  /** Name → JSON Schema; no `default` = required. */
  readonly params: Readonly<Record<string, JsonObject>>;
  readonly defaults: JsonObject;
  /** Name → the fields of a task, and its own `params`. */
  readonly templates?: Readonly<Record<string, JsonObject>>;
  /** In the order they were written. */
  readonly tasks: Readonly<Record<string, JsonObject>>;
}

/**
 * Everything about a DAG that can be known without its params; `undefined` where a problem was told.
 * `nameless`: the DAG that `runPod` makes around its one task is called `-`, which no user's DAG may be.
 */
export function readDocument(raw: Json, findings: Findings, nameless = false): DagDocument | undefined {
  if (!isJsonObject(raw)) {
    const fix = "begin with `dag: NAME` and `tasks:`";
    findings.error("bad-value", [], `a DAG is a map, not ${kindOf(raw)}`, { fix });
    return undefined;
  }
  const long = expandDag(raw, findings);
  const parsed = dagSchema.safeParse(long);
  if (!parsed.success)
    reportIssues(parsed.error.issues, { value: long, path: [], scope: "dag", replaced: true }, findings);
  for (const [path, layer, scope] of layersOf(long)) checkLayer(layer, { path, scope, replaced: false }, findings);
  if (!parsed.success || !findings.clean) return undefined;
  const { dag, params = {}, defaults = {}, tasks, ...rest } = parsed.data;
  checkNames(dag, { tasks, templates: parsed.data.templates ?? {} }, nameless, findings);
  if (!isDagName(dag) || !findings.clean) return undefined;
  const document: DagDocument = { ...rest, apiVersion: "slipway.dev/v1", dag, params, defaults, tasks };
  checkDocument(document, findings);
  return findings.clean ? document : undefined;
}

type Named = Readonly<Record<"tasks" | "templates", JsonObject>>;

function checkNames(dag: string, { tasks, templates }: Named, nameless: boolean, findings: Findings): void {
  if (!isDagName(dag) || (dag === RUN_POD_DAG && !nameless)) {
    findings.error("bad-name", ["dag"], `${quote(dag)} is not a name for a DAG`);
  }
  for (const [section, names, what] of [
    ["tasks", tasks, "a task"],
    ["templates", templates, "a template"],
  ] as const) {
    for (const name of Object.keys(names)) {
      if (isOwnTaskName(name)) continue;
      findings.error("bad-name", [section, name], `${quote(name)} is not a name for ${what}`, { at: "key" });
    }
  }
}

function expandDag(raw: JsonObject, findings: Findings): JsonObject {
  const expand = (name: string, value: Json): Json => {
    if (name === "schedule") return expandSchedule(value, [name], findings);
    if (name === "metadata") return expandTexts(value, [name], { findings, replaced: false });
    if (!isJsonObject(value)) return value;
    if (name === "defaults") return expandLayer(value, [name], { findings, replaced: false });
    if (name === "params") return mapValues(value, (param) => expandParam(param));
    if (name === "templates") return mapValues(value, (each, key) => expandTemplate(each, [name, key], findings));
    return name === "tasks" ? mapValues(value, (task, key) => expandTask(task, [name, key], findings)) : value;
  };
  return mapValues(raw, (value, name) => expand(name, value));
}

function expandTask(task: Json, path: Path, findings: Findings): Json {
  if (task === null) findings.error("empty-task", path, "the task is empty", { at: "key" });
  if (task === null) return {};
  return isJsonObject(task) ? expandLayer(task, path, { findings, replaced: false }) : task;
}

function expandTemplate(template: Json, path: Path, findings: Findings): Json {
  const long = expandTask(template, path, findings);
  const params = isJsonObject(long) ? own(long, "params") : undefined;
  return isJsonObject(long) && isJsonObject(params) ? { ...long, params: mapValues(params, expandParam) } : long;
}

type Layer = readonly [path: Path, layer: JsonObject, scope: LayerScope];

function layersOf(long: JsonObject): readonly Layer[] {
  const defaults = own(long, "defaults");
  const named = (section: string, scope: LayerScope): readonly Layer[] => {
    const layers = own(long, section);
    const entries = isJsonObject(layers) ? Object.entries(layers) : [];
    return entries.flatMap(([name, layer]) => (isJsonObject(layer) ? [[[section, name], layer, scope] as const] : []));
  };
  return [
    ...(isJsonObject(defaults) ? [[["defaults"], defaults, "defaults"] as const] : []),
    ...named("templates", "template"),
    ...named("tasks", "task"),
  ];
}

/** What spans several parts of a document whose shape is right. */
function checkDocument(document: DagDocument, findings: Findings): void {
  const { params, defaults, templates = {}, tasks, schedule, metadata } = document;
  const names = Object.keys(tasks);
  if (names.length === 0) {
    findings.error("missing-field", ["tasks"], "the DAG has no task", {
      fix: "add a task; `start: { noop: {} }` is the smallest",
    });
  }
  if (names.length > LIMITS.tasks) {
    findings.error("too-large", ["tasks"], `the DAG has ${names.length} tasks; at most ${LIMITS.tasks} are run`);
    return;
  }
  checkDeclarations(params, findings);
  if (metadata !== undefined) checkMetadata(metadata, ["metadata"], findings);
  checkTemplates(templates, params, findings);
  for (const [name, task] of Object.entries(tasks)) {
    checkUse(task, templates, ["tasks", name], findings);
    checkKind(task, [templateUnder(task, templates), defaults], ["tasks", name], findings);
    checkGate(task, ["tasks", name], findings);
  }
  checkGraph(tasks, findings);
  if (findings.clean) warnHiding(tasks, ["tasks"], findings);
  checkAllExpressions(document, findings);
  refuseExpressions({ params, ...(schedule === undefined ? {} : { schedule }) }, [], findings);
  if (schedule !== undefined) warnSchedule(params, findings);
}

function checkAllExpressions(document: DagDocument, findings: Findings): void {
  const { params, defaults, templates = {}, tasks, metadata = {}, description = "", owner = "" } = document;
  const outputs = mapTasks(tasks, (task) => outputSchemas([defaults, templateUnder(task, templates), task]));
  const tools = { checker: new Checker({ params, tasks: outputs }), params: new Set(Object.keys(params)), findings };
  const edges = new Map(Object.entries(tasks).map(([name, task]) => [name, upstreams(task)]));
  const nowhere = { isAncestor: () => false };
  for (const [name, task] of Object.entries(tasks)) {
    const from = { task: name, isAncestor: (other: string) => waitsFor(edges, name, other) };
    const { if: condition, ...fields } = task;
    checkExpressions(fields, ["tasks", name], from, tools);
    const wrong = typeof condition === "string" ? tools.checker.condition(condition, from) : undefined;
    if (wrong === undefined) continue;
    findings.error(
      "bad-condition",
      ["tasks", name, "if"],
      wrong.what,
      wrong.fix === undefined ? {} : { fix: wrong.fix },
    );
  }
  checkExpressions(defaults, ["defaults"], nowhere, tools);
  checkExpressions({ description, owner, metadata }, [], nowhere, tools);
}

/** Schemas of what a task hands on, by its layers, the task itself last. */
function outputSchemas(layers: readonly JsonObject[]): Readonly<Record<string, JsonObject>> {
  let declared: JsonObject = {};
  for (const layer of layers) {
    const outputs = own(layer, "outputs");
    if (outputs === null || isNoop(layer)) declared = {};
    else if (isJsonObject(outputs)) declared = { ...declared, ...outputs };
  }
  return Object.fromEntries(
    Object.entries(declared).flatMap(([name, schema]) => (isJsonObject(schema) ? [[name, schema] as const] : [])),
  );
}

function mapTasks<T>(tasks: DagDocument["tasks"], change: (task: JsonObject) => T): Record<string, T> {
  return Object.fromEntries(Object.entries(tasks).map(([name, task]) => [name, change(task)]));
}

function warnSchedule(params: DagDocument["params"], findings: Findings): void {
  findings.warn("no-clock", ["schedule"], "nothing starts runs by `schedule` yet", { at: "key" });
  for (const [name, schema] of Object.entries(params)) {
    if (Object.hasOwn(schema, "default")) continue;
    findings.error(
      "missing-field",
      ["params", name],
      `the param ${quote(name)} has no default, and a scheduled run gives none`,
      {
        at: "key",
        fix: "give it a `default`, or leave `schedule` out",
      },
    );
  }
}

function mapValues(object: JsonObject, change: (value: Json, name: string) => Json): JsonObject {
  return Object.fromEntries(Object.entries(object).map(([name, value]) => [name, change(value, name)]));
}
