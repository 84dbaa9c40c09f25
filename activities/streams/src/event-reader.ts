import type { NatsConnection } from "@nats-io/nats-core";
import { eventFilter, installationNames } from "@slipway/dag";
import { decodeEvent, type StoredEvent } from "./event-decode.ts";
import { finderOf } from "./finder.ts";
import { type FollowOptions, follow, type Step, stepsOf } from "./follow.ts";
import { newestChain } from "./newest.ts";

/** The events of one run, or of one task of it. */
export interface EventsAt {
  readonly installation: string;
  readonly dag: string;
  readonly run: string;
  /** firstExecutionRunId, where a workflow id is used again; default: that of the newest event. */
  readonly chain?: string;
  /** Default: every task, and the run itself. */
  readonly task?: string;
  readonly index?: number;
}

/** What is stored now, in the order in which it was accepted. Throws `StreamsUnavailable` after 30 s without an answer. */
export async function* readEvents(
  nc: NatsConnection,
  at: EventsAt,
  { signal }: Pick<FollowOptions, "signal"> = {},
): AsyncGenerator<StoredEvent> {
  yield* ofRun(nc, at, stepsOf(nc, streamOf(at), eventFilter(at), signal === undefined ? {} : { signal }));
}

/** From the first event on, and then what comes, until `run.finished` (which is of no task), `signal` or `until`. */
export async function* followEvents(
  nc: NatsConnection,
  at: EventsAt,
  options: FollowOptions = {},
): AsyncGenerator<StoredEvent> {
  for await (const event of ofRun(nc, at, follow(nc, streamOf(at), eventFilter(at), options), options.onCaughtUp)) {
    yield event;
    if (event.type === "run.finished") return;
  }
}

async function* ofRun(
  nc: NatsConnection,
  at: EventsAt,
  steps: AsyncIterable<Step>,
  onCaughtUp?: () => void,
): AsyncGenerator<StoredEvent> {
  const newest = await newestChain(await finderOf(nc, streamOf(at)), eventFilter(at));
  const chain = at.chain ?? newest;
  for await (const step of steps) {
    if (step.kind === "caught-up") {
      onCaughtUp?.();
      continue;
    }
    const event = decodeEvent(step.message);
    if (event !== undefined && (chain === undefined || event.chain === chain)) yield event;
  }
}

function streamOf({ installation }: EventsAt): string {
  return installationNames(installation).eventStream;
}
