import {
  type AttemptRef,
  isJsonObject,
  type Json,
  type JsonObject,
  podAnnotations,
  podLabels,
  podName,
  strategicMerge,
  type TaskSpec,
} from "@slipway/dag";

/** Which container is the task, where the task does not say. */
const MAIN_CONTAINER = "main";
/** Says on the pod which container that is, for `kubectl logs` and for us. */
export const MAIN_CONTAINER_ANNOTATION = "kubectl.kubernetes.io/default-container";

/** What a pod needs to know beyond its attempt. */
export interface ManifestSettings {
  /** For tasks that name none. */
  readonly namespace: string;
  /** Temporal's namespace id (not its name); empty where nobody has asked a server (`slipway render`). */
  readonly temporalNamespaceId: string;
}

/** Seconds that a pod may live beyond its own limits when every worker is dead. */
const BACKSTOP_SECONDS = 60;
/** Kubernetes' default of terminationMessagePath: what is written there is the container's termination message. */
const OUTPUTS_PATH = "/dev/termination-log";

export function mainContainerOf({ mainContainer }: Pick<TaskSpec, "mainContainer">): string {
  return mainContainer ?? MAIN_CONTAINER;
}

export function namespaceOf(spec: Pick<TaskSpec, "namespace">, settings: Pick<ManifestSettings, "namespace">): string {
  return spec.namespace ?? settings.namespace;
}

/**
 * The core/v1 Pod of one attempt. The task's container is laid into `spec.pod` by strategic merge (same name: ours wins).
 * Pure, and free of any Kubernetes client: the worker creates it, `slipway render` prints it.
 */
export function podManifest(ref: AttemptRef, spec: TaskSpec, settings: ManifestSettings): JsonObject {
  const { labels, annotations } = spec.metadata ?? {};
  return {
    apiVersion: "v1",
    kind: "Pod",
    metadata: {
      name: podName(ref),
      namespace: namespaceOf(spec, settings),
      labels: { ...labels, ...podLabels(ref, settings.temporalNamespaceId) },
      annotations: { ...annotations, ...podAnnotations(ref), [MAIN_CONTAINER_ANNOTATION]: mainContainerOf(spec) },
    },
    spec: podSpec(ref, spec),
  };
}

function podSpec(ref: AttemptRef, spec: TaskSpec): JsonObject {
  const pod = laidIn(spec);
  const containers = listOf(pod["containers"]).map((each) => (isMain(each, spec) ? equipped(each, ref, spec) : each));
  return {
    automountServiceAccountToken: false,
    ...pod,
    containers,
    restartPolicy: "Never",
    ...activeDeadline(spec, pod["activeDeadlineSeconds"]),
  };
}

/** The task's PodSpec with its container in it, before anything of ours. */
function laidIn(spec: TaskSpec): JsonObject {
  return strategicMerge(spec.pod ?? {}, { containers: [{ name: mainContainerOf(spec), ...spec.container }] });
}

/** The container that is the task, as the task's own words make it. */
export function containerOf(spec: TaskSpec): JsonObject {
  return listOf(laidIn(spec)["containers"]).find((each) => isMain(each, spec)) ?? {};
}

function isMain({ name }: JsonObject, spec: TaskSpec): boolean {
  return name === mainContainerOf(spec);
}

function listOf(value: Json | undefined): readonly JsonObject[] {
  return Array.isArray(value) ? value.filter(isJsonObject) : [];
}

/** The task's own words win, but for the environment of the attempt. */
function equipped({ name, env, ...container }: JsonObject, ref: AttemptRef, spec: TaskSpec): JsonObject {
  const outputsPath = container["terminationMessagePath"];
  return {
    name: name ?? null,
    terminationMessagePolicy: writesMessage(spec) ? "File" : "FallbackToLogsOnError",
    ...container,
    env: withAttempt(ref, typeof outputsPath === "string" ? outputsPath : OUTPUTS_PATH, env),
  };
}

/** Then the message is the task's outputs and nothing else: a failure's last log lines might be read as them. */
function writesMessage({ outputs = {} }: TaskSpec): boolean {
  return Object.values(outputs).some(({ from }) => from === "message");
}

/** Ours come first, so that the task's own may refer to them: `$(SLIPWAY_RUN)`. */
function withAttempt(ref: AttemptRef, outputsPath: string, env: Json | undefined): readonly Json[] {
  const ours = new Map<string, string>([
    ["SLIPWAY_DAG", ref.dag],
    ["SLIPWAY_RUN", ref.run],
    ["SLIPWAY_TASK", ref.task],
    ["SLIPWAY_INDEX", ref.index === undefined ? "" : String(ref.index)],
    ["SLIPWAY_ATTEMPT", String(ref.attempt)],
    ["SLIPWAY_OUTPUTS", outputsPath],
  ]);
  const given: readonly Json[] = Array.isArray(env) ? env : [];
  const isOurs = (name: Json | undefined) => typeof name === "string" && ours.has(name);
  const theirs = given.filter((entry) => !(isJsonObject(entry) && isOurs(entry["name"])));
  return [...Array.from(ours, ([name, value]) => ({ name, value })), ...theirs];
}

/**
 * The kubelet's own limit, for the time when all workers are dead. Kubernetes counts from before the image is pulled
 * (status.startTime), so it holds the time to start as well; all tries together are longer than one. A lower one of the
 * task's stays.
 */
function activeDeadline({ timeout }: TaskSpec, own: Json | undefined): JsonObject {
  const { attemptMs = Number.POSITIVE_INFINITY, totalMs = Number.POSITIVE_INFINITY, startMs } = timeout;
  const longest = Math.min(startMs + attemptMs, totalMs);
  if (longest === Number.POSITIVE_INFINITY) return {};
  const ours = Math.ceil(longest / 1000) + BACKSTOP_SECONDS;
  return { activeDeadlineSeconds: typeof own === "number" ? Math.min(own, ours) : ours };
}
