import type {
  Answer,
  AttemptRef,
  Chain,
  Change,
  CompiledDag,
  CompiledOutputs,
  Differing,
  ForEach,
  Given,
  Hold,
  HoldEnd,
  HoldTexts,
  Json,
  JsonObject,
  Keep,
  OutputsRef,
  Outcome,
  Rerun,
  RerunControl,
  PackedRun,
  Problem,
  Place,
  RetryWord,
  RunId,
  RunContext,
  SlipwayEvent,
  TaskSpec,
  TotalTime,
} from "@slipway/dag";
import type { RunRef } from "./carried.ts";
import type { PoolActivities, PoolLetter } from "./pool-ports.ts";

/**
 * What the workflows ask of activities. `runPod`, `releasePods` and `findLost` are served on the queue of the pods' cluster, what stands
 * here on the installation's.
 */
export interface InstallationActivities extends PoolActivities {
  /** Validates, resolves and compiles; stores the DAG by its content hash. Bad input fails with type `InvalidDag`, not retryable. */
  readonly prepareRun: (input: PrepareRunInput) => Promise<PreparedRun>;
  /** What other params make of a run's DAG; a problem is a value. */
  readonly changeParams: (input: ChangeParamsInput) => Promise<ChangedParams>;
  /** What is asked before tasks begin, each over its own variables, in order. At most 1 MB of JSON, and answers of as much. */
  readonly evaluate: (input: { readonly questions: readonly BeginQuestion[] }) => Promise<readonly Answer[]>;
  /** What an approval or a wait waits for, and from when: its texts have values from here on. */
  readonly openHold: (input: OpenHoldInput) => Promise<Opened>;
  /** The outputs of a run whose tasks have all ended. */
  readonly conclude: (input: ConcludeInput) => Promise<Conclusion>;
  /** What tasks without a pod hand on, each over its own variables, in order. At most 1 MB of JSON, and answers of as much. */
  readonly giveOutputs: (input: { readonly questions: readonly GiveInput[] }) => Promise<readonly Given[]>;
  /** One batch, in order. An event already there (same id) is not sent again. */
  readonly publishEvents: (input: { readonly events: readonly RunEvent[] }) => Promise<void>;
  /** Asks Temporal to cancel the run that asks: only so may it close as Cancelled. */
  readonly requestCancel: () => Promise<void>;
  /** Which of these activities of the asking run no worker has taken up. */
  readonly findUnwatched: (input: FindUnwatchedInput) => Promise<Unwatched>;
}

export interface ChangeParamsInput {
  readonly chain: Chain;
  /** The run's, as `PreparedRun` has it. */
  readonly logicalDate: string;
  /** Those that were set since the run was started. */
  readonly before: JsonObject;
  /** Those, and what is set now over them. */
  readonly after: JsonObject;
}

/** `differing`: the tasks that are others with these params. */
export type ChangedParams =
  | { readonly kind: "ok"; readonly compiled: CompiledDag; readonly differing: readonly Differing[] }
  | { readonly kind: "refused"; readonly problems: readonly Problem[] };

/** Served on a queue of its own: listening takes no place of what must go on. */
export interface MessageActivities {
  /** Listens until a message comes that `if` lets pass. Listening again after a worker's death, it does not see what came between. */
  readonly awaitMessage: (input: AwaitMessageInput) => Promise<HoldEnd>;
}

export interface OpenHoldInput {
  readonly texts: HoldTexts;
  /** What their expressions name; without it they have none. At most 64 KB of JSON. */
  readonly variables?: JsonObject;
  readonly timeoutMs?: number;
}

export type Opened =
  | { readonly kind: "open"; readonly hold: Hold }
  | { readonly kind: "broken"; readonly outcome: Outcome };

export interface AwaitMessageInput {
  readonly subject: string;
  /** CEL over these and `event`. */
  readonly if?: string;
  readonly variables: JsonObject;
  /** Sent once it listens: whoever waits for it may publish then. */
  readonly event: RunEvent;
}

export interface ConcludeInput {
  readonly declared: CompiledOutputs["declared"];
  /** What their expressions name; of the run at most 64 KB of JSON. */
  readonly variables: JsonObject;
}

/** `ref`, `room`: as an attempt has them; its number is the pass of the unit. */
export interface GiveInput extends ConcludeInput {
  readonly ref?: OutputsRef;
  readonly room?: number;
}

export type Conclusion = Given;

/** A task's `if`, and where that is true its list; a task asks for one of them at least. */
export interface BeginQuestion {
  readonly if?: string;
  readonly forEach?: Pick<ForEach, "list" | "key">;
  readonly variables: JsonObject;
}

export interface FindUnwatchedInput {
  readonly taskQueue: string;
  readonly activityIds: readonly string[];
}

export interface Unwatched {
  readonly activityIds: readonly string[];
  /** For people: which queue, and what to do. */
  readonly reason: string;
}

export interface PodActivities {
  /** Create or adopt → watch → logs and status to NATS → outcome. Returns as soon as the container's status gives it. */
  readonly runPod: (input: RunPodInput) => Promise<AttemptResult>;
  /** Ends what still runs, reads each log to its END, deletes. Resolves when nothing of these attempts can run. ≤ 100 attempts. */
  readonly releasePods: (input: ReleasePodsInput) => Promise<void>;
}

/** Served on the queue of the pods' cluster too. */
export interface ReaperActivities {
  /** One pass over the cluster's pods: lets go of those that nobody waits for. */
  readonly reapPods: () => Promise<Reaped>;
}

/** What one pass of the reaper did. */
export interface Reaped {
  /** Pods old enough to be looked at. */
  readonly looked: number;
  readonly released: number;
  readonly failed: number;
}

/** What the schedule of a cluster's reaper starts `reapPods` with. */
export interface ReapInput {
  readonly installation: string;
  readonly cluster: string;
}

/** An event of the workflow: it has no clock, so where it gives no time the publisher stamps its own. */
export type RunEvent = Omit<SlipwayEvent, "time"> & { readonly time?: string };

export interface PrepareRunInput {
  readonly workflowType: "runDag" | "runPod";
  /** The workflow's argument as it came: nothing about it is known yet. */
  readonly input: Json;
  readonly chain: Chain;
  /** RFC 3339 in UTC: when the workflow was started. */
  readonly startTime: string;
}

export interface PreparedRun {
  readonly installation: string;
  readonly cluster: string;
  readonly run: RunId;
  readonly compiled: CompiledDag;
  /** Where params were set: what tasks keep that had begun (`Plan`). */
  readonly earlier?: readonly CompiledDag[];
  /** RFC 3339 in UTC, whole seconds: what the dates in expressions are made of. */
  readonly logicalDate: string;
  /** What expressions see as `run.url` and `run.store`. */
  readonly pages: Pick<RunContext, "url" | "store">;
  /** False where the search attributes could not be registered: an unregistered one would hang the run. */
  readonly searchAttributes: boolean;
  /** Others of its DAG are active, as many as may: it waits. Without a place the pool has not answered yet. */
  readonly queued?: { readonly place?: Place };
  /** Events of one Temporal history after which the run continues as new. */
  readonly historyEvents: number;
  /** It goes on where a closed run ended; gone once it has begun. */
  readonly rerun?: Rerun;
}

export interface RunPodInput {
  readonly ref: AttemptRef;
  /** Continue-as-new hops before this one. */
  readonly hop: number;
  readonly spec: TaskSpec;
  /** What the expressions that are left in `spec` name; without it none is left. At most 64 KB of JSON. */
  readonly variables?: JsonObject;
  /** Bytes of its outputs that the state takes; the rest goes to the object store. Absent where the task has none. */
  readonly room?: number;
  /** When the pod of the task's first attempt was made (milliseconds since 1970); absent in the first, and without timeout.total. */
  readonly since?: number;
}

export interface AttemptResult {
  readonly outcome: Outcome;
  /** By name, those that fit their schemas; at most 256 KB, or a reference (`Stored`) in the place of one. */
  readonly outputs?: JsonObject;
  /** Where the task has a timeout.total and a pod. */
  readonly total?: TotalTime;
  /** The word of `retries.if`, where the task has one and it is not "try again". */
  readonly retry?: RetryWord;
  /** Absent where no pod was ever made (the API server refused it). */
  readonly pod?: { readonly namespace: string; readonly name: string; readonly uid: string; readonly node?: string };
}

export interface ReleasePodsInput {
  readonly hop: number;
  readonly attempts: readonly Release[];
}

/** One attempt to let go of: enough to find its pod by name. */
export interface Release {
  readonly ref: AttemptRef;
  /** The installation's namespace where absent. */
  readonly namespace?: string;
  /** How long the pod stays after its end (what still runs is ended all the same); not at all where absent. */
  readonly keep?: Keep;
  /** Its end was asked for, and its watcher may have died before it could tell that. */
  readonly cancelled?: true;
}

/** What one hop of a run hands to the next: plain JSON, ≤ 1.8 MB (a continue-as-new above 2 MB would terminate the run). */
export interface Carried {
  readonly prepared: PreparedRun;
  /** Of the hop that is handed this: 1 is the first after the start. */
  readonly hop: number;
  /** When the run began (milliseconds since 1970, by Temporal's clock); absent where it begins in this hop: it was queued before. */
  readonly begunMs?: number;
  readonly state: PackedRun;
  /** Attempts that are over for the state, whose release nobody has confirmed. */
  readonly releases: readonly Bare<Release>[];
  /** Attempts that we ended, released before their end is told to the state (their pods might still run). */
  readonly ending: readonly Ending[];
  /** Events that nobody has confirmed; one published twice has the same id. */
  readonly events: readonly Bare<RunEvent>[];
  /** Letters to pools that nobody has confirmed; pools know one that comes twice. */
  readonly letters: readonly PoolLetter[];
}

/** With a ref that leaves out what the run says. */
type Bare<Whole extends { readonly ref: object }> = Omit<Whole, "ref"> & {
  readonly ref: Omit<Whole["ref"], keyof RunRef>;
};

export interface Ending {
  readonly release: Release;
  readonly change: Extract<Change, { kind: "ended" }>;
}

/** What a run is started with: `runDag({ dag, params? })`. */
/** `rerun`: it goes on where a closed run of the same DAG and params ended, with that run's date. */
export interface RunDagInput {
  readonly dag: JsonObject;
  readonly params?: JsonObject;
  readonly rerun?: RerunInput;
}

export interface RerunInput {
  /** The closed run's workflow id. */
  readonly of: string;
  /** RFC 3339. */
  readonly logicalDate: string;
  /** `retry` or `clear`, and the fields of that control. */
  readonly control: JsonObject & { readonly kind: RerunControl["kind"] };
}

/** `runPod({ name?, task, params? })`: runDag's code on one task. */
export interface RunPodWorkflowInput {
  readonly name?: string;
  readonly task: JsonObject;
  readonly params?: JsonObject;
  readonly rerun?: RerunInput;
}

export type { RunReport, TaskReport } from "@slipway/dag";
export type * from "./pool-ports.ts";
