import type { ASTNode } from "@marcbachmann/cel-js";
import { childrenOf } from "./ast.ts";
import { AT_THE_END, DATES, environmentOf } from "./environment.ts";

/** What an expression names. */
export interface References {
  /** Its variables: `params`, `tasks`, `ds` … and those of its own macros. */
  readonly roots: ReadonlySet<string>;
  readonly tasks: ReadonlySet<string>;
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
  const run = new Set<string>();
  let vague = false;
  const visit = (node: ASTNode): void => {
    const task = fieldOf("tasks", node);
    if (task !== undefined) {
      roots.add("tasks");
      tasks.add(task);
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
  return { roots, tasks, run, vague };
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
  return namesEnd(references) || roots.has("tasks") || roots.has("attempt") || roots.has("previous");
}

/** Whether it names what the run has come to. */
export function namesEnd({ run }: References): boolean {
  return [...run].some((field) => AT_THE_END.has(field));
}

/** Whether it names the run itself, which is not known while a DAG is only looked at. */
export function namesRun({ roots }: References): boolean {
  return roots.has("run") || Object.keys(DATES).some((name) => roots.has(name));
}
