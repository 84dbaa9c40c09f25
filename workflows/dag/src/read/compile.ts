import type { CompiledDag, CompiledTask } from "../compiled.ts";
import { sha256Hex } from "../hash.ts";
import { isTaskName } from "../ids.ts";
import { canonicalJson, isJsonObject, type Json, type JsonObject } from "../json.ts";
import { Budget } from "./budget.ts";
import type { DagDocument } from "./document.ts";
import { replaceExpressions } from "./replace-expressions.ts";
import { Findings, type Read } from "./findings.ts";
import { upstreams } from "./graph-check.ts";
import { checkLayer, type Layer, type LayerPlace } from "./layer.ts";
import { checkMetadata } from "./kubernetes.ts";
import { resolveParams } from "./params.ts";
import { JsonPlaces, type Places } from "./path.ts";
import { checkSizes } from "./sizes.ts";
import { specFields } from "./spec-fields.ts";
import { expandLayer, expandTexts } from "./short-forms.ts";
import { checkKind, isNoop } from "./task-kind.ts";
import { textOf } from "./text-places.ts";

/**
 * A document with the params of one run: params checked, `${{ params.x }}` replaced, everything checked again that an
 * expression could have hidden, and the sizes that Temporal allows. `places`: those of the text the document was read from.
 */
export function compileDag(
  document: DagDocument,
  params: JsonObject,
  places: Places = new JsonPlaces(),
): Read<CompiledDag> {
  return Findings.read(places, (findings) => compile(document, params, findings));
}

/** `compileDag` within the reading of something larger. */
export function compile(document: DagDocument, given: JsonObject, findings: Findings): CompiledDag | undefined {
  const params = resolveParams(document.params, given, findings);
  if (!findings.clean) return undefined;
  const tools = { findings, budget: new Budget(findings.places) };
  const layerAt = (
    layer: JsonObject,
    place: LayerPlace,
  ): { readonly long: JsonObject; readonly typed: Layer } | undefined => {
    const replaced = replaceExpressions(layer, place.path, params, tools);
    const long = expandLayer(isJsonObject(replaced) ? replaced : {}, place.path, { findings, replaced: true });
    const typed = checkLayer(long, place, findings);
    return typed === undefined ? undefined : { long, typed };
  };
  const defaults = layerAt(document.defaults, { path: ["defaults"], scope: "defaults", replaced: true });
  const tasks = Object.entries(document.tasks).flatMap(([name, task]): readonly CompiledTask[] => {
    const path = ["tasks", name];
    const layer = layerAt(task, { path, scope: "task", replaced: true });
    if (layer === undefined || defaults === undefined || !isTaskName(name)) return [];
    const after = upstreams(layer.long).filter((upstream) => isTaskName(upstream));
    if (isNoop(layer.long)) return [{ kind: "noop", name, after }];
    checkKind(layer.long, defaults.long, path, findings);
    return [{ kind: "pod", name, after, spec: specFields(layer.long, layer.typed) }];
  });
  if (defaults === undefined || !findings.clean) return undefined;
  const compiled: CompiledDag = {
    dag: document.dag,
    version: versionOf(document),
    ...headOf(document, params, tools),
    params,
    defaults: specFields(defaults.long, defaults.typed),
    tasks,
  };
  checkSizes(compiled, findings);
  return findings.clean ? compiled : undefined;
}

/** sha256 (hex) of the canonical JSON of the document: the same DAG has the same version however it was written. */
export function versionOf(document: DagDocument): string {
  const json: JsonObject = { ...document, schedule: document.schedule ?? null };
  return sha256Hex(canonicalJson(json));
}

type Tools = Parameters<typeof replaceExpressions>[3];

/** What is shown of a DAG, with its expressions replaced. */
function headOf({ description, owner, metadata }: DagDocument, params: JsonObject, tools: Tools): Partial<CompiledDag> {
  const shown = Object.entries({ description, owner }).flatMap(([field, value]) =>
    value === undefined ? [] : [[field, textOf(replaceExpressions(value, [field], params, tools)) ?? ""] as const],
  );
  if (metadata === undefined) return Object.fromEntries(shown);
  const replaced = replaceExpressions(metadata, ["metadata"], params, tools);
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
