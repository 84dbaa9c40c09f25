import {
  type ControlKind,
  ERRORS,
  type ErrorCode,
  type JsonObject,
  problem,
  type Problem,
  SlipwayError,
} from "@slipway/dag";
import {
  ApplicationFailure,
  WorkflowNotFoundError,
  WorkflowUpdateFailedError,
  WorkflowUpdateRPCTimeoutOrCancelledError,
} from "@temporalio/client";
import type { z } from "zod";
import type { RunRef } from "./run-ref.ts";
import { isDeadline, isNotFound, type TemporalLink } from "./temporal-link.ts";
import { type Controlled, ProblemSchema, readControlled } from "./wire.ts";

/** Each control takes the fields of its own (docs/reference/controls.md), and all of them the last three. */
export interface ControlFields {
  readonly task?: string;
  /** One item of a task with `forEach`, by its position. */
  readonly index?: number;
  readonly state?: "succeeded" | "failed" | "skipped";
  /** Of an approval. */
  readonly choice?: string;
  /** Of `setParams`. */
  readonly params?: JsonObject;
  readonly upstream?: boolean;
  readonly downstream?: boolean;
  readonly reason?: string;
  /** Who asks, and why: kept with the run, believed as it is given. */
  readonly by?: string;
  readonly note?: string;
  /** Nothing is changed, only said. */
  readonly dryRun?: boolean;
}

/** Milliseconds for a worker to carry it out: it may have to replay the run first. */
const UPDATE_MS = 15_000;

/**
 * Asks an open run for something. @throws SlipwayError the refusal of the run (`task-state`, `task-not-found`, `bad-control`),
 * `run-closed`, and `no-worker` where nobody carries it out in time; it may be carried out later then
 */
export async function controlRun(
  link: TemporalLink,
  ref: RunRef,
  kind: ControlKind,
  fields: ControlFields = {},
  timeoutMs: number = UPDATE_MS,
): Promise<Controlled> {
  const { workflowId, firstExecutionRunId } = ref;
  const handle = link.client.workflow.getHandle(workflowId, undefined, { firstExecutionRunId });
  const answer: unknown = await link
    .poll(() => handle.executeUpdate(kind, { args: [fields] }), { timeoutMs })
    .catch((error: unknown) => {
      throw told(error, ref, kind);
    });
  const read = readControlled(answer);
  if (read !== undefined) return read;
  throw new SlipwayError([problem("unexpected", `the answer of the worker to ${kind} was not understood`)]);
}

function told(error: unknown, { workflowId }: RunRef, kind: ControlKind): unknown {
  if (isNotFound(error) || error instanceof WorkflowNotFoundError)
    return new SlipwayError([problem("run-closed", `${workflowId} is already over`)], { cause: error });
  if (error instanceof WorkflowUpdateRPCTimeoutOrCancelledError || isDeadline(error))
    return new SlipwayError([problem("no-worker", `no worker has carried out ${kind} of ${workflowId} in time`)], {
      cause: error,
    });
  const cause = error instanceof WorkflowUpdateFailedError ? error.cause : undefined;
  const details = cause instanceof ApplicationFailure ? (cause.details ?? []) : [];
  const refused = details.flatMap((each) => ProblemSchema.safeParse(each).data ?? []);
  return refused.length === 0
    ? (closing(error, workflowId) ?? error)
    : new SlipwayError(refused.map(problemOf), { cause: error });
}

/** The run closed while the update was on its way: the server says so in words alone. */
function closing(error: unknown, workflowId: string): SlipwayError | undefined {
  const isClosing =
    error instanceof WorkflowUpdateFailedError && /workflow .*(completed|closed)/i.test(`${error.cause?.message}`);
  return isClosing
    ? new SlipwayError([problem("run-closed", `${workflowId} is already over`)], { cause: error })
    : undefined;
}

/** A newer worker may know codes that this client does not. */
export function problemOf({ code, what, fix }: z.infer<typeof ProblemSchema>): Problem {
  return isErrorCode(code) ? problem(code, what, { fix }) : problem("bad-control", what, { fix });
}

function isErrorCode(code: string): code is ErrorCode {
  return Object.hasOwn(ERRORS, code);
}
