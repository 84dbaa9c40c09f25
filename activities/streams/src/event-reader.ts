import type { NatsConnection } from "@nats-io/nats-core";
import { eventFilter, installationNames } from "@slipway/dag";
import { decodeEvent, type StoredEvent } from "./event-decode.ts";
import { type FollowOptions, follow, readStored } from "./follow.ts";
import type { StoredMessage } from "./message.ts";
import { newestChain } from "./newest.ts";

/** The events of one run. */
export interface EventsAt {
  readonly installation: string;
  readonly dag: string;
  readonly run: string;
  /** firstExecutionRunId, where a workflow id is used again; default: that of the newest event. */
  readonly chain?: string;
}

/** What is stored now, in the order in which it was accepted. Throws `StreamsUnavailable` after 30 s without an answer. */
export async function* readEvents(
  nc: NatsConnection,
  at: EventsAt,
  { signal }: Pick<FollowOptions, "signal"> = {},
): AsyncGenerator<StoredEvent> {
  yield* ofRun(nc, at, readStored(nc, streamOf(at), eventFilter(at), { ...(signal && { signal }), upToLeader: true }));
}

/** From the first event on, and then what comes, until `run.finished`, `signal` or `until`. */
export async function* followEvents(
  nc: NatsConnection,
  at: EventsAt,
  options: FollowOptions = {},
): AsyncGenerator<StoredEvent> {
  for await (const event of ofRun(nc, at, follow(nc, streamOf(at), eventFilter(at), options))) {
    yield event;
    if (event.type === "run.finished") return;
  }
}

async function* ofRun(
  nc: NatsConnection,
  at: EventsAt,
  messages: AsyncIterable<StoredMessage>,
): AsyncGenerator<StoredEvent> {
  const newest = await newestChain(nc, streamOf(at), eventFilter(at));
  const chain = at.chain ?? newest;
  for await (const message of messages) {
    const event = decodeEvent(message);
    if (event !== undefined && (chain === undefined || event.chain === chain)) yield event;
  }
}

function streamOf({ installation }: EventsAt): string {
  return installationNames(installation).eventStream;
}
