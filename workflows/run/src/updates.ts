import {
  type Control,
  type ControlKind,
  type ControlRequest,
  CONTROLS,
  type Problem,
  problem,
  readControl,
  renderProblem,
  type RunReport,
  type SetParams,
  type TaskChange,
} from "@slipway/dag";
import { ApplicationFailure, condition, defineUpdate, setHandler } from "@temporalio/workflow";

/** What an update answers: what has changed, or with `dryRun` what would change. */
export interface Controlled {
  readonly state: RunReport["state"];
  readonly changes: readonly TaskChange[];
}

/** What controls are for: a run. */
export interface Controllable {
  /** Why it cannot be done now. */
  refusal(control: Control): Problem | undefined;
  control(control: Control, dryRun: boolean): Controlled;
  /** The one control that asks an activity first. */
  setParams(what: SetParams, dryRun: boolean): Promise<Controlled>;
}

/**
 * One update for each control. What is refused never enters the history. An update that comes while the run is being prepared
 * waits for it; any other but `setParams` is carried out at once, so none is ever half done.
 */
export function takeControls(run: () => Controllable | undefined): void {
  for (const kind of CONTROLS) {
    const update = defineUpdate<Controlled, [unknown]>(kind);
    const validator = (input: unknown): void => void accept(kind, input, run());
    setHandler(update, (input) => carryOut(kind, input, run), { validator, description: DESCRIPTIONS[kind] });
  }
}

const DESCRIPTIONS: Record<ControlKind, string> = {
  pause: "nothing new starts",
  resume: "goes on",
  cancel: "ends the run; { reason }",
  cancelTask: "ends the task's attempt; { task }",
  mark: "{ task, state: succeeded | failed | skipped }",
  skip: "a task that has not started; { task }",
  retry: "what failed, and what depends on it; { task? }",
  clear: "a settled task runs again; { task, upstream?, downstream? }",
  approve: "answers an approval; { task, choice }",
  setParams: "for tasks that have not begun; { params }",
};

async function carryOut(kind: ControlKind, input: unknown, run: () => Controllable | undefined): Promise<Controlled> {
  accept(kind, input, run());
  if (run() === undefined) await condition(() => run() !== undefined);
  const now = run();
  const { control, dryRun } = accept(kind, input, now);
  if (now === undefined) throw refused(problem("run-closed", "the run is not there yet"));
  return control.kind === "setParams" ? await now.setParams(control, dryRun) : now.control(control, dryRun);
}

/** @throws ApplicationFailure, whose type is the code of a refusal: any other error would fail the workflow task */
function accept(kind: ControlKind, input: unknown, run: Controllable | undefined): ControlRequest {
  const read = readControl(kind, input ?? {});
  if (read.kind === "refused") throw refused(read.problem);
  const refusal = run?.refusal(read.request.control);
  if (refusal !== undefined) throw refused(refusal);
  return read.request;
}

/** What is thrown from an update, whose type is the code of the first problem. */
export function refused(why: Problem, ...others: readonly Problem[]): ApplicationFailure {
  const details = [why, ...others];
  const message = details.map((each) => renderProblem(each)).join("\n\n");
  return ApplicationFailure.create({ type: why.code, message, nonRetryable: true, details });
}
