import type { CompiledDag, CompiledTask, SpecFields } from "../compiled.ts";
import { parseDuration } from "../duration.ts";
import { sha256Hex } from "../hash.ts";
import { isTaskName, RUN_POD_DAG, type TaskName } from "../ids.ts";
import { canonicalJson, isJsonObject, type Json, type JsonObject, utf8Length } from "../json.ts";
import { taskSpec } from "../merge.ts";
import { Budget } from "./budget.ts";
import { type DagDocument, readDocument } from "./document.ts";
import { replaceExpressions } from "./expressions.ts";
import { Findings, type Read } from "./findings.ts";
import { upstreams } from "./graph-check.ts";
import { toJson } from "./json-door.ts";
import { checkLayer, containerOf, type Layer, type LayerPlace } from "./layer.ts";
import { LIMITS } from "./limits.ts";
import { checkMetadata } from "./kubernetes.ts";
import { declare, resolveParams } from "./params.ts";
import { JsonPlaces, type Path, type Places } from "./path.ts";
import { kindOf, quote } from "./say.ts";
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

/**
 * The DAG `-` of one pod task: the input of the workflow runPod. `name` is `main` where absent; `params` need no declaration.
 */
export function compileTask(input: {
  readonly name?: unknown;
  readonly task: unknown;
  readonly params?: unknown;
}): Read<CompiledDag> {
  const name = input.name ?? "main";
  return Findings.read(new TaskPlaces(name), (findings) => {
    if (typeof name !== "string" || !isTaskName(name)) {
      findings.error(
        "bad-name",
        ["name"],
        `${typeof name === "string" ? quote(name) : kindOf(name)} is not a name for a task`,
      );
      return undefined;
    }
    const params = toJson(input.params ?? {}, findings, ["params"]) ?? null;
    const task = toJson(input.task, findings, ["task"]);
    if (!isJsonObject(params))
      findings.error("bad-value", ["params"], `\`params\` must be a map, not ${kindOf(params)}`);
    if (!isJsonObject(task)) findings.error("bad-value", ["task"], `\`task\` must be a map, not ${kindOf(task)}`);
    if (!isJsonObject(params) || !isJsonObject(task) || !findings.clean) return undefined;
    return compileOne(name, task, params, findings);
  });
}

function compileOne(name: TaskName, task: JsonObject, params: JsonObject, findings: Findings): CompiledDag | undefined {
  if (isNoop(task) || Object.hasOwn(task, "after")) {
    const word = isNoop(task) ? "noop" : "after";
    findings.error("unknown-field", ["task", word], `${quote(word)} has no meaning in a task of its own`, {
      at: "key",
      fix: "leave it out: runPod runs one pod",
    });
    return undefined;
  }
  const raw = { dag: RUN_POD_DAG, params: declare(params), tasks: { [name]: task } };
  const document = readDocument(raw, findings, true);
  return document === undefined ? undefined : compile(document, params, findings);
}

/** A runPod's input has its fields under `task`, not under `tasks.<name>`. */
class TaskPlaces extends JsonPlaces {
  readonly #name: unknown;
  constructor(name: unknown) {
    super();
    this.#name = name;
  }

  protected override find(path: Path): ReturnType<JsonPlaces["where"]> {
    const inTask = path[0] === "tasks" && path[1] === this.#name;
    return super.find(inTask ? ["task", ...path.slice(2)] : path);
  }
}

function compile(document: DagDocument, given: JsonObject, findings: Findings): CompiledDag | undefined {
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

function specFields(long: JsonObject, typed: Layer): SpecFields {
  const container = containerOf(long);
  const { pod, metadata, namespace, retries, timeout } = typed;
  return {
    ...(Object.keys(container).length === 0 ? {} : { container }),
    ...(pod === undefined ? {} : { pod }),
    ...(metadata === undefined ? {} : { metadata }),
    ...(namespace === undefined ? {} : { namespace }),
    ...(retries === undefined
      ? {}
      : { retries: retries === null ? null : inMs(retries, { limit: "limit", delay: "delayMs" }) }),
    ...(timeout === undefined ? {} : { timeout: timeout === null ? null : inMs(timeout, { attempt: "attemptMs" }) }),
  };
}

/** Renames fields, and gives durations in milliseconds; null stays, it removes. */
function inMs(fields: JsonObject, names: Readonly<Record<string, string>>): JsonObject {
  return Object.fromEntries(
    Object.entries(fields).map(([name, value]) => [
      names[name] ?? name,
      typeof value === "string" ? (parseDuration(value) ?? null) : value,
    ]),
  );
}

function checkSizes(compiled: CompiledDag, findings: Findings): void {
  const total = utf8Length(JSON.stringify(compiled));
  if (total > LIMITS.compiledBytes) {
    findings.error(
      "too-large",
      [],
      `the compiled DAG has ${kilobytes(total)} KB; at most ${kilobytes(LIMITS.compiledBytes)} KB are run`,
    );
  }
  const shared = utf8Length(JSON.stringify(compiled.defaults));
  for (const task of compiled.tasks) {
    if (task.kind === "noop" || shared + JSON.stringify(task.spec).length * 3 < LIMITS.taskBytes) continue;
    const bytes = utf8Length(JSON.stringify(taskSpec(compiled, task)));
    if (bytes <= LIMITS.taskBytes) continue;
    const what = `the task has ${kilobytes(bytes)} KB with its defaults; at most ${kilobytes(LIMITS.taskBytes)} KB are run`;
    findings.error("too-large", ["tasks", task.name], what, {
      at: "key",
      fix: "put long scripts into the image or a config map, and name them here",
    });
  }
}

function kilobytes(bytes: number): number {
  return Math.ceil(bytes / 1024);
}
