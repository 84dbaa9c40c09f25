import {
  type Chain,
  type CompiledDag,
  isAllowedSubject,
  isDagName,
  type JsonObject,
  type Problem,
  problem,
  type Rerun,
  renderProblem,
  RUN_POD_DAG,
  runPage,
  runIdOf,
} from "@slipway/dag";
import type { Evaluated } from "@slipway/dag/cel";
import { compileDag, compileTask, documentText, type Read, readDagJson, type RunValues } from "@slipway/dag/read";
import type { Evaluator } from "@slipway/expressions";
import type { InstallationActivities, PreparedRun, PrepareRunInput } from "@slipway/run";
import { ApplicationFailure, log } from "@temporalio/activity";
import type { PoolLink } from "./pool-link.ts";
import { notAllowed } from "./open-hold.ts";
import { readRunInput } from "./run-input.ts";
import { takeTurn } from "./run-turn.ts";
import type { WorkerSettings } from "./settings.ts";

/** Keeps DAG versions by content hash. */
export interface DagStore {
  putDag(hash: string, json: string): Promise<void>;
}

export interface PrepareSettings {
  /** Patterns of the NATS subjects on which a `wait` may listen. */
  readonly subjects: readonly string[];
  readonly installation: string;
  readonly cluster: string;
  readonly searchAttributes: boolean;
  readonly historyEvents: number;
  /** Name → slots. */
  readonly pools: Readonly<Record<string, number>>;
  readonly pages: NonNullable<WorkerSettings["run"]> & { readonly namespace: string };
}

/** Everything that could refuse a run is refused here, in recorded code: bad input never fails a workflow task. */
export function prepareRunActivity(
  settings: PrepareSettings,
  store: DagStore,
  evaluator: Pick<Evaluator, "evaluate">,
  link: Pick<PoolLink, "ask" | "tell">,
): InstallationActivities["prepareRun"] {
  return async (input) => {
    const done = accept(
      await answered(evaluator, (answer) => compile({ input, answer, pages: settings.pages, pools: settings.pools })),
    );
    const { document, compiled } = done;
    checkSubjects(compiled, settings.subjects);
    const run = prepared(settings, input, done);
    const { cluster } = settings;
    const holder = { chain: input.chain, cluster, dag: compiled.dag, run: run.run };
    const [queued] = await Promise.all([
      takeTurn(link, compiled, holder, log),
      document === undefined ? undefined : keep(store, compiled.version, document),
    ]);
    return { ...run, ...(queued !== undefined && { queued }) };
  };
}

interface Compiled {
  /** What `version` is the hash of; runPod's one task is no DAG and has no versions. */
  readonly document?: string;
  readonly compiled: CompiledDag;
  /** Its own, or that of the run it goes on from. */
  readonly logicalDate: string;
  readonly rerun?: Rerun;
}

type Answer = RunValues["answer"];

/** Milliseconds that the expressions which are evaluated when a run starts take together. */
const TOGETHER_MS = 20_000;

/**
 * Compiles, evaluates what that has asked for, and compiles again until it asks for nothing new: evaluating needs a thread
 * and a budget, and compiling stays a function.
 */
async function answered<T>(
  evaluator: Pick<Evaluator, "evaluate">,
  compileWith: (answer: Answer) => Read<T>,
): Promise<Read<T>> {
  const known = new Map<string, Evaluated>();
  const keyOf = (source: string, variables: JsonObject) => JSON.stringify([source, variables["params"]]);
  const until = performance.now() + TOGETHER_MS;
  for (;;) {
    const asked = new Map<string, { readonly source: string; readonly variables: JsonObject }>();
    const read = compileWith((source, variables) => {
      const key = keyOf(source, variables);
      const answer = known.get(key);
      if (answer === undefined) asked.set(key, { source, variables });
      return answer ?? { kind: "failed", why: "it is not evaluated yet" };
    });
    if (asked.size === 0) return read;
    for (const [key, { source, variables }] of asked) {
      const why = `the expressions of the DAG together took longer than ${TOGETHER_MS / 1000} s`;
      const late = performance.now() > until;
      known.set(key, late ? { kind: "failed", why } : await evaluator.evaluate({ place: "task", source, variables }));
    }
  }
}

interface Compiling {
  readonly input: PrepareRunInput;
  readonly answer: Answer;
  readonly pages: PrepareSettings["pages"];
  readonly pools: PrepareSettings["pools"];
}

function compile({
  input: { workflowType, input, chain, startTime },
  answer,
  pages,
  pools,
}: Compiling): Read<Compiled> {
  const given = readRunInput({ workflowType, input });
  if (given.kind === "refused") return given;
  const { fields, params, rerun, logicalDate = wholeSeconds(startTime) } = given;
  const known = { logicalDate, answer, pools, ...pagesOf(pages, chain) };
  if (workflowType === "runPod") {
    const { name, task } = fields;
    const values = { id: podRunId(chain), ...known };
    return map(compileTask({ name, task, params }, values), (compiled) => ({ compiled, logicalDate }));
  }
  const read = readDagJson(fields.dag);
  if (read.kind === "refused") return read;
  const { dag } = read.value;
  const values = { id: runIdOf(chain.workflowId, dag), ...known };
  return map(compileDag(read.value, params, undefined, values), (compiled) => ({
    document: documentText(read.value),
    compiled,
    logicalDate,
    ...(rerun && { rerun }),
  }));
}

function podRunId({ workflowId }: Chain): string {
  return isDagName(RUN_POD_DAG) ? runIdOf(workflowId, RUN_POD_DAG) : workflowId;
}

/** `ts` is what people put into paths and names: no fractions. */
function wholeSeconds(time: string): string {
  return `${time.slice(0, 19)}Z`;
}

function map<A, B>(read: Read<A>, change: (value: A) => B): Read<B> {
  return read.kind === "refused" ? read : { ...read, value: change(read.value) };
}

/** A subject that an expression gives is looked at when its task begins. */
function checkSubjects({ tasks }: CompiledDag, allowed: readonly string[]): void {
  const problems = tasks.flatMap((task) => {
    const subject = task.kind === "wait" && task.wait.kind === "event" ? task.wait.subject : "${{";
    return subject.includes("${{") || isAllowedSubject(subject, allowed)
      ? []
      : [problem("event-subject", `${task.name}: ${notAllowed(subject, allowed)}`)];
  });
  if (problems.length > 0) throw invalidDag(problems);
}

function accept(read: Read<Compiled>): Compiled {
  if (read.kind === "refused") throw invalidDag(read.problems);
  return read.value;
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

/** A later hop has a page of its own, which the first one's leads to. */
function pagesOf(
  { ui, store, namespace }: PrepareSettings["pages"],
  { workflowId, firstExecutionRunId }: Chain,
): PreparedRun["pages"] {
  return {
    ...(ui !== undefined && { url: runPage(ui, { namespace, workflowId, temporalRunId: firstExecutionRunId }) }),
    ...(store !== undefined && { store }),
  };
}

function prepared(
  { pages, pools: _pools, subjects: _subjects, ...settings }: PrepareSettings,
  { chain }: PrepareRunInput,
  { compiled, logicalDate, rerun }: Compiled,
): PreparedRun {
  const run = runIdOf(chain.workflowId, compiled.dag);
  return { ...settings, compiled, logicalDate, run, pages: pagesOf(pages, chain), ...(rerun && { rerun }) };
}
