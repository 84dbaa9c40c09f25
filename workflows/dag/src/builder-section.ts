import { expressions } from "./builder-expressions.ts";
import type {
  Answer,
  ApproveWords,
  Edges,
  Expression,
  Expressions,
  GraphWords,
  GroupWords,
  Message,
  MessageWords,
  None,
  NoopWords,
  Outputs,
  Params,
  PodWords,
  States,
  TimeWords,
  UseWords,
  Values,
} from "./builder-words.ts";
import type { Json, JsonObject } from "./json.ts";

/** What is there, and may be waited for by what stands beside it. */
export class Handle {
  readonly name: string;
  /** Expression for how it ended. */
  readonly state: Expression;
  readonly #owner: Section;

  /** `path`: its whole name, `group.child`. */
  constructor(path: string, owner: Section) {
    this.name = path.slice(path.lastIndexOf(".") + 1);
    this.state = `\${{ ${named(path)}.state }}`;
    this.#owner = owner;
  }

  isOf(owner: Section): boolean {
    return this.#owner === owner;
  }
}

/** A task, whose outputs those behind it name. */
export class Task<O extends Outputs = Outputs> extends Handle {
  /** Expressions for what the task hands on: only what it declares; of one with `forEach` each is a list. */
  readonly outputs: Expressions<O>;
  /** Expression for the items of one with `forEach`: each `index`, `key`, `state`. */
  readonly items: Expression;

  constructor(path: string, declared: O, owner: Section) {
    super(path, owner);
    this.outputs = expressions(declared, (output) => `${named(path)}.outputs.${output}`);
    this.items = `\${{ ${named(path)}.items }}`;
  }
}

function named(path: string): string {
  return `tasks[${JSON.stringify(path)}]`;
}

type Where = "tasks" | "finally";

/** The DAG, or a group: tasks that wait for each other. `D`: the outputs that its defaults give to every pod. */
export class Section<D extends Outputs = Outputs> {
  readonly #path: string;
  readonly #defaults: Outputs;
  readonly #members = { tasks: new Map<string, () => JsonObject>(), finally: new Map<string, () => JsonObject>() };

  constructor(path: string, defaults: Outputs) {
    this.#path = path;
    this.#defaults = defaults;
  }

  task<const O extends Outputs = None>(name: string, words: PodWords<O>): Task<D & O>;
  task<const O extends Values = None>(name: string, words: NoopWords<O>): Task<O>;
  task<P extends Params, T extends Outputs, const O extends Outputs = None>(
    name: string,
    words: UseWords<P, T, O>,
  ): Task<D & T & O>;
  task(name: string, words: ApproveWords): Task<Answer>;
  task(name: string, words: TimeWords): Task<None>;
  task(name: string, words: MessageWords): Task<Message>;
  task(name: string, words: Words): Task {
    return this.#add("tasks", name, words);
  }

  /** A task that runs when all others of the section are done, whatever happened. */
  finally<const O extends Outputs = None>(name: string, words: PodWords<O>): Task<D & O>;
  finally<const O extends Values = None>(name: string, words: NoopWords<O>): Task<O>;
  finally<P extends Params, T extends Outputs, const O extends Outputs = None>(
    name: string,
    words: UseWords<P, T, O>,
  ): Task<D & T & O>;
  finally(name: string, words: ApproveWords): Task<Answer>;
  finally(name: string, words: TimeWords): Task<None>;
  finally(name: string, words: MessageWords): Task<Message>;
  finally(name: string, words: Words): Task {
    return this.#add("finally", name, words);
  }

  /** A graph of its own, which is waited for as a whole. */
  group<const G extends Outputs = None>(name: string, words: GroupWords<G> = {}): Group<D & G> {
    return this.#group("tasks", name, words);
  }

  /** The same, beside the tasks of `finally`. */
  finallyGroup<const G extends Outputs = None>(name: string, words: GroupWords<G> = {}): Group<D & G> {
    return this.#group("finally", name, words);
  }

  /** `tasks` and `finally`, as the DAG file has them. */
  members(): JsonObject {
    const { tasks, finally: last } = this.#members;
    return { tasks: built(tasks), ...(last.size > 0 && { finally: built(last) }) };
  }

  #group<G extends Outputs>(where: Where, name: string, words: GroupWords<G>): Group<D & G> {
    const defaults = { ...this.#defaults, ...words.defaults?.outputs };
    const group = new Group<D & G>(this.#whole(name), this, defaults);
    const own = this.#graph(name, words);
    this.#put(where, name, () => ({ ...own, ...group.body() }));
    return group;
  }

  #add(where: Where, name: string, words: Words): Task {
    const { use, ...own } = words;
    const fields = { ...this.#graph(name, own), ...(use !== undefined && { use: use.template }) };
    this.#put(where, name, () => fields);
    return new Task(this.#whole(name), declaredBy(words, this.#defaults), this);
  }

  #put(where: Where, name: string, build: () => JsonObject): void {
    const { tasks, finally: last } = this.#members;
    // From inside, `tasks["group.x"]` would mean what stands nearer.
    if (this.#path.split(".").includes(name))
      throw new TypeError(
        `the group ${this.#path} holds a task called ${name}: expressions could not tell which is meant`,
      );
    const here = this.#path === "" ? "the DAG" : `the group ${this.#path}`;
    if (tasks.has(name) || last.has(name)) throw new TypeError(`${here} has two tasks called ${name}`);
    this.#members[where].set(name, build);
  }

  #graph(name: string, { after, ...rest }: GraphWords): JsonObject {
    return { ...plain(rest), ...(after !== undefined && { after: this.#edges(name, after) }) };
  }

  #edges(name: string, after: NonNullable<Edges["after"]>): Json {
    if (after instanceof Handle) return [this.#known(name, after)];
    if (!isMap(after)) return after.map((task) => this.#known(name, task));
    return Object.fromEntries([...after].map(([task, states]) => [this.#known(name, task), states]));
  }

  #known(name: string, task: Handle): string {
    if (task.isOf(this)) return task.name;
    throw new TypeError(`${name} waits for ${task.name}, which does not stand beside it`);
  }

  #whole(name: string): string {
    return this.#path === "" ? name : `${this.#path}.${name}`;
  }
}

type Words =
  | PodWords<Outputs>
  | NoopWords<Values>
  | UseWords<Params, Outputs, Outputs>
  | ApproveWords
  | TimeWords
  | MessageWords;

const ANSWER: Answer = { choice: "", by: "", note: "" };
const MESSAGE: Message = { subject: "", headers: {}, data: {} };

/** Names of what a task hands on; a pod also what lies under it. */
function declaredBy(words: Words, defaults: Outputs): Outputs {
  if ("approve" in words) return ANSWER;
  if ("wait" in words) return typeof words.wait === "object" && "event" in words.wait ? MESSAGE : {};
  return { ...(words.noop === undefined && { ...defaults, ...words.use?.outputs }), ...words.outputs };
}

/** A group: a task for those beside it, a section for those in it. */
export class Group<D extends Outputs = Outputs> extends Handle {
  readonly #path: string;
  readonly #inside: Section<D>;
  readonly #outputs = new Map<string, JsonObject>();
  readonly task: Section<D>["task"];
  readonly finally: Section<D>["finally"];
  readonly group: Section<D>["group"];
  readonly finallyGroup: Section<D>["finallyGroup"];

  constructor(path: string, owner: Section, defaults: Outputs) {
    super(path, owner);
    const inside = new Section<D>(path, defaults);
    this.#path = path;
    this.#inside = inside;
    this.task = inside.task.bind(inside);
    this.finally = inside.finally.bind(inside);
    this.group = inside.group.bind(inside);
    this.finallyGroup = inside.finallyGroup.bind(inside);
  }

  /** A value that the group hands on, over what stands in it; gives the expression for those who wait for the group. */
  output(name: string, value: Json, schema: JsonObject = {}): Expression {
    if (this.#outputs.has(name)) throw new TypeError(`the group ${this.#path} has two outputs called ${name}`);
    this.#outputs.set(name, { value, ...schema });
    return `\${{ ${named(this.#path)}.outputs.${name} }}`;
  }

  /** What stands in it, as the DAG file has it. */
  body(): JsonObject {
    const outputs = this.#outputs;
    return { ...this.#inside.members(), ...(outputs.size > 0 && { outputs: Object.fromEntries(outputs) }) };
  }
}

function built(members: ReadonlyMap<string, () => JsonObject>): JsonObject {
  return Object.fromEntries([...members].map(([name, build]) => [name, build()]));
}

function isMap(after: readonly Handle[] | States): after is States {
  return after instanceof Map;
}

/** What JSON keeps of a value: `undefined` goes. */
export function plain(value: object): JsonObject {
  const copy: JsonObject = JSON.parse(JSON.stringify(value));
  return copy;
}
