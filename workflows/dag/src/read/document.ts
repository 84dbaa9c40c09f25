import type { z } from "zod";
import { Checker } from "../cel/checker.ts";
import { type DagName, isDagName, isOwnTaskName, RUN_POD_DAG } from "../ids.ts";
import { isJsonObject, type Json, type JsonObject } from "../json.ts";
import { own } from "../strategic-merge.ts";
import { checkDagOutputs, type DagOutputs } from "./dag-outputs.ts";
import { checkExpressions, refuseExpressions } from "./expressions.ts";
import { checkForEach, hasItems } from "./for-each.ts";
import type { Findings } from "./findings.ts";
import { checkGate, warnHiding } from "./gate.ts";
import { checkGraph } from "./graph-check.ts";
import { checkMetadata } from "./kubernetes.ts";
import { checkHeldExpressions, heldKind, heldOutputs } from "./holds.ts";
import { checkLayer, type LayerScope } from "./layer.ts";
import { LIMITS } from "./limits.ts";
import { warnMutex } from "./limits-of-tasks.ts";
import { checkDeclarations } from "./params.ts";
import type { Path } from "./path.ts";
import { isGroup, membersOf, ownWords, type Placed, placedTasks, SECTION_WORDS } from "./placed.ts";
import { kindOf, quote } from "./say.ts";
import { dagSchema, type scheduleSchema } from "./shape.ts";
import { reportIssues } from "./shape-problems.ts";
import { expandLayer, expandParam, expandSchedule, expandTask, expandTexts } from "./short-forms.ts";
import { Scopes } from "./scopes.ts";
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
  /** The run's result. */
  readonly outputs?: DagOutputs;
  /** Name → the fields of a task, and its own `params`. */
  readonly templates?: Readonly<Record<string, JsonObject>>;
  /** In the order they were written. */
  readonly tasks: Readonly<Record<string, JsonObject>>;
  readonly finally?: Readonly<Record<string, JsonObject>>;
  readonly failFast?: boolean;
  readonly parallelism?: number;
  readonly timeout?: string;
  readonly maxActiveRuns?: number;
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
  checkNames(dag, nameless, parsed.data.templates ?? {}, findings);
  for (const placed of placedTasks({ ...parsed.data })) checkPlace(placed, findings);
  if (!isDagName(dag) || !findings.clean) return undefined;
  const document: DagDocument = { ...rest, apiVersion: "slipway.dev/v1", dag, params, defaults, tasks };
  checkDocument(document, findings);
  return findings.clean ? document : undefined;
}

/** With those of groups and of every `finally`. */
export function countTasks({ tasks, finally: last = {} }: DagDocument): number {
  return placedTasks({ tasks, finally: last }).length;
}

function checkNames(dag: string, nameless: boolean, templates: JsonObject, findings: Findings): void {
  if (!isDagName(dag) || (dag === RUN_POD_DAG && !nameless)) {
    findings.error("bad-name", ["dag"], `${quote(dag)} is not a name for a DAG`);
  }
  for (const name of Object.keys(templates)) {
    if (isOwnTaskName(name)) continue;
    findings.error("bad-name", ["templates", name], `${quote(name)} is not a name for a template`, { at: "key" });
  }
}

function checkPlace({ path, name }: Placed, findings: Findings): void {
  const own = String(path.at(-1));
  if (!isOwnTaskName(own)) findings.error("bad-name", path, `${quote(own)} is not a name for a task`, { at: "key" });
  if (name.split(".").length <= LIMITS.groups + 1) return;
  findings.error("too-large", path, `groups stand in each other more than ${LIMITS.groups} levels deep`, { at: "key" });
}

function expandDag(raw: JsonObject, findings: Findings): JsonObject {
  const tools = { findings, replaced: false };
  const expand = (name: string, value: Json): Json => {
    if (name === "schedule") return expandSchedule(value, [name], findings);
    if (name === "metadata") return expandTexts(value, [name], { findings, replaced: false });
    if (!isJsonObject(value)) return value;
    if (name === "defaults") return expandLayer(value, [name], { findings, replaced: false });
    if (name === "params") return mapValues(value, (param) => expandParam(param));
    if (name === "templates") return mapValues(value, (each, key) => expandTemplate(each, [name, key], findings));
    const isSection = SECTION_WORDS.some((word) => word === name);
    return isSection ? mapValues(value, (task, key) => expandTask(task, [name, key], tools)) : value;
  };
  return mapValues(raw, (value, name) => expand(name, value));
}

function expandTemplate(template: Json, path: Path, findings: Findings): Json {
  const long = expandTask(template, path, { findings, replaced: false });
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
    ...placedTasks(long).flatMap(({ path, task }): readonly Layer[] => {
      const inner = own(task, "defaults");
      return [
        [path, task, "task"],
        ...(isJsonObject(inner) ? [[[...path, "defaults"], inner, "defaults"] as const] : []),
      ];
    }),
  ];
}

/** What spans several parts of a document whose shape is right. */
function checkDocument(document: DagDocument, findings: Findings): void {
  const { params, templates = {}, schedule, metadata } = document;
  const dag: JsonObject = { tasks: document.tasks, finally: document.finally ?? {}, defaults: document.defaults };
  const placed = placedTasks(dag);
  if (placed.length > LIMITS.tasks) {
    findings.error("too-large", ["tasks"], `the DAG has ${placed.length} tasks; at most ${LIMITS.tasks} are run`);
    return;
  }
  checkDeclarations(params, findings);
  if (metadata !== undefined) checkMetadata(metadata, ["metadata"], findings);
  checkTemplates(templates, params, findings);
  for (const { task, path, defaults } of placed) {
    checkUse(task, templates, path, findings);
    const below = [templateUnder(task, templates), ...defaults];
    checkKind(task, below, path, findings);
    if (!isGroup(task) && !isNoop(task)) warnMutex([task, ...below], path, findings);
    checkGate(task, path, findings);
  }
  checkSection(dag, [], findings);
  for (const { task, path } of placed) if (isGroup(task)) checkSection(task, path, findings);
  checkAllExpressions(document, placed, findings);
  refuseExpressions({ params, ...(schedule === undefined ? {} : { schedule }) }, [], findings);
  if (schedule !== undefined) warnSchedule(params, findings);
}

function checkAllExpressions(document: DagDocument, placed: readonly Placed[], findings: Findings): void {
  const { params, defaults, templates = {}, metadata = {}, description = "", owner = "" } = document;
  const scopes = new Scopes(placed);
  const outputs = new Map(
    placed.map(({ name, task, defaults: below }) => [
      name,
      outputSchemas([...below.toReversed(), templateUnder(task, templates), task]),
    ]),
  );
  const spreads = new Set(placed.flatMap(({ name, task }) => (hasItems(task) ? [name] : [])));
  const checkers = new Map<string, Checker>();
  const checkerFor = (visible: ReadonlyMap<string, string>) => {
    const tasks = [...visible].map(([called, name]) => [called, outputs.get(name) ?? {}] as const);
    const spread = new Set([...visible].flatMap(([called, name]) => (spreads.has(name) ? [called] : [])));
    return new Checker({ params, tasks: Object.fromEntries(tasks), spread });
  };
  const toolsIn = (group: string) => {
    const checker = checkers.get(group) ?? checkerFor(scopes.visibleIn(group));
    checkers.set(group, checker);
    return { checker, params: new Set(Object.keys(params)), findings };
  };
  const nowhere = { isAncestor: () => false };
  for (const { name, path, task, group = "", last = false } of placed) {
    const isAncestor = (other: string): boolean => scopes.waitsFor(name, other);
    const from = { task: String(path.at(-1)), isAncestor, ended: last };
    const { if: condition, forEach: _list, key: _key, ...fields } = ownWords(task);
    const [each, before] = hasItems(task) ? (["known", "before"] as const) : [];
    const [words, inside] = isGroup(task) ? apart(fields) : [fields];
    const tries = isNoop(task) && { betweenTries: false };
    const check = heldKind(task) === undefined ? checkExpressions : checkHeldExpressions;
    check(words, path, { ...from, ...tries, ...(each && { item: each }) }, toolsIn(group));
    const isInside = (other: string): boolean => scopes.endsWith(name, other);
    if (inside !== undefined)
      checkExpressions(inside, path, { ...from, betweenTries: false, isAncestor: isInside }, toolsIn(name));
    checkForEach(task, path, from, toolsIn(group));
    const inner = own(task, "defaults");
    if (isJsonObject(inner)) checkExpressions(inner, [...path, "defaults"], nowhere, toolsIn(""));
    const wrong =
      typeof condition === "string"
        ? toolsIn(group).checker.condition(condition, { ...from, ...(before && { item: before }) })
        : undefined;
    if (wrong === undefined) continue;
    const { what, ...more } = wrong;
    findings.error("bad-condition", [...path, "if"], what, more);
  }
  checkExpressions(defaults, ["defaults"], nowhere, toolsIn(""));
  checkExpressions({ description, owner, metadata }, [], nowhere, toolsIn(""));
  checkDagOutputs(document.outputs ?? {}, toolsIn(""));
}

/** What a group hands on is said of what stands in it. */
function apart({ outputs, ...words }: JsonObject): readonly [words: JsonObject, inside?: JsonObject] {
  return outputs === undefined ? [words] : [words, { outputs }];
}

/** Schemas of what a task hands on, by its layers, the task itself last. */
function outputSchemas(layers: readonly JsonObject[]): Readonly<Record<string, JsonObject>> {
  const last = layers.at(-1) ?? {};
  if (heldKind(last) !== undefined) return heldOutputs(last);
  let declared: JsonObject = {};
  for (const layer of isNoop(last) || isGroup(last) ? [last] : layers) {
    const outputs = own(layer, "outputs");
    if (outputs === null) declared = {};
    else if (isJsonObject(outputs)) declared = { ...declared, ...outputs };
  }
  const given = ({ value: _value, ...schema }: JsonObject): JsonObject =>
    hasItems(last) ? { type: "array", items: schema } : schema;
  return Object.fromEntries(
    Object.entries(declared).flatMap(([name, schema]) =>
      isJsonObject(schema) ? [[name, given(schema)] as const] : [],
    ),
  );
}

/** The DAG, or a group. */
function checkSection(section: JsonObject, at: Path, findings: Findings): void {
  const tasks = membersOf(section).filter(({ word }) => word === "tasks");
  if (tasks.length === 0) {
    findings.error("missing-field", [...at, "tasks"], `the ${at.length === 0 ? "DAG" : "group"} has no task`, {
      fix: "add a task; `start: { noop: {} }` is the smallest",
    });
  }
  checkGraph(section, at, findings);
  const named = Object.fromEntries(tasks.map(({ name, task }) => [name, task]));
  if (findings.clean) warnHiding(named, [...at, "tasks"], findings);
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
