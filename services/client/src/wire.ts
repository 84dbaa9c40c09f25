import { CONTROLS, isDagName, isTaskName, OUTCOME_KINDS, type OutcomeKind, type RunReport } from "@slipway/dag";
import { z } from "zod";

/** What comes out of Temporal is read here, field by field: a newer worker may say more, never something else. */

const STATES = ["waiting", "running", "retrying", "succeeded", "failed", "skipped", "upstream_failed"] as const;

const ItemReportSchema = z.object({
  index: z.number(),
  key: z.string(),
  state: z.enum(STATES),
  kind: z.enum(OUTCOME_KINDS).exactOptional(),
  attempts: z.number().exactOptional(),
  reason: z.string().exactOptional(),
  message: z.string().exactOptional(),
});

const TaskReportSchema = z.object({
  state: z.enum(STATES),
  reason: z.string().exactOptional(),
  kind: z.enum(OUTCOME_KINDS).exactOptional(),
  attempts: z.number(),
  outputs: z.record(z.string(), z.json()).exactOptional(),
  message: z.string().exactOptional(),
  counts: z.partialRecord(z.enum(STATES), z.number()).exactOptional(),
  items: z.array(ItemReportSchema).exactOptional(),
  approval: z
    .object({
      options: z.array(z.string()),
      assignees: z.array(z.string()).exactOptional(),
      default: z.string().exactOptional(),
    })
    .exactOptional(),
});

const AskedSchema = z.object({
  n: z.number(),
  control: z.enum(CONTROLS),
  task: z.string().refine(isTaskName).exactOptional(),
  index: z.number().exactOptional(),
  choice: z.string().exactOptional(),
  params: z.record(z.string(), z.json()).exactOptional(),
  by: z.string().exactOptional(),
  note: z.string().exactOptional(),
});

const RunReportSchema = z.object({
  state: z.enum(["queued", "running", "paused", "succeeded", "failed", "cancelled"]),
  reason: z.string().exactOptional(),
  tasks: z.record(z.string(), TaskReportSchema),
  outputs: z.record(z.string(), z.json()),
  params: z.record(z.string(), z.json()).exactOptional(),
  controls: z.array(AskedSchema).exactOptional(),
  rerunOf: z.string().exactOptional(),
});

/** Undefined for a kind that this version does not know. */
export function readOutcomeKind(value: unknown): OutcomeKind | undefined {
  return z.enum(OUTCOME_KINDS).safeParse(value).data;
}

export function readRunReport(value: unknown): RunReport | undefined {
  return RunReportSchema.safeParse(value).data;
}

const RunPodInputSchema = z.object({
  ref: z.object({ task: z.string().refine(isTaskName), attempt: z.number(), index: z.number().exactOptional() }),
});

/** The one argument of the activity `runPod`, as far as a reader needs it. */
export function readRunPodInput(value: unknown): { task: string; attempt: number; index?: number } | undefined {
  return RunPodInputSchema.safeParse(value).data?.ref;
}

const OutcomeSchema = z.object({
  kind: z.string(),
  message: z.string(),
  exitCode: z.number().exactOptional(),
  evidence: z.object({ reason: z.string().exactOptional(), message: z.string().exactOptional() }).exactOptional(),
  startedAt: z.string().exactOptional(),
  finishedAt: z.string().exactOptional(),
});
/** How an attempt ended, with kinds that this version may not know. */
export type OutcomeView = z.infer<typeof OutcomeSchema>;

const PodSchema = z.object({
  namespace: z.string(),
  name: z.string(),
  uid: z.string(),
  node: z.string().exactOptional(),
});
export type PodView = z.infer<typeof PodSchema>;

const AttemptResultSchema = z.object({
  outcome: OutcomeSchema,
  outputs: z.record(z.string(), z.json()).exactOptional(),
  pod: PodSchema.exactOptional(),
});

/** The result of the activity `runPod`. */
export function readAttemptResult(value: unknown): z.infer<typeof AttemptResultSchema> | undefined {
  return AttemptResultSchema.safeParse(value).data;
}

/** The heartbeat details of a running `runPod`: the pod that it watches. */
export function readHeartbeat(value: unknown): PodView | undefined {
  return PodSchema.safeParse(value).data;
}

const PreparedSchema = z.object({
  logicalDate: z.string().exactOptional(),
  compiled: z.object({
    dag: z.string().refine(isDagName),
    tasks: z.array(z.object({ name: z.string(), kind: z.string(), after: z.array(z.string()) })),
  }),
});
export type PreparedView = z.infer<typeof PreparedSchema>["compiled"];

/** What a run was prepared with: its date. */
export function readLogicalDate(value: unknown): string | undefined {
  return PreparedSchema.safeParse(value).data?.logicalDate;
}

/** The result of `prepareRun`: the tasks in the order they were written. */
export function readPrepared(value: unknown): PreparedView | undefined {
  return PreparedSchema.safeParse(value).data?.compiled;
}

const ControlledSchema = z.object({
  state: RunReportSchema.shape.state,
  changes: z.array(
    z.object({
      task: z.string(),
      index: z.number().exactOptional(),
      from: TaskReportSchema.shape.state,
      to: TaskReportSchema.shape.state,
      fields: z.array(z.object({ field: z.string(), from: z.string(), to: z.string() })).exactOptional(),
    }),
  ),
});
/** The answer of a control. */
export type Controlled = z.infer<typeof ControlledSchema>;

export function readControlled(value: unknown): Controlled | undefined {
  return ControlledSchema.safeParse(value).data;
}

export const ProblemSchema = z.object({ code: z.string(), what: z.string(), fix: z.string() });

const GoesOnSchema = z.discriminatedUnion("kind", [
  z.object({ kind: z.literal("refused"), problem: ProblemSchema }),
  ControlledSchema.extend({
    kind: z.literal("ok"),
    params: z.record(z.string(), z.json()).exactOptional(),
  }),
]);

/** What a closed run makes of a control. */
export function readGoesOn(value: unknown): z.infer<typeof GoesOnSchema> | undefined {
  return GoesOnSchema.safeParse(value).data;
}
