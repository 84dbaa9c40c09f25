/**
 * The body of each event, as one definition: docs/reference/event-schemas.json is generated from it, and every event of
 * the tests' fleets is held against it. Readers shall bear fields that are not here: a later version may say more.
 */
import { z } from "zod";
import { CONTROLS } from "./control.ts";
import { EVENT_TYPES, type EventType } from "./events.ts";
import { OUTCOME_KINDS, type Outcome as AnOutcome } from "./outcome.ts";

const text = (description: string) => z.string().meta({ description });
const count = (description: string) => z.int().min(0).meta({ description });
const time = (description: string) => text(`${description} (RFC 3339)`);

const Pod = z
  .object({ namespace: z.string(), name: z.string(), uid: z.string() })
  .meta({ description: "the attempt's pod" });

const Evidence = z
  .object({ reason: z.string().exactOptional(), message: z.string().exactOptional() })
  .meta({ description: "what the cluster said, word for word; never the value of a variable" });

type FieldsOf<T> = T extends unknown ? keyof T : never;

const Outcome = z
  .object({
    kind: z.enum(OUTCOME_KINDS).meta({ description: "`slipway explain KIND` says more" }),
    message: text("how it ended, in one sentence"),
    evidence: Evidence.exactOptional(),
    exitCode: z.int().meta({ description: "of the main container; of kind init, of that container" }).exactOptional(),
    signal: text("kind exit: the signal that the code names").exactOptional(),
    limit: text("kind oom_killed: the memory limit").exactOptional(),
    which: z
      .enum(["attempt", "schedule", "start", "total", "run"])
      .meta({ description: "kind timeout: which one" })
      .exactOptional(),
    image: text("kind image").exactOptional(),
    container: text("kind init: which container").exactOptional(),
    startedAt: time("when the main container started, by the kubelet's clock").exactOptional(),
    finishedAt: time("when it ended").exactOptional(),
    neverStarted: z
      .literal(true)
      .meta({ description: "the main container is known never to have started" })
      .exactOptional(),
  } satisfies Record<FieldsOf<AnOutcome>, z.ZodType>)
  .meta({ description: "cause and evidence of the end" });

const attempts = count("attempts started");
const kind = z.enum(OUTCOME_KINDS).meta({ description: "of the outcome that decided" });
const who = {
  by: text("who asked for it, as they said").exactOptional(),
  note: text("why, in their words").exactOptional(),
};
const ofLog = {
  container: z.string(),
  restart: count("which life of the container"),
  uid: text("the pod's uid"),
};

const BODIES = {
  "run.started": z.object({
    dag: z.string(),
    version: text("sha256 of the DAG's canonical JSON"),
    owner: z.string().exactOptional(),
    rerunOf: text("workflow id of the closed run that this one goes on from").exactOptional(),
  }),
  "run.paused": z.object(who),
  "run.resumed": z.object(who),
  "run.changed": z.object({
    params: z.array(z.string()).meta({ description: "names of the params that were set, at most 20; never a value" }),
    tasks: z.array(z.string()).meta({ description: "tasks that are others by it, at most 100" }),
    changed: count("tasks that are others by it"),
    ...who,
  }),
  "run.finished": z.object({
    state: z.enum(["succeeded", "failed", "cancelled"]),
    message: text("which task failed first, and how; or what ended the run from outside").exactOptional(),
  }),
  "task.waiting": z.object({
    reason: text("what the task waits for; of a run that is queued, the run"),
    attempt: count("the attempt that no worker has taken up, or that a pool holds back").exactOptional(),
    options: z.array(z.string()).meta({ description: "of an approval: what may be answered" }).exactOptional(),
    assignees: z.array(z.string()).meta({ description: "of an approval: who is asked" }).exactOptional(),
    until: time("of an approval or a wait: when it ends by itself").exactOptional(),
    subject: text("of a wait for a message: on which subject").exactOptional(),
  }),
  "task.cleared": z.object({
    control: z.enum(CONTROLS).meta({ description: "which control took the task's state back" }),
    attempts,
    ...who,
  }),
  "task.skipped": z.object({
    state: z.enum(["skipped", "upstream_failed"]),
    attempts,
    reason: text("why it does not run").exactOptional(),
    ...who,
  }),
  "task.finished": z.object({
    state: z.enum(["succeeded", "failed"]),
    attempts,
    kind: kind.exactOptional(),
    message: text("how the deciding attempt ended, at most 400 characters").exactOptional(),
    reason: text("why it counts as succeeded, where a person said so").exactOptional(),
    ...who,
  }),
  "attempt.created": z.object({ pod: Pod }),
  "attempt.scheduled": z.object({ pod: Pod, node: z.string() }),
  "attempt.blocked": z.object({
    pod: Pod,
    reason: text("Kubernetes' own word: Unschedulable, ImagePullBackOff, FailedMount …"),
    message: text("what is in the way, at most 1,024 characters"),
  }),
  "attempt.started": z.object({ pod: Pod }),
  "attempt.finished": z.object({ pod: Pod.exactOptional(), outcome: Outcome }),
  "pod.deleted": z.object({ pod: Pod }),
  "pod.unreachable": z.object({
    pod: Pod,
    node: z.string().exactOptional(),
    message: text("who has not answered"),
  }),
  "log.gap": z.object({
    ...ofLog,
    from: time("behind which line").exactOptional(),
    to: time("before which line").exactOptional(),
    reason: text("why lines may be missing"),
  }),
  "log.ended": z.object({
    ...ofLog,
    lines: count("lines of the log"),
    bytes: count("UTF-8 bytes, each line with its newline"),
    complete: z.boolean().meta({ description: "every line that the container printed is there" }),
    reason: text("why it is not complete").exactOptional(),
  }),
} as const satisfies Record<EventType, z.ZodObject>;

/** What is wrong with a body: a field that is missing, of another type, or that no schema knows. Undefined: nothing. */
export function eventDataProblem(type: EventType, data: unknown): string | undefined {
  const read = z.strictObject(BODIES[type].shape).safeParse(data);
  return read.success ? undefined : z.prettifyError(read.error);
}

/** One JSON Schema (2020-12) with a definition for each type. */
export function eventSchemas(): object {
  const bodies = EVENT_TYPES.map((type) => [type, z.toJSONSchema(BODIES[type], { io: "input" })] as const);
  const definitions = bodies.map(([type, { $schema: _one, ...schema }]) => [`dev.slipway.${type}`, schema]);
  return {
    $schema: "https://json-schema.org/draft/2020-12/schema",
    title: "The bodies of Slipway's events, by ce-type",
    $defs: Object.fromEntries(definitions),
  };
}

export { EVENT_DOCS } from "./event-docs.ts";
