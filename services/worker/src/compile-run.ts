import { type Chain, type CompiledDag, isDagName, type JsonObject, RUN_POD_DAG, runIdOf, runPage } from "@slipway/dag";
import type { Evaluated } from "@slipway/dag/cel";
import { compileDag, compileTask, documentText, type Read, readDagJson, type RunValues } from "@slipway/dag/read";
import type { Evaluator } from "@slipway/expressions";
import type { PreparedRun, PrepareRunInput } from "@slipway/run";
import type { AskedRerun } from "./read-rerun.ts";
import { readRunInput } from "./run-input.ts";
import type { WorkerSettings } from "./settings.ts";

/** What a DAG is compiled with, beside what it was started with. */
export interface CompileSettings {
  /** Name → slots. */
  readonly pools: Readonly<Record<string, number>>;
  readonly pages: NonNullable<WorkerSettings["run"]> & { readonly namespace: string };
}

export interface Compiled {
  /** What `version` is the hash of; runPod's one task is no DAG and has no versions. */
  readonly document?: string;
  readonly compiled: CompiledDag;
  /** Its own, or that of the run it goes on from. */
  readonly logicalDate: string;
  readonly rerun?: AskedRerun;
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

interface Compiling extends CompileSettings {
  readonly input: PrepareRunInput;
  readonly answer: Answer;
}

/** What a run was started with, compiled. */
export async function compileRun(
  { pages, pools }: CompileSettings,
  evaluator: Pick<Evaluator, "evaluate">,
  input: PrepareRunInput,
): Promise<Read<Compiled>> {
  return await answered(evaluator, (answer) => compile({ input, answer, pages, pools }));
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
    return map(compileTask({ name, task, params }, values), (compiled) => ({
      compiled,
      logicalDate,
      ...(rerun && { rerun }),
    }));
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

/** A later hop has a page of its own, which the first one's leads to. */
export function pagesOf(
  { ui, store, namespace }: CompileSettings["pages"],
  { workflowId, firstExecutionRunId }: Chain,
): PreparedRun["pages"] {
  return {
    ...(ui !== undefined && { url: runPage(ui, { namespace, workflowId, temporalRunId: firstExecutionRunId }) }),
    ...(store !== undefined && { store }),
  };
}
