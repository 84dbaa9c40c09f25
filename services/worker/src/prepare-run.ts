import {
  type CompiledDag,
  isAllowedSubject,
  type Problem,
  problem,
  renderProblem,
  type Rerun,
  runIdOf,
} from "@slipway/dag";
import type { Read } from "@slipway/dag/read";
import type { Evaluator } from "@slipway/expressions";
import type { InstallationActivities, PreparedRun, PrepareRunInput } from "@slipway/run";
import { ApplicationFailure, log } from "@temporalio/activity";
import type { AskClosedRun } from "./closed-run.ts";
import { type Compiled, compileRun, type CompileSettings, pagesOf } from "./compile-run.ts";
import { notAllowed } from "./open-hold.ts";
import type { PoolLink } from "./pool-link.ts";
import type { AskedRerun } from "./read-rerun.ts";
import { takeTurn } from "./run-turn.ts";

/** Keeps DAG versions by content hash. */
export interface DagStore {
  putDag(hash: string, json: string): Promise<void>;
}

export interface PrepareSettings extends CompileSettings {
  /** Patterns of the NATS subjects on which a `wait` may listen. */
  readonly subjects: readonly string[];
  readonly installation: string;
  readonly cluster: string;
  readonly searchAttributes: boolean;
  readonly historyEvents: number;
}

/** Everything that could refuse a run is refused here, in recorded code: bad input never fails a workflow task. */
export function prepareRunActivity(
  settings: PrepareSettings,
  store: DagStore,
  evaluator: Pick<Evaluator, "evaluate">,
  link: Pick<PoolLink, "ask" | "tell">,
  askClosed: AskClosedRun,
): InstallationActivities["prepareRun"] {
  return async (input) => {
    const done = accept(await compileRun(settings, evaluator, input));
    const { document, compiled } = done;
    const unheard = subjectProblems(compiled, settings.subjects);
    if (unheard.length > 0) throw invalidDag(unheard);
    const rerun = done.rerun && (await goesOnFrom(askClosed, done.rerun, compiled));
    const run = prepared(settings, input, done, rerun);
    const { cluster } = settings;
    const holder = { chain: input.chain, cluster, dag: compiled.dag, run: run.run };
    const [queued] = await Promise.all([
      takeTurn(link, compiled, holder, log),
      document === undefined ? undefined : keep(store, compiled.version, document),
    ]);
    return { ...run, ...(queued !== undefined && { queued }) };
  };
}

/** A subject that an expression gives is looked at when its task begins. */
export function subjectProblems({ tasks }: CompiledDag, allowed: readonly string[]): readonly Problem[] {
  return tasks.flatMap((task) => {
    const subject = task.kind === "wait" && task.wait.kind === "event" ? task.wait.subject : "${{";
    return subject.includes("${{") || isAllowedSubject(subject, allowed)
      ? []
      : [problem("event-subject", `${task.name}: ${notAllowed(subject, allowed)}`)];
  });
}

function accept(read: Read<Compiled>): Compiled {
  if (read.kind === "refused") throw invalidDag(read.problems);
  return read.value;
}

/** Its beginning, as the closed run tells it: positions in that are of the same DAG's tasks. */
async function goesOnFrom(askClosed: AskClosedRun, rerun: AskedRerun, { tasks }: CompiledDag): Promise<Rerun> {
  const end = await askClosed(rerun);
  if (end.kind === "refused") throw invalidDag([end.problem]);
  const { of } = rerun;
  const [then, now] = [end.tasks, tasks.map(({ name }) => name)].map((names) => JSON.stringify(names));
  if (end.next === undefined || then !== now)
    throw invalidDag([problem("bad-value", `rerun: ${of} was a run of other tasks`)]);
  return { of, next: end.next };
}

/** The same text as `lint`. Not retryable: the input will not change. */
function invalidDag(problems: readonly Problem[]): ApplicationFailure {
  return ApplicationFailure.create({
    type: "InvalidDag",
    nonRetryable: true,
    message: problems.map((found) => renderProblem(found)).join("\n\n"),
    details: [problems],
  });
}

/** The run carries its compiled DAG, so a store that is away costs the version's history, not the run. */
async function keep(store: DagStore, version: string, document: string): Promise<void> {
  await store
    .putDag(version, document)
    .catch((error: unknown) => log.warn("the DAG version was not stored", { version, error }));
}

function prepared(
  { pages, pools: _pools, subjects: _subjects, ...settings }: PrepareSettings,
  { chain }: PrepareRunInput,
  { compiled, logicalDate }: Compiled,
  rerun: Rerun | undefined,
): PreparedRun {
  const run = runIdOf(chain.workflowId, compiled.dag);
  return { ...settings, compiled, logicalDate, run, pages: pagesOf(pages, chain), ...(rerun && { rerun }) };
}
