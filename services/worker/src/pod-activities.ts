import { giveNow } from "./conclude.ts";
import {
  type AttemptPorts,
  type Heartbeat,
  type Pods,
  type ReleasePorts,
  releaseAttempts,
  runAttempt,
  type StopReason,
  WatchStopped,
} from "@slipway/pods";
import { type AttemptRef, type Chain, type Redact, redactOutcome, redactOutputs } from "@slipway/dag";
import type { Evaluator } from "@slipway/expressions";
import type { AttemptResult, PodActivities, RunPodInput } from "@slipway/run";
import type { Streams } from "@slipway/streams";
import { ApplicationFailure, CancelledFailure, Context } from "@temporalio/activity";
import type { ChainFate } from "./chain-fate.ts";
import { handOver } from "./hand-over.ts";
import { KnownPod } from "./known-pod.ts";
import { redactError } from "./redact-error.ts";
import { renderAttempt } from "./render-attempt.ts";
import { retryWord } from "./retry-word.ts";
import { sayFinished } from "./say-finished.ts";
import { storeOutputs } from "./stored-outputs.ts";
import { releaseStop, watcherStop } from "./stop-reason.ts";

/** While a condition waits for its turn; well below heartbeatTimeout (30 s). */
const HEARTBEAT_MS = 5_000;

export interface PodDependencies {
  readonly pods: Pods;
  readonly streams: Streams;
  readonly evaluator: Pick<Evaluator, "evaluate">;
  /** Of what the cluster said. */
  readonly redact: Redact | undefined;
  /** Whether Temporal still waits for this attempt of the activity. */
  readonly isCurrent: (info: Context["info"], details?: Heartbeat) => Promise<boolean>;
  /** What became of a run whose activity Temporal no longer knows. */
  readonly fateOf: (chain: Chain, temporalRunId: string) => Promise<ChainFate>;
}

/** Gives the watcher of pods its ports: where logs and events go, how to say "alive", when to stop. */
export function podActivities(dependencies: PodDependencies): PodActivities {
  const { pods, redact } = dependencies;
  return {
    runPod: async (input) => {
      const context = Context.current();
      const known = await knownPod(input, context, dependencies.streams);
      const rendered = await beating(context, known, () => renderAttempt(dependencies.evaluator, input));
      if (rendered.kind === "ended" && known !== undefined)
        throw ApplicationFailure.retryable(rendered.outcome.message);
      const { variables: _variables, room: _room, ...asked } = input;
      const made = rendered.kind === "ok" ? { spec: rendered.spec } : { refused: rendered.outcome };
      const attempt = { ...asked, ...made, activityAttempt: context.info.attempt, ...(known && { known }) };
      const { values } = input.spec;
      const give = () => giveNow(dependencies.evaluator, { declared: values ?? {}, variables: input.variables ?? {} });
      const ports = { ...portsOf(context, dependencies, [input.ref], watcherStop), ...(values && { give }) };
      const ended = await runAttempt(pods, attempt, ports).catch((error: unknown) => {
        throw redactError(failureOf(error, context), redact);
      });
      const said = redact === undefined ? ended : redacted(ended, redact);
      const result = await beating(context, said.pod, () => placed(dependencies.streams.outputs, input, said));
      const word = () => retryWord(dependencies.evaluator, input.spec.retries, result.outcome);
      return { ...result, ...(await beating(context, result.pod, word)) };
    },
    releasePods: async (input) => {
      const context = Context.current();
      const release = { ...input, activityAttempt: context.info.attempt };
      const refs = input.attempts.map(({ ref }) => ref);
      await releaseAttempts(pods, release, portsOf(context, dependencies, refs, releaseStop)).catch(
        (error: unknown) => {
          throw redactError(failureOf(error, context), redact);
        },
      );
    },
  };
}

/** Says "alive" while expressions wait for their turn. */
async function beating<T>(context: Context, details: unknown, work: () => Promise<T>): Promise<T> {
  const beat = setInterval(() => context.heartbeat(details), HEARTBEAT_MS);
  try {
    return await work();
  } finally {
    clearInterval(beat);
  }
}

/** What has no room in the run's state stands in the store. */
async function placed(
  store: Streams["outputs"],
  { ref, room }: RunPodInput,
  result: AttemptResult,
): Promise<AttemptResult> {
  const { outputs } = result;
  if (outputs === undefined || room === undefined) return result;
  return { ...result, outputs: await storeOutputs(store, ref, outputs, room) };
}

function redacted(result: AttemptResult, redact: Redact): AttemptResult {
  const outputs = result.outputs === undefined ? {} : { outputs: redactOutputs(result.outputs, redact) };
  return { ...result, ...outputs, outcome: redactOutcome(result.outcome, redact) };
}

/**
 * The pod made for this attempt, where one is known to have been: from the heartbeat, or, in a later hop, whose activity has
 * none, from the attempt's own event. NATS may be away; then the pod's name decides alone.
 */
async function knownPod({ ref, hop }: RunPodInput, { info, log }: Context, streams: Streams) {
  const known = KnownPod.safeParse(info.heartbeatDetails);
  if (known.success) return known.data;
  if (hop === 0) return undefined;
  const uid = await streams.createdPod(ref).catch((error: unknown) => {
    log.warn("the event attempt.created could not be read", { error });
  });
  return uid === undefined ? undefined : { uid };
}

type Decide = (...args: Parameters<typeof watcherStop>) => StopReason | undefined;

function portsOf(
  context: Context,
  { pods, streams, fateOf, isCurrent }: PodDependencies,
  [first]: readonly AttemptRef[],
  decide: Decide,
): AttemptPorts & ReleasePorts {
  const { logs, events } = streams;
  const stop = new AbortController();
  const temporalRunId = context.info.workflowExecution?.runId ?? "";
  let over = false;
  const onCancelled = async (): Promise<void> => {
    const details = context.cancellationDetails;
    const asked = details?.notFound || details?.cancelRequested;
    const fate = asked && first !== undefined ? await fateOf(first.chain, temporalRunId) : undefined;
    over = fate?.kind === "closed";
    const reason = decide(details, fate);
    if (reason !== undefined) stop.abort(reason);
    if (fate?.kind === "closed" && first !== undefined) await sayFinished(events, first, fate.how);
  };
  context.cancelled
    .catch(onCancelled)
    .catch((error: unknown) => context.log.warn("a stop was not carried out", { error }));
  return {
    logs,
    events,
    heartbeat: (details?: Heartbeat) => context.heartbeat(details),
    isCurrent: async (details) => over || (await isCurrent(context.info, details)),
    createdPod: (ref) => streams.createdPod(ref),
    signal: stop.signal,
    now: () => pods.cluster.now(),
  };
}

/** A watcher that let go: to Temporal either a hand-over (another goes on at once) or the cancellation it asked for. */
function failureOf(error: unknown, context: Context): unknown {
  if (!(error instanceof WatchStopped)) return error;
  if (!context.cancellationDetails?.workerShutdown) return new CancelledFailure(error.message);
  return handOver("this worker shuts down; another goes on with the same pod");
}
