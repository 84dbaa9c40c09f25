import { expressions, plain, Section } from "./builder-section.ts";
import type { Expressions, Head, Outputs, Params, TaskFields, Template } from "./builder-words.ts";
import { RUN_FIELDS } from "./cel/environment.ts";
import type { Json, JsonObject } from "./json.ts";

export type { Group, Handle, Task } from "./builder-section.ts";
export type { Outputs, Params, TaskFields, Template } from "./builder-words.ts";

/**
 * DAGs in TypeScript. What is built is the model of the DAG file, as JSON; `lint` and `run` take it as they take YAML.
 * A task waits for handles of tasks that are already there, so no circle and no unknown task can be written.
 */
export function dag<const P extends Params>(name: string, head: Head<P> = {}): Dag<P> {
  return new Dag(name, head);
}

export class Dag<const P extends Params = Params> extends Section {
  readonly name: string;
  /** Expressions for the params of a run: only those that are declared. */
  readonly params: Expressions<P>;
  readonly #head: Head<P>;
  readonly #templates = new Map<string, JsonObject>();
  readonly #outputs = new Map<string, JsonObject>();

  constructor(name: string, head: Head<P>) {
    super("");
    this.name = name;
    this.#head = head;
    this.params = expressions(head.params, (param) => `params.${param}`);
  }

  /** Fields that lie under the tasks that `use` it; they see its own params as expressions. */
  template<const TP extends Params, const O extends Outputs = never>(
    name: string,
    params: TP,
    fields: (params: Expressions<TP>) => TaskFields<O>,
  ): Template<TP, O>;
  template(name: string, params: Params, fieldsOf: (params: Expressions<Params>) => TaskFields): Template {
    if (this.#templates.has(name)) throw new TypeError(`the DAG ${this.name} has two templates called ${name}`);
    const fields = fieldsOf(expressions(params, (param) => `params.${param}`));
    this.#templates.set(name, { params: plain(params), ...plain(fields) });
    return { template: name, params, outputs: fields.outputs ?? {} };
  }

  /** A value that the run gives in the end, and the JSON Schema it must fit. */
  output(name: string, value: Json, schema?: JsonObject): void {
    if (this.#outputs.has(name)) throw new TypeError(`the DAG ${this.name} has two outputs called ${name}`);
    this.#outputs.set(name, { value, ...(schema !== undefined && { schema }) });
  }

  /** The model, as the DAG file has it. */
  toJSON(): JsonObject {
    const [templates, outputs] = [this.#templates, this.#outputs];
    return {
      dag: this.name,
      ...plain(this.#head),
      ...(templates.size > 0 && { templates: Object.fromEntries(templates) }),
      ...this.members(),
      ...(outputs.size > 0 && { outputs: Object.fromEntries(outputs) }),
    };
  }
}

/** Expressions for the run itself; `state` and `failures` are known under the DAG's `finally` alone. */
export const run = expressions(RUN_FIELDS, (field) => `run.${field}`);

/** In a task with `forEach`: the element (of a map of lists one field of it), and its position. */
export const item = "${{ item }}";
export const index = "${{ index }}";
export function itemField(name: string): string {
  return `\${{ item.${name} }}`;
}

/** A condition over expressions and values: cel`${load.outputs.rows} > ${10}` is `tasks["load"].outputs.rows > 10`. */
export function cel(parts: TemplateStringsArray, ...values: readonly Json[]): string {
  return parts.map((part, at) => `${part}${at < values.length ? celOf(values[at] ?? null) : ""}`).join("");
}

/** The same as a value in a text or of a field: value`sum(${load.outputs.rows})` is `${{ sum(tasks["load"].outputs.rows) }}`. */
export function value(parts: TemplateStringsArray, ...values: readonly Json[]): string {
  return `\${{ ${cel(parts, ...values)} }}`;
}

function celOf(value: Json): string {
  const [, source] = typeof value === "string" ? (/^\$\{\{ (.*) \}\}$/s.exec(value) ?? []) : [];
  if (source === undefined) return JSON.stringify(value);
  return /^[\w.[\]"-]+$/.test(source) ? source : `(${source})`;
}
