import { ApplicationFailure, CancelledFailure, WorkflowFailedError } from "@temporalio/client";
import type { RunReport } from "@slipway/dag";
import { factsOfChain } from "./attempts.ts";
import { fetchChain } from "./history.ts";
import { reportFromFacts } from "./history-report.ts";
import { type RunSummary, summaryOfExecution } from "./list.ts";
import type { RunRef } from "./run-ref.ts";
import type { TemporalLink } from "./temporal-link.ts";
import { readRunReport } from "./wire.ts";

/** What is known of a run, and from where. */
export interface RunAnswer {
  readonly run: RunSummary;
  readonly report: RunReport;
  /**
   * `result`: the closed run's own last word. `query`: a worker answered. `history`: put together from the
   * history because no worker answered, or because Temporal ended the run before it could say a word.
   */
  readonly source: "result" | "query" | "history";
  /** How a failed or cancelled workflow closed: `DagFailed`, `InvalidDag`, `InvalidStart` … and its message. */
  readonly failure?: RunFailure;
  /** One sentence for people where the report is less than whole. */
  readonly note?: string;
}

export interface RunFailure {
  readonly type: string;
  readonly message: string;
}

/** Milliseconds for a worker to answer the query: it may have to replay the run first. */
const QUERY_MS = 5_000;

/** @throws SlipwayError `server-unreachable` */
export async function reportRun(link: TemporalLink, ref: RunRef): Promise<RunAnswer> {
  const handle = link.client.workflow.getHandle(ref.workflowId);
  const run = summaryOfExecution(await link.call(() => handle.describe()));
  const open = run.closedAt === undefined;
  const closed = open ? undefined : await closeOf(link, run);
  if (closed?.report !== undefined) return { run, source: "result", ...closed, report: closed.report };
  // Of a workflow that closes as cancelled Temporal keeps no last word: only the run itself still knows who asked, and why.
  const isAsked = open || run.state === "cancelled";
  const said = { ...closed, ...(isAsked && (await queryState(link, run))) };
  if (said.report !== undefined) return { run, source: "query", ...said, report: said.report };
  const facts = factsOfChain(await fetchChain(link, run.workflowId, run.temporalRunId));
  return { run, source: "history", ...said, report: reportFromFacts(facts, run.state) };
}

type Said = { readonly report?: RunReport; readonly failure?: RunFailure; readonly note?: string };

/** A query that fails says nothing about the run: a worker may be away, busy or too old. */
async function queryState(link: TemporalLink, { workflowId, temporalRunId, closedAt }: RunSummary): Promise<Said> {
  try {
    // An open run may go on in a later history at any time.
    const handle = link.client.workflow.getHandle(workflowId, closedAt && temporalRunId);
    const report = readRunReport(await link.poll(() => handle.query("state"), { timeoutMs: QUERY_MS }));
    if (report !== undefined) return { report };
    return { note: "the worker's answer to the query `state` was not understood; this is what the history says" };
  } catch {
    return { note: "no worker answers the query `state`; this is what the history says" };
  }
}

/** A closed workflow's result or failure. An open one, seen closed a moment ago, cannot be here. */
async function closeOf(link: TemporalLink, { workflowId, temporalRunId, endedBy }: RunSummary): Promise<Said> {
  try {
    const handle = link.client.workflow.getHandle(workflowId, temporalRunId);
    const report = readRunReport(await link.call(() => handle.result()));
    return report === undefined ? { note: "the result was not understood; this is what the history says" } : { report };
  } catch (error) {
    if (!(error instanceof WorkflowFailedError)) throw error;
    const by =
      endedBy === undefined ? {} : { note: `Temporal ended the run (${endedBy}); this is what the history says` };
    return { ...by, ...sayOf(error.cause) };
  }
}

function sayOf(cause: Error | undefined): Said {
  const details = cause instanceof ApplicationFailure || cause instanceof CancelledFailure ? cause.details : undefined;
  // A failed runPod has its outcome first, then the report.
  const report = readRunReport(details?.[0]) ?? readRunReport(details?.[1]);
  const type = cause instanceof ApplicationFailure ? cause.type : cause?.name;
  return {
    ...(report && { report }),
    failure: { type: type ?? "Error", message: cause?.message ?? "the workflow failed" },
  };
}
