import { type CompiledDag, type Problem, renderProblem, runIdOf } from "@slipway/dag";
import { compileDag, compileTask, documentText, type Read, readDagJson } from "@slipway/dag/read";
import type { InstallationActivities, PreparedRun, PrepareRunInput } from "@slipway/run";
import { ApplicationFailure, log } from "@temporalio/activity";
import { readRunInput } from "./run-input.ts";

/** Keeps DAG versions by content hash. */
export interface DagStore {
  putDag(hash: string, json: string): Promise<void>;
}

export interface PrepareSettings {
  readonly installation: string;
  readonly cluster: string;
  readonly searchAttributes: boolean;
  readonly historyEvents: number;
}

/** Everything that could refuse a run is refused here, in recorded code: bad input never fails a workflow task. */
export function prepareRunActivity(settings: PrepareSettings, store: DagStore): InstallationActivities["prepareRun"] {
  return async (input) => {
    const { document, compiled } = accept(compile(input));
    if (document !== undefined) await keep(store, compiled.version, document);
    return prepared(settings, input, compiled);
  };
}

interface Compiled {
  /** What `version` is the hash of; runPod's one task is no DAG and has no versions. */
  readonly document?: string;
  readonly compiled: CompiledDag;
}

function compile({ workflowType, input }: PrepareRunInput): Read<Compiled> {
  const given = readRunInput({ workflowType, input });
  if (given.kind === "refused") return given;
  const { fields, params } = given;
  if (workflowType === "runPod") {
    const { name, task } = fields;
    return map(compileTask({ name, task, params }), (compiled) => ({ compiled }));
  }
  const read = readDagJson(fields.dag);
  if (read.kind === "refused") return read;
  return map(compileDag(read.value, params), (compiled) => ({ document: documentText(read.value), compiled }));
}

function map<A, B>(read: Read<A>, change: (value: A) => B): Read<B> {
  return read.kind === "refused" ? read : { ...read, value: change(read.value) };
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

function prepared(settings: PrepareSettings, { chain }: PrepareRunInput, compiled: CompiledDag): PreparedRun {
  return { ...settings, compiled, run: runIdOf(chain.workflowId, compiled.dag) };
}
