import {
  beginAgain,
  beginRun,
  type Chain,
  type CompiledDag,
  type Effects,
  goOn,
  type GoesOn,
  type Graph,
  isJsonObject,
  packRun,
  type Problem,
  problem,
  readControl,
  type Rerun,
  RERUNS,
  reportOf,
  type RunState,
  utf8Length,
} from "@slipway/dag";
import { defineQuery, setHandler } from "@temporalio/workflow";
import { CARRIED_BYTES } from "./history-budget.ts";
import type { PreparedRun } from "./ports.ts";

/** What a closed run makes of a control, `{ kind, … }`: another run goes on from that. */
export const goesOnQuery = defineQuery<GoesOn, [unknown]>("goesOn");

/** What a run that ended says of its end. */
export interface Ended {
  readonly compiled: CompiledDag;
  readonly graph: Graph;
  readonly state: RunState;
}

/** `ended`: undefined where nothing of the run had begun. */
export function tellHowItGoesOn(workflowId: string, ended: () => Ended | undefined): void {
  const description = "what a run that goes on from this closed one begins with; { kind: retry | clear, task?, … }";
  setHandler(goesOnQuery, (asked) => answer(workflowId, ended(), asked), { description });
}

function answer(workflowId: string, ended: Ended | undefined, asked: unknown): GoesOn {
  if (ended === undefined) return refused(problem("task-state", "nothing of the run had begun", { fix: START }));
  const { kind: word, ...fields } = isJsonObject(asked) ? asked : {};
  const kind = RERUNS.find((each) => each === word);
  if (kind === undefined) return refused(problem("bad-control", "a closed run takes retry and clear"));
  const read = readControl(kind, fields);
  if (read.kind === "refused") return read;
  const { control, dryRun } = read.request;
  if (control.kind !== "retry" && control.kind !== "clear") return refused(problem("bad-control", `no ${kind}`));
  const { compiled, graph, state } = ended;
  const { params } = state;
  const begun = goOn(graph, state, workflowId, control);
  if ("code" in begun) return refused(begun);
  const next = packRun(graph, begun.state, true);
  if (utf8Length(JSON.stringify([compiled, next])) > CARRIED_BYTES) return refused(TOO_LARGE);
  const told = { changes: begun.changes, ...(params && { params }) };
  const beginning = dryRun ? {} : { next, tasks: [...graph.keys()] };
  return { kind: "ok", state: reportOf(graph, state, true, "counts").state, ...told, ...beginning };
}

const START = "start another: `slipway run PATH`";
const TOO_LARGE = problem("too-large", "what the run leaves to one that goes on from it is larger than 1.8 MB", {
  fix: START,
});

function refused(why: Problem): GoesOn {
  return { kind: "refused", problem: why };
}

/** A run begins, or goes on where a closed one ended. */
export function begunRun(
  graph: Graph,
  { firstExecutionRunId }: Chain,
  rerun: Rerun | undefined,
): { state: RunState; effects: Effects } {
  return rerun === undefined ? beginRun(graph, firstExecutionRunId) : beginAgain(graph, firstExecutionRunId, rerun);
}

/** What was taken over stands in the state: it is not handed on beside it. */
export function withoutEarlier({ rerun: _earlier, ...prepared }: PreparedRun): PreparedRun {
  return prepared;
}
