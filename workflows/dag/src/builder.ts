import type { Container, EnvVar, EnvVarSource, PodSpec } from "kubernetes-types/core/v1.js";
import type { Cleanup } from "./cleanup.ts";
import type { Json, JsonObject } from "./json.ts";
import type { EdgeState, Rule } from "./rules.ts";
import type { OutputSource } from "./task-spec.ts";

/**
 * DAGs in TypeScript. What is built is the model of the DAG file, as JSON; `lint` and `run` take it as they take YAML.
 * A task waits for handles of tasks that are already there, so no circle and no unknown task can be written.
 */
export function dag<const P extends Params>(name: string, head: Head<P> = {}): Dag<P> {
  return new Dag(name, head);
}

/** Name → default, or JSON Schema. */
export type Params = Readonly<Record<string, Json>>;

/** Name → default, or JSON Schema and `from`. */
export type Outputs = Readonly<Record<string, Json | Readonly<{ from: OutputSource }>>>;

/** Expressions by name; each is text that a run replaces by its value. */
type Expressions<T> = { readonly [K in keyof T]: string };

/** `30s`, `5m`, `1h30m`, `7d`. */
type Duration = string;

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
}

/** `rule` judges a list; a map says for each edge what it accepts. */
type States = ReadonlyMap<Task, EdgeState | readonly EdgeState[]>;
type Edges =
  | { readonly after?: Task | readonly Task[]; readonly rule?: Rule }
  | { readonly after: States; readonly rule?: never };

/** `if`: CEL, without `${{ }}`. */
type GraphWords = Edges & { readonly if?: string };
type PodWords<O extends Outputs> = TaskFields<O> & GraphWords & { readonly noop?: never };
type NoopWords = GraphWords & { readonly noop: Readonly<Record<string, never>> };

interface Head<P extends Params> {
  readonly description?: string;
  readonly owner?: string;
  readonly metadata?: Labels;
  readonly schedule?: string | JsonObject;
  readonly params?: P;
  readonly defaults?: TaskFields;
  readonly timeout?: Duration;
  readonly parallelism?: number;
  readonly failFast?: boolean;
}

/** A task that is there: what others wait for, and whose outputs they name. */
export class Task<O extends Outputs = Outputs> {
  readonly name: string;
  /** Expressions for what the task hands on: only what it declares. */
  readonly outputs: Expressions<O>;
  readonly #owner: Dag;

  constructor(name: string, declared: O, owner: Dag) {
    this.name = name;
    this.#owner = owner;
    this.outputs = expressions(declared, (output) => `tasks[${JSON.stringify(name)}].outputs.${output}`);
  }

  isOf(owner: Dag): boolean {
    return this.#owner === owner;
  }
}

export class Dag<const P extends Params = Params> {
  readonly name: string;
  /** Expressions for the params of a run: only those that are declared. */
  readonly params: Expressions<P>;
  readonly #head: Head<P>;
  readonly #sections = { tasks: new Map<string, JsonObject>(), finally: new Map<string, JsonObject>() };

  constructor(name: string, head: Head<P>) {
    this.name = name;
    this.#head = head;
    this.params = expressions(head.params, (param) => `params.${param}`);
  }

  task<const O extends Outputs = never>(name: string, words: PodWords<O> | NoopWords): Task<O>;
  task(name: string, words: PodWords<Outputs> | NoopWords): Task {
    return this.#add("tasks", name, words);
  }

  /** A task that runs when all others are done, whatever happened. */
  finally<const O extends Outputs = never>(name: string, words: PodWords<O> | NoopWords): Task<O>;
  finally(name: string, words: PodWords<Outputs> | NoopWords): Task {
    return this.#add("finally", name, words);
  }

  /** The model, as the DAG file has it. */
  toJSON(): JsonObject {
    const { tasks, finally: last } = this.#sections;
    const ending = last.size === 0 ? {} : { finally: Object.fromEntries(last) };
    return { dag: this.name, ...plain(this.#head), tasks: Object.fromEntries(tasks), ...ending };
  }

  #add(section: "tasks" | "finally", name: string, words: PodWords<Outputs> | NoopWords): Task {
    const { tasks, finally: last } = this.#sections;
    if (tasks.has(name) || last.has(name)) throw new TypeError(`the DAG ${this.name} has two tasks called ${name}`);
    const { after, ...rest } = words;
    const edges = after === undefined ? {} : { after: this.#edges(name, after) };
    this.#sections[section].set(name, { ...plain(rest), ...edges });
    return new Task(name, "outputs" in words ? (words.outputs ?? {}) : {}, this);
  }

  #edges(name: string, after: NonNullable<Edges["after"]>): Json {
    if (after instanceof Task) return [this.#known(name, after)];
    if (!isMap(after)) return after.map((task) => this.#known(name, task));
    return Object.fromEntries([...after].map(([task, states]) => [this.#known(name, task), states]));
  }

  #known(name: string, task: Task): string {
    if (task.isOf(this)) return task.name;
    throw new TypeError(`${name} waits for ${task.name}, which is a task of another DAG than ${this.name}`);
  }
}

function isMap(after: readonly Task[] | States): after is States {
  return after instanceof Map;
}

function expressions<T extends Readonly<Record<string, unknown>>>(
  declared: T | undefined,
  source: (name: string) => string,
): Expressions<T>;
function expressions(declared: Readonly<Record<string, unknown>> = {}, source: (name: string) => string) {
  return Object.fromEntries(Object.keys(declared).map((name) => [name, `\${{ ${source(name)} }}`]));
}

/** What JSON keeps of a value: `undefined` goes. */
function plain(value: object): JsonObject {
  const copy: JsonObject = JSON.parse(JSON.stringify(value));
  return copy;
}
