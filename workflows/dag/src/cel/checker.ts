import { type Environment, ParseError, TypeError as CelTypeError } from "@marcbachmann/cel-js";
import type { JsonObject } from "../json.ts";
import { FUNCTION_DOCS } from "./catalogue.ts";
import { braces, CALLED, type Complaint, EXPRESSION, near, overload, syntaxFix } from "./complaint.ts";
import { AT_THE_END, EVENT_FIELDS, ROOTS, RUN_FIELDS, taskEnvironment } from "./environment.ts";
import { type References, referencesIn } from "./references.ts";
import { celType } from "./schema-type.ts";
import { unknownState } from "./states.ts";

/** The names of one DAG: what its expressions may say, and the schemas that give them types. */
export interface Names {
  readonly params: Readonly<Record<string, JsonObject>>;
  /** Of each task its outputs. */
  readonly tasks: Readonly<Record<string, Readonly<Record<string, JsonObject>>>>;
  /** Tasks with `forEach`: each output is the list of its items'. */
  readonly spread?: ReadonlySet<string>;
}

/** The task in which an expression stands: of which others it may speak. Without one, of none. */
export interface Standpoint {
  readonly task?: string;
  readonly isAncestor: (task: string) => boolean;
  /** False: it is not evaluated for a try of a task, so it knows none. */
  readonly betweenTries?: boolean;
  /** All `tasks` of the DAG have ended before it is evaluated. */
  readonly ended?: boolean;
  /** Whether it is evaluated for one item of a `forEach`; `before`: that decides about the items, so there is none yet. */
  readonly item?: "known" | "before";
  /** It is evaluated for a message that came: it may name `event`. */
  readonly onMessage?: boolean;
}

export type Checked =
  | { readonly kind: "ok"; readonly references: References; readonly type: string }
  | { readonly kind: "wrong"; readonly complaint: Complaint };

/** Parses and type-checks the expressions of one DAG. Its environment is made once, at the first that is asked for. */
export class Checker {
  readonly #names: Names;
  readonly #environments = new Map<string, Environment>();

  constructor(names: Names) {
    this.#names = names;
  }

  check(source: string, from: Standpoint): Checked {
    if (source.length > EXPRESSION) return wrong({ what: `the expression is longer than ${EXPRESSION} characters` });
    const minus = this.#subtraction(source) ?? days(source);
    if (minus !== undefined) return wrong(minus);
    try {
      const parsed = this.#environment(from).parse(source);
      const references = referencesIn(parsed.ast);
      const stray = this.#stray(references, from);
      if (stray !== undefined) return wrong(stray);
      const tried = ["attempt", "previous"].find((name) => references.roots.has(name));
      if (tried !== undefined && from.betweenTries === false)
        return wrong({ what: `there is no \`${tried}\` here: it belongs to one try of a task` });
      const early = from.ended === true ? undefined : [...references.run].find((field) => AT_THE_END.has(field));
      if (early !== undefined) return wrong(tooEarly(early));
      const { valid, type = "dyn", error } = parsed.check();
      if (!valid) return wrong(this.#complaint(error, source, from));
      const state = unknownState(parsed.ast);
      return state === undefined ? { kind: "ok", references, type } : wrong(state);
    } catch (error) {
      return wrong(this.#complaint(error, source, from));
    }
  }

  /** One is kept for each of what only some may name. */
  #environment({ item, onMessage = false }: Standpoint): Environment {
    const key = `${item === "known"} ${onMessage}`;
    const known = this.#environments.get(key) ?? environmentFor(this.#names, item === "known", onMessage);
    this.#environments.set(key, known);
    return known;
  }

  /** A condition of a task: bare CEL that gives true or false, decided once, before the first try. */
  condition(source: string, from: Standpoint): Complaint | undefined {
    if (source.trim() === "") return { what: "the condition is empty", fix: 'write one: `tasks.a.state == "failed"`' };
    const braced = braces(source);
    if (braced !== undefined) return braced;
    const checked = this.check(source, { ...from, betweenTries: false });
    if (checked.kind === "wrong") return checked.complaint;
    if (checked.type === "bool" || checked.type === "dyn") return undefined;
    const what = `the condition gives ${CALLED.get(checked.type) ?? checked.type}, not true or false`;
    return { what, fix: 'compare it: `… == "x"`' };
  }

  /** `tasks.my-task.outputs.x` is `tasks.my - task.outputs.x` in CEL. */
  #subtraction(source: string): Complaint | undefined {
    for (const [shown, name = ""] of source.matchAll(/\btasks\.([A-Za-z]\w*(?:-\w+)+)/g)) {
      const known = Object.hasOwn(this.#names.tasks, name);
      if (!known && Object.hasOwn(this.#names.tasks, name.split("-", 1)[0] ?? "")) continue;
      const meant = { fix: `write \`tasks["${name}"]\``, ...(known && { instead: withBrackets(source, name) }) };
      return { what: `\`${shown}\` reads as a subtraction`, ...meant };
    }
    const param = /\bparams\.(\w+-[A-Za-z]\w*)/.exec(source)?.[1];
    const left = param?.split("-", 1)[0] ?? "";
    if (param === undefined || Object.hasOwn(this.#names.params, left)) return undefined;
    return { what: `\`params.${param}\` reads as a subtraction`, fix: "names of params have `_`, no `-`" };
  }

  /** Tasks that are not there, or that may not have ended when the expression is evaluated. */
  #stray({ tasks, vague }: References, { task: here, isAncestor }: Standpoint): Complaint | undefined {
    if (vague) return { what: "`tasks` needs the name of a task", fix: 'write `tasks.NAME` or `tasks["NAME"]`' };
    for (const task of tasks) {
      if (here === undefined)
        return { what: "no task can be named here", fix: "name it in the task itself, which then waits for it" };
      if (!Object.hasOwn(this.#names.tasks, task)) return this.#noTask(task);
      if (task === here) return { what: `the task \`${task}\` cannot name itself`, fix: "name a task it waits for" };
      if (!isAncestor(task))
        return { what: `\`${here}\` does not wait for \`${task}\``, fix: `add it: \`after: ${task}\`` };
    }
    return undefined;
  }

  #noTask(task: string): Complaint {
    return { what: `there is no task \`${task}\``, ...near(task, Object.keys(this.#names.tasks), said) };
  }

  #complaint(error: unknown, source: string, from: Standpoint): Complaint {
    if (!(error instanceof ParseError || error instanceof CelTypeError))
      return { what: "the expression cannot be read" };
    const { summary, range } = error;
    const word = range === undefined ? "" : source.slice(range.start, range.end);
    switch (error.code) {
      case "no_such_key":
        return this.#noField(word, source.slice(0, range?.start ?? 0));
      case "unknown_variable":
        return { what: `there is no \`${word}\` in expressions`, ...this.#variableFix(word, from) };
      case "no_such_overload":
        return { what: overload(summary), fix: "compare like with like; `string(x)` makes text of a number" };
      case "no_matching_overload":
        return noFunction(summary);
      case "incompatible_ternary_branches":
        return { what: "the two sides of `? :` are not of one type", fix: "make them one: `string(x)` makes text" };
      case "invalid_condition_type":
        return { what: "what stands before `?` is not true or false", fix: 'compare it: `x == "y" ? … : …`' };
      default:
        return { what: `\`${source}\` is not CEL: ${summary}`, ...syntaxFix(source, range?.start ?? 0) };
    }
  }

  /** `before`: what stands in front of the field. */
  #noField(word: string, before: string): Complaint {
    const [, task] = /tasks(?:\.(\w+)|\["[^"]*"\])?\.(?:outputs\.)?$/.exec(before) ?? [];
    if (/\bparams\.$/.test(before)) {
      const known = Object.keys(this.#names.params);
      const fix = { fix: `declare it: \`params: { ${word}: … }\`` };
      return {
        what: `the param \`${word}\` is not declared`,
        ...fix,
        ...near(word, known, (name) => `params.${name}`),
      };
    }
    if (/\brun\.$/.test(before)) return runField(word);
    const named = task ?? /tasks\["([^"]*)"\]/.exec(before)?.[1] ?? "";
    const outputs = Object.keys(this.#names.tasks[named] ?? {});
    if (before.endsWith(".outputs."))
      return { what: `the task \`${named}\` has no output \`${word}\``, ...outputFix(word, outputs, named) };
    return outputs.includes(word)
      ? { what: `a task has no field \`${word}\``, fix: `write \`outputs.${word}\`` }
      : { what: `there is no field \`${word}\` here`, fix: TASK_FIELDS };
  }

  #variableFix(word: string, { item }: Standpoint): Pick<Complaint, "fix"> {
    if (word === "item" || word === "index") return { fix: item === "before" ? NO_ITEM_YET : NO_ITEM };
    if (word === "event") return { fix: "it is known in `wait.event.if` alone" };
    if (word === "outcome") return { fix: "it is known in `retries.if` alone; `previous` is the attempt before" };
    if (Object.hasOwn(this.#names.params, word)) return { fix: `did you mean \`params.${word}\`?` };
    if (Object.hasOwn(this.#names.tasks, word)) return { fix: `did you mean \`tasks.${word}\`?` };
    const meant = near(word, ROOTS, said);
    return meant.fix === undefined ? { fix: `text stands in quotes: \`"${word}"\`` } : meant;
  }
}

function outputFix(word: string, outputs: readonly string[], task: string): Pick<Complaint, "fix"> {
  const meant = near(word, outputs, said);
  return meant.fix === undefined ? { fix: `declare it: \`tasks: { ${task}: { outputs: { ${word}: … } } }\`` } : meant;
}

/** By the quotes that the expression has no others of: it stands in YAML's. */
function withBrackets(source: string, task: string): string {
  const quote = source.includes("'") ? "'" : '"';
  return source.replaceAll(new RegExp(`\\btasks\\.${task}(?![\\w-])`, "g"), `tasks[${quote}${task}${quote}]`);
}

/** CEL's `duration` has no days, though the fields of a DAG have. */
function days(source: string): Complaint | undefined {
  const [shown, , count] = /\bduration\(\s*(["'])(\d+)d[^"']*\1\s*\)/.exec(source) ?? [];
  if (shown === undefined) return undefined;
  const what = `\`${shown}\` is none of CEL's durations, which have h, m, s and ms`;
  return { what, fix: `write \`duration("${Number(count) * 24}h")\`` };
}

/** Anywhere else other tasks may still run: what it gives would depend on who is faster. */
function tooEarly(field: string): Complaint {
  return {
    what: `\`run.${field}\` is known under the DAG's \`finally\` alone, when all \`tasks\` have ended`,
    fix: "move the task there, or name the tasks it waits for: `tasks.NAME.state`",
  };
}

function runField(word: string): Complaint {
  const known = Object.keys(RUN_FIELDS);
  const fix = { fix: `it has ${known.join(", ")}` };
  return { what: `\`run\` has no field \`${word}\``, ...fix, ...near(word, known, (name) => `run.${name}`) };
}

const TASK_FIELDS = "a task has `outputs` and `state`, and with `forEach` also `items`";
const NO_ITEM = "a task with `forEach` has `item` and `index`";
const NO_ITEM_YET = "it is decided once, before the items are there; leave items out of the list: `list.filter(x, …)`";

/** Of one item, as `tasks.x.items` shows it. */
const ITEM_FIELDS = { index: "int", key: "string", state: "string" } as const;

const OURS = FUNCTION_DOCS.map(({ name }) => name).filter((name) => name !== "string");
const FUNCTIONS = [...OURS, "size", "string", "int", "double", "has"];

function noFunction(summary: string): Complaint {
  const call = /'([^']*)'/.exec(summary)?.[1] ?? summary;
  const name = /(\w+)\(/.exec(call)?.[1] ?? "";
  const shown = call.replaceAll(/\b(string|int|double|null|list)\b(?!\()/g, (type) => CALLED.get(type) ?? type);
  const meant = FUNCTIONS.includes(name) ? {} : near(name, FUNCTIONS, (each) => `${each}()`);
  return {
    what: `there is no function \`${shown}\``,
    fix: `functions are CEL's and ${OURS.join(" ")}`,
    ...meant,
  };
}

function environmentFor(
  { params, tasks, spread = new Set() }: Names,
  withItem: boolean,
  onMessage: boolean,
): Environment {
  const environment = taskEnvironment().registerVariable("run", { schema: RUN_FIELDS });
  environment.registerVariable("params", { schema: typesOf(params) });
  if (withItem) environment.registerVariable("item", "dyn").registerVariable("index", "int");
  if (onMessage) environment.registerVariable("event", { schema: EVENT_FIELDS });
  environment.registerType("Item", { fields: ITEM_FIELDS });
  const fields = Object.entries(tasks).map(
    ([name, outputs]) =>
      [name, { outputs: typesOf(outputs), state: "string", ...(spread.has(name) && { items: "list<Item>" }) }] as const,
  );
  return environment.registerVariable("tasks", { schema: Object.fromEntries(fields) });
}

function typesOf(schemas: Readonly<Record<string, JsonObject>>): Record<string, string> {
  return Object.fromEntries(Object.entries(schemas).map(([name, schema]) => [name, celType(schema)]));
}

function said(name: string): string {
  return name;
}

function wrong(complaint: Complaint): Checked {
  return { kind: "wrong", complaint };
}
