import type { CompiledDag, CompiledTask, SectionWords } from "../compiled.ts";
import { parseDuration } from "../duration.ts";
import { sha256Hex } from "../hash.ts";
import { isTaskName } from "../ids.ts";
import { canonicalJson, isJsonObject, type Json, type JsonObject } from "../json.ts";
import { own } from "../strategic-merge.ts";
import { Budget } from "./budget.ts";
import { compileDagOutputs, compileValues } from "./dag-outputs.ts";
import { compileForEach, hasItems } from "./for-each.ts";
import type { DagDocument } from "./document.ts";
import { conditionOf, needsOf } from "./needs.ts";
import { replaceExpressions, type Replacing } from "./replace-expressions.ts";
import { Findings, type Read } from "./findings.ts";
import { gateOf } from "./gate.ts";
import { checkHold, compileHold } from "./holds.ts";
import { upstreams } from "./graph-check.ts";
import { checkLayer, type Layer, type LayerPlace } from "./layer.ts";
import { checkMetadata } from "./kubernetes.ts";
import { resolveParams } from "./params.ts";
import { checkPools } from "./limits-of-tasks.ts";
import { JsonPlaces, type Path, type Places } from "./path.ts";
import { isGroup, ownWords, type Placed, placedTasks } from "./placed.ts";
import { Scopes } from "./scopes.ts";
import { checkSizes } from "./sizes.ts";
import { specFields } from "./spec-fields.ts";
import { expandLayer, expandTexts } from "./short-forms.ts";
import { checkKind, isNoop } from "./task-kind.ts";
import { textOf } from "./text-places.ts";
import { templateOf, valuesInTemplate } from "./use.ts";
import { type RunValues, valuesAtStart } from "./values-at-start.ts";

/**
 * A document with the params of one run: params checked, `${{ params.x }}` replaced, everything checked again that an
 * expression could have hidden, and the sizes that Temporal allows. `places`: those of the text the document was read
 * from. Its warnings have been given by reading.
 */
export function compileDag(
  document: DagDocument,
  params: JsonObject,
  places: Places = new JsonPlaces(),
  run?: RunValues,
): Read<CompiledDag> {
  const read = Findings.read(places, (findings) => compile(document, params, findings, run));
  return read.kind === "ok" ? { ...read, warnings: [] } : read;
}

/** `compileDag` within the reading of something larger. */
export function compile(
  document: DagDocument,
  given: JsonObject,
  findings: Findings,
  run?: RunValues,
): CompiledDag | undefined {
  const params = resolveParams(document.params, given, findings);
  if (!findings.clean) return undefined;
  const version = versionOf(document);
  const valuesWith = (seen: JsonObject) => valuesAtStart({ dag: document.dag, version, params: seen }, run);
  const replacing: Replacing = { findings, budget: new Budget(findings.places), valueOf: valuesWith(params) };
  const defaults = compileLayer(
    document.defaults,
    { path: ["defaults"], scope: "defaults", replaced: true },
    replacing,
  );
  if (defaults === undefined) return undefined;
  const placed = placedTasks({ ...document });
  const below: Below = new Map([["", [defaults.long]]]);
  const tools: Tools = { ...replacing, valuesWith, params, scopes: new Scopes(placed) };
  const tasks = placed.flatMap((each) => compileOne(document, each, below, tools));
  if (!findings.clean) return undefined;
  const compiled: CompiledDag = {
    dag: document.dag,
    version,
    ...headOf(document, replacing),
    params,
    defaults: specFields(defaults.long, defaults.typed),
    ...sectionWords(document),
    ...(document.timeout === undefined ? {} : { timeoutMs: parseDuration(document.timeout) ?? 0 }),
    ...(document.maxActiveRuns === undefined ? {} : { maxActiveRuns: document.maxActiveRuns }),
    ...compileDagOutputs(document.outputs, replacing),
    tasks,
  };
  const paths = new Map(placed.map(({ name, path }) => [name, path]));
  checkPools(compiled, (name) => paths.get(name) ?? [], run?.pools, findings);
  checkSizes(compiled, findings);
  return findings.clean ? compiled : undefined;
}

interface Tools extends Replacing {
  readonly valuesWith: (params: JsonObject) => Replacing["valueOf"];
  readonly params: JsonObject;
  readonly scopes: Scopes;
}

/** The `defaults` of each section in the long form, the nearest first; the DAG's under "". */
type Below = Map<string, readonly JsonObject[]>;

function compileOne(document: DagDocument, placed: Placed, below: Below, tools: Tools): readonly CompiledTask[] {
  const { name, path, task, group, final } = placed;
  const { forEach: _list, key: _key, ...words } = ownWords(task);
  const layer = compileLayer(words, { path, scope: "task", replaced: true }, tools);
  if (layer === undefined || !isTaskName(name)) return [];
  const around = below.get(group ?? "") ?? [];
  const beside = (other: string): string => (group === undefined ? other : `${group}.${other}`);
  const resolve = (other: string): string | undefined => tools.scopes.resolve(group, other);
  const inGraph = {
    name,
    after: upstreams(layer.long)
      .map(beside)
      .filter((upstream) => isTaskName(upstream)),
    ...gateOf(layer.typed, final === true),
    ...conditionOf(layer.typed.if, resolve),
    ...compileForEach(task, layer.typed.if, resolve),
    ...(group !== undefined && isTaskName(group) && { group }),
    ...(final && { final }),
  };
  if (isGroup(task)) {
    const defaults = compileDefaults(task, path, tools);
    below.set(name, defaults === undefined ? around : [defaults.long, ...around]);
    const spec = defaults === undefined ? {} : { defaults: specFields(defaults.long, defaults.typed) };
    const inside = (other: string): string | undefined => tools.scopes.resolve(name, other);
    const gives = compileValues(layer.typed.outputs, inside);
    return [{ kind: "group", ...inGraph, ...sectionWords(layer.typed), ...spec, ...gives }];
  }
  if (isNoop(layer.long)) return [{ kind: "noop", ...inGraph, ...compileValues(layer.typed.outputs, resolve) }];
  const hold = compileHold(layer.typed, resolve);
  if (hold !== undefined) {
    checkHold(layer.long, path, tools.findings);
    return [{ ...inGraph, ...hold }];
  }
  const template = compileTemplate(document, layer.long, path, tools.params, tools);
  if (template === undefined && Object.hasOwn(layer.long, "use")) return [];
  const whole = hasItems(task) ? { ...layer.long, forEach: task["forEach"] ?? null } : layer.long;
  checkKind(whole, [template?.long ?? {}, ...around], path, tools.findings);
  const spec = specFields(layer.long, layer.typed);
  const layers = [...around.toReversed(), template?.long ?? {}, layer.long];
  const needs = needsOf(layers, template?.params ?? {}, resolve);
  return [{ kind: "pod", ...inGraph, ...template?.under, spec, ...needs }];
}

function compileDefaults(group: JsonObject, path: Path, tools: Tools): ReturnType<typeof compileLayer> {
  const given = own(group, "defaults");
  const place = { path: [...path, "defaults"], scope: "defaults", replaced: true } as const;
  return isJsonObject(given) ? compileLayer(given, place, tools) : undefined;
}

function sectionWords({ failFast, parallelism }: SectionWords): SectionWords {
  return { ...(failFast && { failFast }), ...(parallelism !== undefined && { parallelism }) };
}

/** What `use` lays under a task: its expressions see the template's own params too. */
function compileTemplate(
  { templates = {} }: DagDocument,
  task: JsonObject,
  path: Path,
  params: JsonObject,
  tools: Tools,
): { readonly long: JsonObject; readonly params: JsonObject; readonly under: Pick<PodTask, "template"> } | undefined {
  const used = templateOf(task, templates, { params, path, findings: tools.findings });
  if (used === undefined || !tools.findings.clean) return undefined;
  const { name, fields } = used;
  const layer = compileLayer(
    fields,
    { path: ["templates", name], scope: "template", replaced: true },
    { ...tools, valueOf: valuesInTemplate(used.late, tools.valuesWith(used.params)) },
  );
  if (layer === undefined) return undefined;
  return {
    long: layer.long,
    params: used.own,
    under: { template: { name, spec: specFields(layer.long, layer.typed) } },
  };
}

type PodTask = Extract<CompiledTask, { readonly kind: "pod" }>;

/** One layer with its expressions replaced, expanded and checked again. */
function compileLayer(
  layer: JsonObject,
  place: LayerPlace,
  tools: Replacing,
): { readonly long: JsonObject; readonly typed: Layer } | undefined {
  const replaced = replaceExpressions(layer, place.path, tools);
  const fields = isJsonObject(replaced) ? replaced : {};
  const long = expandLayer(fields, place.path, { findings: tools.findings, replaced: true });
  const typed = checkLayer(long, place, tools.findings);
  return typed === undefined ? undefined : { long, typed };
}

/** sha256 (hex) of the canonical JSON of the document: the same DAG has the same version however it was written. */
export function versionOf(document: DagDocument): string {
  return sha256Hex(documentText(document));
}

/** The canonical JSON whose sha256 is the version: what is kept of a DAG. */
export function documentText({ schedule, ...document }: DagDocument): string {
  const json: JsonObject = { ...document, ...(schedule === undefined ? {} : { schedule: { ...schedule } }) };
  return canonicalJson(json);
}

/** What is shown of a DAG, with its expressions replaced. */
function headOf({ description, owner, metadata }: DagDocument, tools: Replacing): Partial<CompiledDag> {
  const shown = Object.entries({ description, owner }).flatMap(([field, value]) =>
    value === undefined ? [] : [[field, textOf(replaceExpressions(value, [field], tools)) ?? ""] as const],
  );
  if (metadata === undefined) return Object.fromEntries(shown);
  const replaced = replaceExpressions(metadata, ["metadata"], tools);
  const long = expandTexts(replaced, ["metadata"], { findings: tools.findings, replaced: true });
  if (isJsonObject(long)) checkMetadata(long, ["metadata"], tools.findings);
  return { ...Object.fromEntries(shown), metadata: textMaps(long) };
}

function textMaps(metadata: Json): NonNullable<CompiledDag["metadata"]> {
  const maps = isJsonObject(metadata) ? Object.entries(metadata) : [];
  return Object.fromEntries(
    maps.map(([kind, map]) => {
      const pairs = isJsonObject(map) ? Object.entries(map) : [];
      return [
        kind,
        Object.fromEntries(pairs.flatMap(([name, text]) => (typeof text === "string" ? [[name, text]] : []))),
      ];
    }),
  );
}
