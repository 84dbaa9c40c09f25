import {
  type AttemptRef,
  type CompiledDag,
  type CompiledTask,
  isJsonObject,
  isRunId,
  type Json,
  type JsonObject,
  type Origin,
  type TaskSpec,
  taskSpecWithOrigins,
  workflowIdOf,
} from "@slipway/dag";
import { MAIN_CONTAINER_ANNOTATION, mainContainerOf, podManifest } from "@slipway/pods/manifest";
import { Document, isNode } from "yaml";

export interface RenderSettings {
  readonly installation: string;
  /** For tasks that name none. */
  readonly namespace: string;
}

/** Stands for what only a run knows: its id, and with it the pod's name. */
const RUN = "RUN";

/** Where a line of a manifest comes from; what is the task's own has no mark. */
type Mark = "defaults" | `template ${string}` | "installation" | "slipway";

const LEGEND =
  "# Lines without a mark are the task's own; the others are the DAG's defaults, a template's, the installation's, or Slipway's.\n";

/** The pods of a DAG's first attempts as YAML documents, each line with its origin. */
export function renderManifests(compiled: CompiledDag, settings: RenderSettings): string {
  return LEGEND + compiled.tasks.map((task) => renderTask(compiled, task, settings)).join("---\n");
}

function renderTask(compiled: CompiledDag, task: CompiledTask, settings: RenderSettings): string {
  if (task.kind === "noop") return `# ${task.name}: does nothing, has no pod\n`;
  if (task.kind === "group") return `# ${task.name}: a group, has no pod of its own\n`;
  if (task.kind === "approve" || task.kind === "wait") return `# ${task.name}: waits, has no pod\n`;
  const { spec, origins } = taskSpecWithOrigins(compiled, task);
  const { installation, namespace } = settings;
  const manifest = podManifest(attemptOf(compiled, task.name, installation), spec, {
    namespace,
    temporalNamespaceId: "",
  });
  const document = new Document(manifest);
  document.commentBefore = ` ${task.name}, attempt 1; name, labels and annotations of the run are only known when it runs`;
  annotate(document, manifest, [], (path, value) => {
    const origin = originOf(sourcesOf(manifest, spec, path), value, spec, origins);
    if (origin === "task") return undefined;
    return origin === "template" ? `template ${task.template?.name ?? ""}` : origin;
  });
  return document.toString({ lineWidth: 0 });
}

function attemptOf({ dag }: CompiledDag, task: AttemptRef["task"], installation: string): AttemptRef {
  if (!isRunId(RUN)) throw new RangeError(RUN);
  const chain = { workflowId: workflowIdOf(dag, RUN), firstExecutionRunId: RUN };
  return { installation, chain, dag, run: RUN, task, attempt: 1 };
}

type Path = readonly (string | number)[];

/** Puts the mark behind each scalar that has one. */
function annotate(
  document: Document,
  value: Json,
  path: Path,
  mark: (path: Path, value: Json) => Mark | undefined,
): void {
  if (Array.isArray(value)) value.forEach((item: Json, at) => annotate(document, item, [...path, at], mark));
  else if (isJsonObject(value)) {
    for (const [name, item] of Object.entries(value)) annotate(document, item, [...path, name], mark);
  } else {
    const said = mark(path, value);
    const node = document.getIn(path, true);
    if (said !== undefined && isNode(node)) node.comment = ` ${said}`;
  }
}

/** The first place in the task's spec that holds this very value tells; a value that stands in none is ours. */
function originOf(
  sources: readonly Path[],
  value: Json,
  spec: TaskSpec,
  origins: ReadonlyMap<string, Origin>,
): Origin | "slipway" {
  const source = sources.find((path) => valueAt(wordsOf(spec), path) === value);
  if (source === undefined) return sources.some(([word]) => word === "namespace") ? "installation" : "slipway";
  return originAt(source, origins) ?? "slipway";
}

/** The parts of a spec that the manifest repeats. */
function wordsOf({ container, pod = {}, metadata = {}, namespace, mainContainer }: TaskSpec): JsonObject {
  return { container, pod, metadata, namespace: namespace ?? null, mainContainer: mainContainer ?? null };
}

/** A list that is replaced whole has one origin: the nearest place around it that has one. */
function originAt(path: Path, origins: ReadonlyMap<string, Origin>): Origin | undefined {
  for (let length = path.length; length > 0; length -= 1) {
    const origin = origins.get(textOf(path.slice(0, length)));
    if (origin !== undefined) return origin;
  }
  return undefined;
}

const NAMED_AFTER = ["metadata", "annotations", MAIN_CONTAINER_ANNOTATION].join("\n");

/**
 * Where in the task's spec a value of the manifest may come from: `spec.x` is its `pod.x`, `metadata.x` its `metadata.x`; the
 * main container is its `container`, laid over the one of that name in `pod.containers`.
 */
function sourcesOf(manifest: JsonObject, spec: TaskSpec, path: Path): readonly Path[] {
  const [first, second, at, ...rest] = path;
  if (path.join("\n") === NAMED_AFTER) return [["mainContainer"]];
  if (first === "metadata") return [second === "namespace" ? ["namespace"] : path];
  if (first !== "spec") return [];
  const container = typeof at === "number" ? valueAt(manifest, path.slice(0, 3)) : undefined;
  if (second !== "containers" || !isJsonObject(container)) return [["pod", ...path.slice(1)]];
  const under = ["pod", "containers", indexOf(spec.pod?.["containers"], container["name"])];
  if (container["name"] !== mainContainerOf(spec)) return [[...under, ...rest]];
  if (rest[0] === "name") return [["mainContainer"], [...under, "name"]];
  return [["container"], under].map((base) => [...base, ...within(valueAt(wordsOf(spec), base), container, rest)]);
}

/** Entries of `env` are found again by their names: Slipway's own come first in the manifest. */
function within(base: Json | undefined, container: JsonObject, rest: Path): Path {
  const [word, at, ...more] = rest;
  if (word !== "env" || typeof at !== "number") return rest;
  const entry = valueAt(container, ["env", at]);
  const name = isJsonObject(entry) ? entry["name"] : undefined;
  return ["env", indexOf(isJsonObject(base) ? base["env"] : undefined, name), ...more];
}

function indexOf(list: Json | undefined, name: Json | undefined): number {
  return Array.isArray(list) ? list.findIndex((each: Json) => isJsonObject(each) && each["name"] === name) : -1;
}

function valueAt(value: Json, path: Path): Json | undefined {
  let found: Json | undefined = value;
  for (const step of path) {
    if (Array.isArray(found) && typeof step === "number") found = found[step];
    else found = isJsonObject(found) && typeof step === "string" ? found[step] : undefined;
  }
  return found;
}

function textOf(path: Path): string {
  return path
    .map((step) => (typeof step === "number" ? `[${step}]` : `.${step}`))
    .join("")
    .slice(1);
}
