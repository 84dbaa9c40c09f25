import { defined, LABEL_PREFIX } from "@slipway/dag";
import { z } from "zod";
import { MAIN_CONTAINER_ANNOTATION, mainContainerOf } from "./manifest.ts";

/** What we need of core/v1 Pod and nothing else: a worker holds thousands of these. Times are RFC 3339. */
export interface PodView {
  readonly name: string;
  readonly namespace: string;
  readonly uid: string;
  readonly resourceVersion: string;
  /** metadata.creationTimestamp, by the API server's clock. */
  readonly createdAt: string;
  /** Set once somebody has asked to delete it: deletionTimestamp is the request plus the grace. */
  readonly deletion?: { readonly at: string; readonly graceSeconds: number };
  /** spec.terminationGracePeriodSeconds */
  readonly graceSeconds: number;
  readonly nodeName?: string;
  /** The container that is the task, as the pod itself says. */
  readonly main: string;
  /** Only those below `slipway.dev/`. */
  readonly annotations: Readonly<Record<string, string>>;
  /** status.phase: shown, and asked for a pod without container states; never the verdict. */
  readonly phase: string;
  readonly reason?: string;
  readonly message?: string;
  readonly conditions: readonly Condition[];
  readonly containers: readonly ContainerView[];
}

export interface Condition {
  readonly type: string;
  readonly status: string;
  readonly reason?: string;
  readonly message?: string;
  readonly since?: string;
}

/** One of status.initContainerStatuses (`init`, native sidecars too) or status.containerStatuses. */
export interface ContainerView {
  readonly name: string;
  readonly init: boolean;
  readonly restartCount: number;
  readonly containerID?: string;
  readonly state: ContainerState;
}

export type ContainerState =
  | { readonly kind: "waiting"; readonly reason: string; readonly message: string }
  | { readonly kind: "running"; readonly startedAt: string }
  | {
      readonly kind: "terminated";
      readonly exitCode: number;
      readonly reason: string;
      readonly message: string;
      /** Absent where the container never ran (the kubelet writes 1970). */
      readonly startedAt?: string;
      readonly finishedAt?: string;
    };

const text = z
  .string()
  .nullish()
  .transform((value) => value ?? "");
const optional = z
  .string()
  .nullish()
  .transform((value) => value ?? undefined);

const State = z
  .object({
    waiting: z.object({ reason: text, message: text }).nullish(),
    running: z.object({ startedAt: text }).nullish(),
    terminated: z
      .object({ exitCode: z.number(), reason: text, message: text, startedAt: optional, finishedAt: optional })
      .nullish(),
  })
  .nullish();

const Status = z.object({
  name: z.string(),
  restartCount: z.number().default(0),
  containerID: optional,
  state: State,
});

const PodObject = z.object({
  metadata: z.object({
    name: z.string(),
    namespace: z.string(),
    uid: z.string(),
    resourceVersion: z.string(),
    creationTimestamp: text,
    deletionTimestamp: optional,
    deletionGracePeriodSeconds: z.number().nullish(),
    annotations: z.record(z.string(), z.string()).nullish(),
  }),
  spec: z.object({ nodeName: optional, terminationGracePeriodSeconds: z.number().nullish() }).nullish(),
  status: z
    .object({
      phase: text,
      reason: optional,
      message: optional,
      conditions: z
        .array(
          z.object({
            type: z.string(),
            status: z.string(),
            reason: optional,
            message: optional,
            lastTransitionTime: optional,
          }),
        )
        .nullish(),
      initContainerStatuses: z.array(Status).nullish(),
      containerStatuses: z.array(Status).nullish(),
    })
    .nullish(),
});

/** Kubernetes' default, where the object does not say (it always does). */
const DEFAULT_GRACE_SECONDS = 30;

/** @throws ZodError where the object is no Pod. */
export function parsePod(object: unknown): PodView {
  const { metadata, spec, status } = PodObject.parse(object);
  const { deletionTimestamp } = metadata;
  return defined({
    name: metadata.name,
    namespace: metadata.namespace,
    uid: metadata.uid,
    resourceVersion: metadata.resourceVersion,
    createdAt: metadata.creationTimestamp,
    deletion:
      deletionTimestamp === undefined
        ? undefined
        : { at: deletionTimestamp, graceSeconds: metadata.deletionGracePeriodSeconds ?? 0 },
    graceSeconds: spec?.terminationGracePeriodSeconds ?? DEFAULT_GRACE_SECONDS,
    nodeName: spec?.nodeName,
    main: metadata.annotations?.[MAIN_CONTAINER_ANNOTATION] ?? mainContainerOf({}),
    annotations: ours(metadata.annotations ?? {}),
    phase: status?.phase ?? "",
    reason: status?.reason,
    message: status?.message,
    conditions: (status?.conditions ?? []).map(({ lastTransitionTime, ...rest }) =>
      defined({ ...rest, since: lastTransitionTime }),
    ),
    containers: [
      ...(status?.initContainerStatuses ?? []).map((container) => containerView(container, true)),
      ...(status?.containerStatuses ?? []).map((container) => containerView(container, false)),
    ],
  });
}

function containerView(status: z.infer<typeof Status>, init: boolean): ContainerView {
  const { name, restartCount, containerID, state } = status;
  return defined({ name, init, restartCount, containerID, state: containerState(state) });
}

function containerState(state: z.infer<typeof State>): ContainerState {
  if (state?.terminated) {
    const { startedAt, ...rest } = state.terminated;
    return defined({ kind: "terminated", ...rest, startedAt: startedAt?.startsWith("1970") ? undefined : startedAt });
  }
  if (state?.running) return { kind: "running", startedAt: state.running.startedAt };
  return { kind: "waiting", reason: state?.waiting?.reason ?? "", message: state?.waiting?.message ?? "" };
}

function ours(annotations: Readonly<Record<string, string>>): Record<string, string> {
  return Object.fromEntries(Object.entries(annotations).filter(([key]) => key.startsWith(LABEL_PREFIX)));
}

function containerOf(view: PodView, name: string): ContainerView | undefined {
  return view.containers.find((container) => container.name === name && !container.init);
}

/** The container that is the task, where the kubelet has said something of it. */
/** Every container has ended; none can start again (restartPolicy is Never). */
export function hasEnded({ containers }: PodView): boolean {
  return containers.length > 0 && containers.every(({ state }) => state.kind === "terminated");
}

export function mainOf(view: PodView): ContainerView | undefined {
  return containerOf(view, view.main);
}

export function conditionOf(view: PodView, type: string): Condition | undefined {
  return view.conditions.find((condition) => condition.type === type);
}
