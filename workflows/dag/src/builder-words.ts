import type { Container, EnvVar, EnvVarSource, PodSpec } from "kubernetes-types/core/v1.js";
import "./builder-kubernetes.ts";
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

/** No names at all. */
// oxlint-disable-next-line typescript/no-generated-empty-object-type -- the empty map is what is meant
export type None = Readonly<Record<never, never>>;

/** Text that a run replaces by its value, whatever its type. */
export type Expression = `\${{ ${string} }}`;
export type Expressions<T> = { readonly [K in keyof T]: Expression };

/** A value as a layer says it: what it holds may be expressions, and `null` takes away what lies below. */
type Laid<T> =
  | Expression
  | (T extends readonly (infer E)[]
      ? readonly Laid<E>[]
      : T extends object
        ? { readonly [K in keyof T]: Laid<T[K]> | null }
        : T);
type LaidFields<T> = { readonly [K in keyof T]: Laid<T[K]> | null };

/** CEL without `${{ }}`; `cel` makes it of expressions. */
export type Condition = string | boolean;

/** `30s`, `5m`, `1h30m`, `7d`. */
export type Duration = `${number}${"d" | "h" | "m" | "s"}${string}`;

interface Labels {
  readonly labels?: Readonly<Record<string, string>>;
  readonly annotations?: Readonly<Record<string, string>>;
}

/** Ours are those of docs/reference/dag-file.md. */
interface Words {
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
        readonly if?: Condition;
        readonly disruptions?: number;
      };
  readonly timeout?: Duration | { readonly [K in "attempt" | "total" | "schedule" | "start"]?: Duration };
  readonly exitCodes?: { readonly skip?: readonly number[]; readonly fail?: readonly number[] };
  readonly cleanup?: Cleanup["when"] | { readonly when?: Cleanup["when"]; readonly after?: Duration };
  readonly pool?: string | { readonly name: string; readonly slots?: number };
  readonly mutex?: string;
  readonly priority?: (typeof PRIORITIES)[number];
}

/** Kubernetes' words are Kubernetes' types. */
type Fields = LaidFields<Omit<Partial<Container>, "name" | "env"> & Words>;
export type TaskFields<O extends Outputs = Outputs> = Fields & { readonly outputs?: O };

/** `rule` judges a list; a map says for each edge what it accepts. */
export type States = ReadonlyMap<Handle, EdgeState | readonly EdgeState[]>;
export type Edges =
  | { readonly after?: Handle | readonly Handle[]; readonly rule?: Rule }
  | { readonly after: States; readonly rule?: never };

export type GraphWords = Edges & { readonly if?: Condition };

/** A list, an expression that gives one, or such by name: every combination. */
interface Each {
  readonly forEach?: List | Readonly<Record<string, List>>;
  readonly key?: string;
  readonly parallelism?: number;
}
type List = readonly Json[] | Expression;

export type PodWords<O extends Outputs> = TaskFields<O> &
  GraphWords &
  Each & { readonly noop?: never; readonly use?: never };
/** Without a pod what it hands on is an expression's value. */
export type NoopWords<O extends Values> = GraphWords &
  Each & {
    readonly noop: None;
    readonly outputs?: O;
    readonly use?: never;
  };

type Whom = string | readonly string[];

/** A person's answer, or a time or message, is waited for without a pod; `timeout` bounds it. */
interface Hold {
  readonly timeout?: Duration | Expression;
  readonly use?: never;
}
export type ApproveWords = GraphWords &
  Hold & {
    readonly approve:
      | string
      | { readonly message: string; readonly options?: Whom; readonly assignees?: Whom; readonly default?: string };
  };
export type TimeWords = GraphWords &
  Hold & {
    readonly wait: Duration | Expression | { readonly for: Duration | Expression } | { readonly until: string };
  };
export type MessageWords = GraphWords &
  Hold & { readonly wait: { readonly event: { readonly subject: string; readonly if?: Condition } } };

/** What they hand on. */
export type Answer = Readonly<Record<"choice" | "by" | "note", Json>>;
export type Message = Readonly<Record<"subject" | "headers" | "data", Json>>;

/** Of a DAG and of a group. */
interface SectionWords<D extends Outputs> {
  readonly defaults?: TaskFields<D>;
  readonly parallelism?: number;
  readonly failFast?: boolean;
}
export type GroupWords<D extends Outputs> = GraphWords & SectionWords<D>;

/** When runs start; one of `every`, `cron`, `after` (a DAG's name) and `on` (a NATS subject). */
interface Schedule {
  readonly every?: Duration;
  readonly cron?: string | readonly string[];
  readonly after?: string;
  readonly on?: string;
  readonly timeZone?: string;
  readonly start?: string;
  readonly end?: string;
  readonly jitter?: Duration;
  readonly catchup?: "none" | "latest" | "all" | Duration;
  readonly overlap?: "skip" | "queue" | "replace" | "allow";
  readonly deadline?: Duration;
}

export interface Head<P extends Params, D extends Outputs> extends SectionWords<D> {
  readonly apiVersion?: "slipway.dev/v1";
  readonly description?: string;
  readonly owner?: string;
  readonly metadata?: Labels;
  readonly schedule?: string | Schedule;
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
type With<P extends Params> = None extends Given<P> ? { readonly with?: Given<P> } : { readonly with: Given<P> };
export type UseWords<P extends Params, T extends Outputs, O extends Outputs> = TaskFields<O> &
  GraphWords &
  Each &
  With<P> & { readonly use: Template<P, T>; readonly noop?: never };
