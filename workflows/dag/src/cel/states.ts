import type { ASTNode } from "@marcbachmann/cel-js";
import { childrenOf } from "./ast.ts";
import { type Complaint, near } from "./complaint.ts";
import { fieldOf } from "./references.ts";

const TASK = ["succeeded", "failed", "skipped", "upstream_failed"];
const RUN = ["succeeded", "failed", "cancelled"];

/** `tasks.x.state` or `run.state` compared with a word that is no state: never true, and nothing would ever say so. */
export function unknownState(node: ASTNode): Complaint | undefined {
  if (node.op === "==" || node.op === "!=" || node.op === "in") {
    const [left, right] = node.args;
    const wrong = strayIn(statesOf(left), right) ?? strayIn(statesOf(right), left);
    if (wrong !== undefined) return wrong;
  }
  return childrenOf(node)
    .map(unknownState)
    .find((complaint) => complaint !== undefined);
}

/** The states that an expression may have, where it is one. */
function statesOf(node: ASTNode): readonly string[] | undefined {
  if (fieldOf("run", node) === "state") return RUN;
  return node.op === "." && node.args[1] === "state" && fieldOf("tasks", node.args[0]) !== undefined ? TASK : undefined;
}

function strayIn(states: readonly string[] | undefined, other: ASTNode): Complaint | undefined {
  const word = states === undefined ? undefined : textsIn(other).find((text) => !states.includes(text));
  if (states === undefined || word === undefined) return undefined;
  const known = { fix: `states are ${states.join(", ")}` };
  return { what: `no state is called \`${word}\``, ...known, ...near(word, states, (state) => state) };
}

function textsIn(node: ASTNode): readonly string[] {
  if (node.op === "list") return node.args.flatMap(textsIn);
  return node.op === "value" && typeof node.args === "string" ? [node.args] : [];
}
