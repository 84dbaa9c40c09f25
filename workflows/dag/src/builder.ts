import { expressions } from "./builder-expressions.ts";
import { plain, Section } from "./builder-section.ts";
import type { Expressions, Head, None, Outputs, Params, TaskFields, Template } from "./builder-words.ts";
import type { Json, JsonObject } from "./json.ts";

export {
  attempt,
  cel,
  data_interval_end,
  data_interval_start,
  ds,
  ds_nodash,
  event,
  index,
  item,
  itemField,
  logical_date,
  outcome,
  previous,
  run,
  ts,
  value,
} from "./builder-expressions.ts";
export type { Group, Handle, Task } from "./builder-section.ts";
export type { Expression, Outputs, Params, TaskFields, Template } from "./builder-words.ts";

/**
 * DAGs in TypeScript. What is built is the model of the DAG file, as JSON; `lint` and `run` take it as they take YAML.
 * A task waits for handles of tasks that are already there, so no circle and no unknown task can be written.
 */
export function dag<const P extends Params = None, const D extends Outputs = None>(
  name: string,
  head: Head<P, D> = {},
): Dag<P, D> {
  return new Dag(name, head);
}

export class Dag<const P extends Params = Params, const D extends Outputs = Outputs> extends Section<D> {
  readonly name: string;
  /** Expressions for the params of a run: only those that are declared. */
  readonly params: Expressions<P>;
  readonly #head: Head<P, D>;
  readonly #templates = new Map<string, JsonObject>();
  readonly #outputs = new Map<string, JsonObject>();

  constructor(name: string, head: Head<P, D>) {
    super("", head.defaults?.outputs ?? {});
    this.name = name;
    this.#head = head;
    this.params = expressions(head.params, (param) => `params.${param}`);
  }

  /** Fields that lie under the tasks that `use` it; they see its own params as expressions. */
  template<const TP extends Params, const O extends Outputs = None>(
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
