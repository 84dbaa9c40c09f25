import { type EventSink, type HoldEnd, type JsonObject, utf8Length } from "@slipway/dag";
import type { Evaluator } from "@slipway/expressions";
import type { AwaitMessageInput, MessageActivities } from "@slipway/run";
import type { Listen, Message } from "@slipway/streams";
import { CancelledFailure, Context } from "@temporalio/activity";
import { handOver } from "./hand-over.ts";

/** Bytes of JSON of one message, its headers included: it rides in the run's state. */
const MESSAGE_BYTES = 65_536;
const BEAT_MS = 5_000;

export interface MessageWorld {
  readonly listen: Listen;
  readonly events: EventSink;
  readonly evaluator: Pick<Evaluator, "evaluate">;
}

/** Listens until a message comes that `if` lets pass. It ends with the task, or with its worker: the next one listens again. */
export function awaitMessageActivity(world: MessageWorld): MessageActivities["awaitMessage"] {
  return async (input) => {
    const context = Context.current();
    const beat = setInterval(() => context.heartbeat(), BEAT_MS);
    try {
      return await firstThatPasses(world, input, context.cancellationSignal);
    } finally {
      clearInterval(beat);
    }
  };
}

async function firstThatPasses(world: MessageWorld, input: AwaitMessageInput, signal: AbortSignal): Promise<HoldEnd> {
  const messages = await world.listen(input.subject, signal);
  try {
    await announce(world, input);
    for await (const message of messages) {
      const end = await endBy(world, input, message);
      if (end !== undefined) return end;
    }
  } finally {
    messages.stop();
  }
  const { workerShutdown } = Context.current().cancellationDetails ?? {};
  if (workerShutdown) throw handOver("this worker shuts down; another listens");
  throw signal.aborted
    ? new CancelledFailure("nobody waits for a message any more")
    : new Error("NATS ended the subscription");
}

/** Only now: whoever reads that the task waits may publish. A stream that takes no event holds up no wait. */
async function announce({ events }: MessageWorld, { event }: AwaitMessageInput): Promise<void> {
  const { log } = Context.current();
  await events
    .publish([{ ...event, time: event.time ?? new Date().toISOString() }])
    .catch((error: unknown) => log.warn("the event task.waiting was not published", { error }));
}

async function endBy(world: MessageWorld, input: AwaitMessageInput, message: Message): Promise<HoldEnd | undefined> {
  const outputs = outputsOf(message);
  if (utf8Length(JSON.stringify(outputs)) > MESSAGE_BYTES)
    return broken("output", `a message on ${message.subject} is larger than ${MESSAGE_BYTES / 1024} KB`);
  if (input.if === undefined) return { kind: "done", outputs };
  const variables = { ...input.variables, event: outputs };
  const answer = await world.evaluator.evaluate({ place: "wait.event", source: input.if, variables });
  if (answer.kind === "failed") return broken("expression", `event.if: ${answer.why}`);
  if (typeof answer.value !== "boolean") return broken("expression", "event.if: its value is not true or false");
  return answer.value ? { kind: "done", outputs } : undefined;
}

function broken(kind: "output" | "expression", message: string): HoldEnd {
  return { kind: "broken", outcome: { kind, message } };
}

/** `data` is what its JSON says, or else the text. */
function outputsOf({ subject, headers, text }: Message): JsonObject {
  let data: JsonObject[string] = text;
  try {
    data = JSON.parse(text);
  } catch {
    // Text is as good as JSON.
  }
  return { subject, headers: { ...headers }, data };
}
