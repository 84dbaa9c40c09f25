import type { ASTNode } from "@marcbachmann/cel-js";
import { childrenOf } from "./ast.ts";
import { environmentOf } from "./environment.ts";

/** Which outputs of tasks an expression may look at: by task, their names, or "all" where it takes them as a whole. */
export type NamedOutputs = ReadonlyMap<string, ReadonlySet<string> | "all">;

/** @throws ParseError */
export function namedOutputs(source: string): NamedOutputs {
  const named = new Map<string, Set<string> | "all">();
  const add = (task: string, output: string | undefined): void => {
    const before = named.get(task) ?? new Set<string>();
    if (output === undefined || before === "all") named.set(task, "all");
    else named.set(task, before.add(output));
  };
  const visit = (node: ASTNode): void => {
    const output = field(node);
    const outputs = output && field(output.of);
    const task = outputs?.name === "outputs" ? taskNamed(outputs.of) : undefined;
    if (task !== undefined) return add(task, output?.name);
    const ofTask = output && taskNamed(output.of);
    if (ofTask !== undefined) return output?.name === "outputs" ? add(ofTask, undefined) : undefined;
    const whole = taskNamed(node);
    if (whole !== undefined) return add(whole, undefined);
    for (const child of childrenOf(node)) visit(child);
  };
  visit(environmentOf("task").parse(source).ast);
  return named;
}

function taskNamed(node: ASTNode): string | undefined {
  const found = field(node);
  return found?.of.op === "id" && found.of.args === "tasks" ? found.name : undefined;
}

/** `x.name`, `x["name"]` */
function field(node: ASTNode): { readonly of: ASTNode; readonly name: string } | undefined {
  if (node.op === ".") return { of: node.args[0], name: node.args[1] };
  if (node.op !== "[]") return undefined;
  const [of, name] = node.args;
  return name.op === "value" && typeof name.args === "string" ? { of, name: name.args } : undefined;
}
