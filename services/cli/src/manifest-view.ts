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
import { mainContainerOf, podManifest } from "@slipway/pods/manifest";
import { Document, isNode } from "yaml";

export interface RenderSettings {
  readonly installation: string;
  /** For tasks that name none. */
  readonly namespace: string;
}

/** Stands for what only a run knows: its id, and with it the pod's name. */
const RUN = "RUN";

/** The pods of a DAG's first attempts as YAML documents; `# defaults` stands where a value came from the DAG's defaults. */
export function renderManifests(compiled: CompiledDag, settings: RenderSettings): string {
  return compiled.tasks.map((task) => renderTask(compiled, task, settings)).join("---\n");
}

function renderTask(compiled: CompiledDag, task: CompiledTask, settings: RenderSettings): string {
  if (task.kind === "noop") return `# ${task.name}: does nothing, has no pod\n`;
  const { spec, origins } = taskSpecWithOrigins(compiled, task);
  const { installation, namespace } = settings;
  const manifest = podManifest(attemptOf(compiled, task.name, installation), spec, {
    namespace,
    temporalNamespaceId: "",
  });
  const document = new Document(manifest);
  document.commentBefore = ` ${task.name}, attempt 1; name, labels and annotations of the run are only known when it runs`;
  annotate(document, manifest, [], (path) => originAt(manifest, spec, path, origins));
  return document.toString({ lineWidth: 0 });
}

function attemptOf({ dag }: CompiledDag, task: AttemptRef["task"], installation: string): AttemptRef {
  if (!isRunId(RUN)) throw new RangeError(RUN);
  const chain = { workflowId: workflowIdOf(dag, RUN), firstExecutionRunId: RUN };
  return { installation, chain, dag, run: RUN, task, attempt: 1 };
}

type Path = readonly (string | number)[];

/** Puts the origin behind each scalar that has one worth saying. */
function annotate(document: Document, value: Json, path: Path, originOf: (path: Path) => Origin | undefined): void {
  if (Array.isArray(value)) value.forEach((item: Json, at) => annotate(document, item, [...path, at], originOf));
  else if (isJsonObject(value)) {
    for (const [name, item] of Object.entries(value)) annotate(document, item, [...path, name], originOf);
  } else if (originOf(path) === "defaults") {
    const node = document.getIn(path, true);
    if (isNode(node)) node.comment = " defaults";
  }
}

/** Where a place of the manifest came from: the nearest place around it in the task's spec that has an origin. */
function originAt(
  manifest: JsonObject,
  spec: TaskSpec,
  path: Path,
  origins: ReadonlyMap<string, Origin>,
): Origin | undefined {
  const inSpec = specPath(manifest, spec, path);
  for (let length = inSpec?.length ?? 0; length > 0; length -= 1) {
    const origin = origins.get(textOf(inSpec?.slice(0, length) ?? []));
    if (origin !== undefined) return origin;
  }
  return undefined;
}

/** `spec.containers[main].x` is the spec's `container.x`, `spec.x` its `pod.x`, `metadata.x` its `metadata.x`. */
function specPath(manifest: JsonObject, spec: TaskSpec, path: Path): Path | undefined {
  const [first, second, at, ...rest] = path;
  if (first === "metadata") return path;
  if (first !== "spec" || second === undefined) return undefined;
  if (second !== "containers" || typeof at !== "number") return ["pod", ...path.slice(1)];
  const container = valueAt(manifest, ["spec", "containers", at]);
  if (!isJsonObject(container) || container["name"] !== mainContainerOf(spec)) return undefined;
  return rest[0] === "env" && typeof rest[1] === "number"
    ? envPath(valueAt(container, ["env", rest[1]]), spec.container["env"], rest.slice(2))
    : ["container", ...rest];
}

/** Slipway's own variables come first in the manifest, so an entry is found again by its name. */
function envPath(entry: Json | undefined, env: Json | undefined, rest: Path): Path | undefined {
  const name = isJsonObject(entry) ? entry["name"] : undefined;
  const at = Array.isArray(env) ? env.findIndex((each: Json) => isJsonObject(each) && each["name"] === name) : -1;
  return at < 0 ? undefined : ["container", "env", at, ...rest];
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
