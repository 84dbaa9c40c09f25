import type { Cleanup } from "./cleanup.ts";
import type { CompiledOutputs } from "./compiled.ts";
import type { JsonObject } from "./json.ts";

/**
 * A pod task with its defaults merged in and its expressions replaced: what one attempt needs.
 * At most 64 KB of JSON. Kubernetes words are verbatim.
 */
export interface TaskSpec {
  /** core/v1 Container, without `name`; `env` is in Kubernetes' list form. `image` is always there. */
  readonly container: JsonObject;
  /** core/v1 PodSpec to lay the container into (strategic merge); `restartPolicy` only Never. */
  readonly pod?: JsonObject;
  readonly metadata?: {
    readonly labels?: Readonly<Record<string, string>>;
    readonly annotations?: Readonly<Record<string, string>>;
  };
  /** The installation's namespace where absent. */
  readonly namespace?: string;
  /** Which container of the pod is the task: `container` is laid into it. `main` where absent. */
  readonly mainContainer?: string;
  /** What the task hands on, by name; none where absent. */
  readonly outputs?: Readonly<Record<string, OutputSpec>>;
  /** What it hands on besides, by name: values that are evaluated once it has succeeded. Their texts are templates. */
  readonly values?: CompiledOutputs["declared"];
  readonly retries: Retries;
  readonly timeout: Timeouts;
  /** The pod is deleted as soon as it is over where absent. */
  readonly cleanup?: Cleanup;
}

export interface Retries {
  /** Tries = limit + 1. */
  readonly limit: number;
  /** Milliseconds before the next try; 0-20 % deterministic jitter is added. */
  readonly delayMs: number;
  /** Each further delay is this many times the one before, up to `maxDelayMs` (which never shortens `delayMs` itself). */
  readonly factor: number;
  readonly maxDelayMs: number;
  /** The second budget: lost after it may have started (evicted, preempted, node gone …). */
  readonly disruptions: number;
  /** CEL over `outcome`: whether a failure that `limit` counts is tried again; every one where absent. */
  readonly if?: string;
}

/**
 * Where an output comes from: `message`, its field of the JSON object written to `$SLIPWAY_OUTPUTS` (the container's
 * termination message); `stdout`, all that the container printed; `lastLine`, its last line that is not empty.
 */
export const OUTPUT_SOURCES = ["message", "stdout", "lastLine"] as const;
export type OutputSource = (typeof OUTPUT_SOURCES)[number];

export interface OutputSpec {
  readonly from: OutputSource;
  /** JSON Schema (`checkSchema` has passed it), its `default` included. */
  readonly schema: JsonObject;
}

/**
 * What the main container's own exit code says beyond success and failure (dag-format.md §2). `skip`: the task is skipped;
 * `fail`: it failed and is not tried again; any other is `retries`' business. 1-255.
 */
export interface ExitCodes {
  readonly skip: readonly number[];
  readonly fail: readonly number[];
}

/** Milliseconds. Kubernetes' own fields keep Kubernetes' units. */
export interface Timeouts {
  /** Running time of one try; none where absent. */
  readonly attemptMs?: number;
  /** From the first try's pod on: all tries, with the delays between them; none where absent. */
  readonly totalMs?: number;
  /** Pod created to node bound. Default 1 h. */
  readonly scheduleMs: number;
  /** Node bound to main started. Default 30 min. */
  readonly startMs: number;
}
