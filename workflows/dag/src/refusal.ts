import { type Control, PARAMS_BYTES, type SetParams } from "./control.ts";
import { approvalRefusal } from "./approval.ts";
import { problem, type Problem } from "./errors.ts";
import type { Graph, GraphNode } from "./graph.ts";
import { isOfItem, itemRefusal } from "./item-refusal.ts";
import { utf8Length } from "./json.ts";
import { hasTried } from "./passes.ts";
import { placeRefusal, underWay, busy, atWork, wrong } from "./refused.ts";
import { toReset } from "./reset.ts";
import type { RunState } from "./task-state.ts";
import { unitReport } from "./unit-report.ts";

/** Why a control cannot be carried out now. Undefined: it can. It changes nothing. */
export function refusal(graph: Graph, state: RunState, control: Control): Problem | undefined {
  const ending = state.cancelled === undefined ? state.sections[""]?.halt : { kind: "cancel", message: "" };
  if (ending?.kind === "cancel" && control.kind !== "cancel")
    return problem("run-closed", "the run is being cancelled");
  if (ending?.kind === "timeout" && control.kind !== "cancel")
    return problem("run-closed", `the run ends: ${ending.message}`);
  const task = "task" in control ? control.task : undefined;
  if (control.kind === "setParams") return paramsRefusal(state, control);
  if (task === undefined) return control.kind === "retry" ? underWay(state, toReset(graph, state, control)) : undefined;
  const node = graph.get(task);
  if (node === undefined) return problem("task-not-found", `the run has no task ${JSON.stringify(task)}`);
  return isOfItem(control) ? itemRefusal(graph, state, control, node) : taskRefusal(graph, state, control, node);
}

function paramsRefusal({ params: before }: RunState, { params }: SetParams): Problem | undefined {
  if (utf8Length(JSON.stringify({ ...before, ...params })) <= PARAMS_BYTES) return undefined;
  const what = `the params that are set in this run would be larger than ${PARAMS_BYTES / 1024} KB together`;
  return problem("too-large", what, { fix: "give large values when a run is started" });
}

function taskRefusal(graph: Graph, state: RunState, control: Control, node: GraphNode): Problem | undefined {
  const { name, kind } = node;
  const now = state.tasks[name];
  const word = unitReport(graph, state, { task: name }).state;
  const isUnderWay = atWork(now);
  const isUnstarted =
    now?.kind === "waiting" ||
    now?.kind === "asking" ||
    (now?.kind === "ready" && !hasTried(state, { task: name }, now));
  const settles = control.kind === "mark" || control.kind === "skip";
  const misplaced = settles ? placeRefusal(graph, state, node) : undefined;
  if (misplaced !== undefined) return misplaced;
  switch (control.kind) {
    case "cancelTask":
      if (now?.kind === "held") return undefined;
      if (kind !== "group" && now?.kind !== "asking" && now?.kind !== "giving" && (isUnderWay || now?.kind === "ready"))
        return undefined;
      return wrong(
        `${name} is ${word}: it has no attempt to stop`,
        "`slipway skip RUN TASK` keeps a task from starting",
      );
    case "approve":
      return approvalRefusal(node, now, word, control);
    case "mark":
      if (kind === "group")
        return wrong(`${name} is a group: its tasks give it its state`, "mark its tasks, or skip it before it starts");
      return now?.kind === "running" || now?.kind === "spread"
        ? wrong(`${name} is running`, "end its attempt first: `slipway cancel RUN TASK`")
        : undefined;
    case "skip":
      return isUnstarted || now?.kind === "skipped"
        ? undefined
        : wrong(
            `${name} is ${word}: only a task that has not started is skipped`,
            "`slipway mark RUN TASK skipped` changes a state",
          );
    case "retry":
      if (now?.kind === "succeeded" || now?.kind === "skipped" || now?.kind === "upstream_failed")
        return wrong(
          `${name} has not failed: it is ${word}`,
          "`slipway clear RUN TASK` runs a task again whatever its state",
        );
      return underWay(state, toReset(graph, state, control));
    case "clear":
      return isUnderWay ? busy(name) : underWay(state, toReset(graph, state, control));
    default:
      return undefined;
  }
}
