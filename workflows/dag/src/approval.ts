import type { Control } from "./control.ts";
import { problem, type Problem } from "./errors.ts";
import type { GraphNode } from "./graph.ts";
import { Suggester } from "./suggest.ts";
import type { TaskState } from "./task-state.ts";

/** Why an answer is not taken. Who answers is what they say: nobody is asked to prove it. */
export function approvalRefusal(
  { name, kind, approval }: GraphNode,
  now: TaskState | undefined,
  word: string,
  { choice, by }: Extract<Control, { readonly kind: "approve" }>,
): Problem | undefined {
  if (kind !== "approve" || approval === undefined)
    return problem("task-state", `${name} is no approval`, {
      fix: "`slipway get tasks RUN` shows what waits for an answer",
    });
  if (now?.kind !== "held")
    return problem("task-state", `${name} is ${word}: it waits for no answer`, {
      fix: "`slipway clear RUN TASK` asks a settled one again",
    });
  const { options, assignees = [] } = approval;
  if (!options.includes(choice)) {
    const near = new Suggester().suggest(choice, options);
    const fix = near === undefined ? `answer with ${options.join(", ")}` : `did you mean ${JSON.stringify(near)}?`;
    return problem("bad-control", `${name} has no option ${JSON.stringify(choice)}`, { fix });
  }
  if (assignees.length === 0 || (by ?? "").trim() !== "") return undefined;
  return problem("bad-control", `${name} is assigned to ${assignees.join(", ")}, and nobody says who answers`, {
    fix: "say who: `by` (`--by NAME`)",
  });
}
