import type { ASTNode } from "@marcbachmann/cel-js";
import { isJsonObject, type Json, type JsonObject } from "../json.ts";
import { childrenOf } from "./ast.ts";
import { AT_THE_END, DATES, environmentOf } from "./environment.ts";

/** What an expression names. */
export interface References {
  /** Its variables: `params`, `tasks`, `ds` … and those of its own macros. */
  readonly roots: ReadonlySet<string>;
  readonly tasks: ReadonlySet<string>;
  /** Tasks whose `items` it names, or may name. */
  readonly items: ReadonlySet<string>;
  /** Fields of `run`. */
  readonly run: ReadonlySet<string>;
  /** `tasks` stands there without the name of a task. */
  readonly vague: boolean;
}

/** @throws ParseError */
export function referencesOf(source: string): References {
  return referencesIn(environmentOf("task").parse(source).ast);
}

export function referencesIn(ast: ASTNode): References {
  const roots = new Set<string>();
  const tasks = new Set<string>();
  const items = new Set<string>();
  const run = new Set<string>();
  let vague = false;
  const visit = (node: ASTNode): void => {
    const named = taskIn(node);
    if (named !== undefined) {
      roots.add("tasks");
      tasks.add(named.task);
      if (named.field === undefined || named.field === "items") items.add(named.task);
      return;
    }
    const field = fieldOf("run", node);
    if (field !== undefined) run.add(field);
    if (node.op === "id") {
      roots.add(node.args);
      vague ||= node.args === "tasks";
    }
    for (const child of childrenOf(node)) visit(child);
  };
  visit(ast);
  return { roots, tasks, items, run, vague };
}

/** `tasks.x`, and the field of it where one is named: `tasks.x.state` */
function taskIn(node: ASTNode): { readonly task: string; readonly field?: string } | undefined {
  const whole = fieldOf("tasks", node);
  if (whole !== undefined) return { task: whole };
  if (node.op !== ".") return undefined;
  const task = fieldOf("tasks", node.args[0]);
  return task === undefined ? undefined : { task, field: node.args[1] };
}

/** `root.x`, `root["x"]` */
export function fieldOf(root: string, node: ASTNode): string | undefined {
  if (node.op === "." && isNamed(node.args[0], root)) return node.args[1];
  if (node.op !== "[]" || !isNamed(node.args[0], root)) return undefined;
  const [, name] = node.args;
  return name.op === "value" && typeof name.args === "string" ? name.args : undefined;
}

function isNamed(node: ASTNode, root: string): boolean {
  return node.op === "id" && node.args === root;
}

/** Whether it can be evaluated only right before an attempt: it names what was not known when the run started. */
export function isLate(references: References): boolean {
  const { roots } = references;
  return namesEnd(references) || LATE.some((root) => roots.has(root));
}

const LATE = ["tasks", "attempt", "previous", "item", "index"];

/** Whether it names the item of its task, or the item's position. */
export function namesItem({ roots }: References): boolean {
  return roots.has("item") || roots.has("index");
}

/** Whether it names what the run has come to. */
export function namesEnd({ run }: References): boolean {
  return [...run].some((field) => AT_THE_END.has(field));
}

/** Whether it names the run itself, which is not known while a DAG is only looked at. */
export function namesRun({ roots }: References): boolean {
  return roots.has("run") || Object.keys(DATES).some((name) => roots.has(name));
}

/** Of these variables those that an expression names: a list of thousands is not handed over for each of its elements. */
export function variablesOf(source: string, variables: JsonObject): JsonObject {
  const { roots, tasks, vague } = referencesOf(source);
  const named = Object.entries(variables).filter(([name]) => roots.has(name));
  return Object.fromEntries(
    named.map(([name, value]) => [name, name === "tasks" && !vague ? only(value, tasks) : value]),
  );
}

function only(value: Json, names: ReadonlySet<string>): Json {
  if (!isJsonObject(value)) return value;
  return Object.fromEntries(Object.entries(value).filter(([name]) => names.has(name)));
}
