import type { CompiledApproval, CompiledWait } from "./compiled-hold.ts";
import type { DagName, TaskName } from "./ids.ts";
import type { Json, JsonObject } from "./json.ts";
import type { Gate } from "./rules.ts";

/**
 * A DAG checked and made ready to run: short forms expanded, params resolved, expressions replaced.
 * Made by the activity `prepareRun`, carried by the workflow (≤ 1 MB of JSON), never built in workflow code.
 * `defaults` stays apart: it is laid under a task only when the task starts (see `taskSpec`).
 */
export interface CompiledDag extends SectionWords {
  readonly dag: DagName;
  /** sha256 (hex) of the canonical JSON of the document, before params. */
  readonly version: string;
  readonly description?: string;
  readonly owner?: string;
  readonly metadata?: {
    readonly labels?: Readonly<Record<string, string>>;
    readonly annotations?: Readonly<Record<string, string>>;
  };
  readonly params: JsonObject;
  readonly defaults: SpecFields;
  /** The whole run's, in milliseconds. */
  readonly timeoutMs?: number;
  /** Runs of this DAG at once. */
  readonly maxActiveRuns?: number;
  /** The run's result. */
  readonly outputs?: CompiledOutputs;
  /** In the order they were written; what stands under `finally`, behind the others. */
  readonly tasks: readonly CompiledTask[];
}

export type CompiledTask = InGraph &
  (
    | ({ readonly kind: "noop" } & Gives)
    | ({ readonly kind: "approve"; readonly approve: CompiledApproval } & HoldFields)
    | ({ readonly kind: "wait"; readonly wait: CompiledWait } & HoldFields)
    /** `defaults`: laid under what is in it, over those around it. */
    | ({ readonly kind: "group"; readonly defaults?: SpecFields } & SectionWords & Gives)
    | {
        readonly kind: "pod";
        /** What `use` lays under the task, its params in place. */
        readonly template?: { readonly name: string; readonly spec: SpecFields };
        readonly spec: SpecFields;
        readonly needs?: Needs;
      }
  );

interface HoldFields {
  /** How long it is waited, in milliseconds; without end where absent. */
  readonly timeoutMs?: number;
  readonly needs?: Needs;
}

/** What a task without a pod hands on, evaluated once it has come to its end; of a group over what stands in it. */
interface Gives {
  readonly outputs?: CompiledOutputs;
}

interface InGraph {
  readonly name: TaskName;
  readonly after: readonly TaskName[];
  /** `all_success` where absent. */
  readonly gate?: Gate;
  /** CEL, asked once its gate lets it begin. */
  readonly if?: { readonly source: string; readonly needs: Needs };
  /** The list it runs over, made once its `if` is true. */
  readonly forEach?: ForEach;
  /** The group it stands in. */
  readonly group?: TaskName;
  /** It stands under `finally`. */
  readonly final?: true;
}

/**
 * `list`: one list, or a map from name to list, in which any may be an expression; `key`: what an item is called. Their texts are
 * templates. `needs`: of both, and of the task's `if`, which is asked with them.
 */
export interface ForEach {
  readonly list: Json;
  readonly key?: string;
  /** Attempts of its items at once. */
  readonly parallelism?: number;
  readonly needs: Needs;
}

/** What the DAG and a group may say of their tasks as a whole. */
export interface SectionWords {
  readonly failFast?: boolean;
  readonly parallelism?: number;
}

/**
 * What the expressions that are left in a task name, which is evaluated right before each attempt. Its texts, and those of
 * `defaults`, are templates: a literal `${{` is written `$${{`.
 */
export interface Needs {
  /** Ancestors. */
  readonly tasks: readonly TaskName[];
  /** Of them those whose `items` are named. */
  readonly items?: readonly TaskName[];
  /** The item, or its position, is named. */
  readonly item?: true;
  /** In a group: whom a name means that is not whole. */
  readonly called?: Readonly<Record<string, TaskName>>;
  /** Those of its template; the DAG's are there too. Absent where no param is named. */
  readonly params?: JsonObject;
  /** `run.state` or `run.failures` is named. */
  readonly end?: true;
}

/** Evaluated once what they are of has succeeded: the run, a group, a task. Their texts are templates. */
export interface CompiledOutputs {
  readonly declared: Readonly<Record<string, { readonly value: Json; readonly schema: JsonObject }>>;
  readonly needs: Needs;
}

/**
 * The fields of a TaskSpec that one layer (defaults, template, task) gives. `null`, here or deeper, removes what a lower layer set.
 * `retries` holds limit, delayMs, factor, maxDelayMs, disruptions; `timeout` attemptMs, scheduleMs, startMs; `cleanup` when,
 * afterMs (milliseconds).
 */
export interface SpecFields {
  readonly container?: JsonObject;
  readonly pod?: JsonObject | null;
  readonly metadata?: JsonObject | null;
  readonly namespace?: string | null;
  readonly mainContainer?: string | null;
  readonly retries?: JsonObject | null;
  readonly timeout?: JsonObject | null;
  readonly exitCodes?: JsonObject | null;
  readonly cleanup?: JsonObject | null;
  readonly pool?: JsonObject | null;
  readonly mutex?: string | null;
  readonly priority?: string | null;
  /** Name → JSON Schema and, beside it, `from` or `value`. One of an upper layer replaces the whole one below; `null` removes it. */
  readonly outputs?: JsonObject | null;
}
