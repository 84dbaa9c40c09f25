import type { Container, EnvVar, EnvVarSource, PodSpec } from "kubernetes-types/core/v1.js";
import type { Handle } from "./builder-section.ts";
import type { Cleanup } from "./cleanup.ts";
import type { Json, JsonObject } from "./json.ts";
import type { PRIORITIES } from "./pool/priority.ts";
import type { EdgeState, Rule } from "./rules.ts";
import type { OutputSource } from "./task-spec.ts";

/** Name → default, or JSON Schema. */
export type Params = Readonly<Record<string, Json>>;

/** Name → default, or JSON Schema and `from`. */
export type Outputs = Readonly<Record<string, Json | Readonly<{ from: OutputSource }>>>;

/** Name → value, and the keywords of JSON Schema that it must fit. */
export type Values = Readonly<Record<string, Readonly<{ value: Json; [keyword: string]: Json }>>>;

/** Expressions by name; each is text that a run replaces by its value. */
export type Expressions<T> = { readonly [K in keyof T]: string };

/** `30s`, `5m`, `1h30m`, `7d`. */
export type Duration = string;

interface Labels {
  readonly labels?: Readonly<Record<string, string>>;
  readonly annotations?: Readonly<Record<string, string>>;
}

/** Kubernetes' words are Kubernetes' types; ours are those of docs/reference/dag-file.md. */
export interface TaskFields<O extends Outputs = Outputs> extends Omit<Partial<Container>, "name" | "env"> {
  readonly env?: readonly EnvVar[] | Readonly<Record<string, string | EnvVarSource>>;
  readonly pod?: Partial<PodSpec>;
  readonly mainContainer?: string;
  readonly metadata?: Labels;
  readonly namespace?: string;
  readonly retries?:
    | number
    | {
        readonly limit?: number;
        readonly delay?: Duration;
        readonly factor?: number;
        readonly maxDelay?: Duration;
        readonly if?: string;
        readonly disruptions?: number;
      };
  readonly timeout?: Duration | { readonly [K in "attempt" | "total" | "schedule" | "start"]?: Duration };
  readonly exitCodes?: { readonly skip?: readonly number[]; readonly fail?: readonly number[] };
  readonly cleanup?: Cleanup["when"] | { readonly when?: Cleanup["when"]; readonly after?: Duration };
  readonly outputs?: O;
  readonly pool?: string | { readonly name: string; readonly slots?: number };
  readonly mutex?: string;
  readonly priority?: (typeof PRIORITIES)[number];
}

/** `rule` judges a list; a map says for each edge what it accepts. */
export type States = ReadonlyMap<Handle, EdgeState | readonly EdgeState[]>;
export type Edges =
  | { readonly after?: Handle | readonly Handle[]; readonly rule?: Rule }
  | { readonly after: States; readonly rule?: never };

/** `if`: CEL, without `${{ }}`; `cel` makes one of expressions. */
export type GraphWords = Edges & { readonly if?: string };

/** A list, an expression that gives one, or such by name: every combination. */
interface Each {
  readonly forEach?: readonly Json[] | string | Readonly<Record<string, readonly Json[] | string>>;
  readonly key?: string;
  readonly parallelism?: number;
}
export type PodWords<O extends Outputs> = TaskFields<O> &
  GraphWords &
  Each & { readonly noop?: never; readonly use?: never };
/** Without a pod what it hands on is an expression's value. */
export type NoopWords<O extends Values> = GraphWords &
  Each & {
    readonly noop: Readonly<Record<string, never>>;
    readonly outputs?: O;
    readonly use?: never;
  };

type Whom = string | readonly string[];

/** A person's answer, or a time or message, is waited for without a pod; `timeout` bounds it. */
export type ApproveWords = GraphWords & {
  readonly approve:
    | string
    | { readonly message: string; readonly options?: Whom; readonly assignees?: Whom; readonly default?: string };
  readonly timeout?: Duration;
  readonly use?: never;
};
export type WaitWords = GraphWords & {
  readonly wait:
    | Duration
    | { readonly for: Duration }
    | { readonly until: string }
    | { readonly event: { readonly subject: string; readonly if?: string } };
  readonly timeout?: Duration;
  readonly use?: never;
};

/** What they hand on. */
export type Answer = Readonly<Record<"choice" | "by" | "note", Json>>;
export type Message = Readonly<Record<"subject" | "headers" | "data", Json>>;

/** Of a DAG and of a group. */
interface SectionWords {
  readonly defaults?: TaskFields;
  readonly parallelism?: number;
  readonly failFast?: boolean;
}
export type GroupWords = GraphWords & SectionWords;

export interface Head<P extends Params> extends SectionWords {
  readonly description?: string;
  readonly owner?: string;
  readonly metadata?: Labels;
  readonly schedule?: string | JsonObject;
  readonly params?: P;
  readonly timeout?: Duration;
  readonly maxActiveRuns?: number;
}

/** Fields that lie under every task that uses it. */
export interface Template<P extends Params = Params, O extends Outputs = Outputs> {
  readonly template: string;
  readonly params: P;
  readonly outputs: O;
}

/** A declaration without a default must be given. */
type Needed<P> = {
  readonly [K in keyof P as P[K] extends JsonObject ? (P[K] extends { default: Json } ? never : K) : never]: Json;
};
type Given<P extends Params> = Needed<P> & { readonly [K in keyof P]?: Json };
export type UseWords<P extends Params, O extends Outputs> = Omit<TaskFields<O>, "outputs"> &
  GraphWords &
  Each & { readonly use: Template<P, O>; readonly with: Given<P>; readonly noop?: never };
