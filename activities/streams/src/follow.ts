import { jetstreamManager } from "@nats-io/jetstream";
import type { NatsConnection } from "@nats-io/nats-core";
import { backoff } from "./backoff.ts";
import { readPage } from "./history.ts";
import { Inbox, type LiveMessage } from "./inbox.ts";
import type { StoredMessage } from "./message.ts";
import { patiently } from "./patiently.ts";
import { StreamsUnavailable } from "./unavailable.ts";

export interface FollowOptions {
  /** Ends the reading at once, without an error. */
  readonly signal?: AbortSignal;
  /** Once it has settled: what is stored by then is still read, then the reading ends. */
  readonly until?: Promise<unknown>;
  /** Called once, when what was stored at the beginning has been handed out and what comes now is new. */
  readonly onCaughtUp?: () => void;
}

/** What a reader meets: a message; or, once, the point where what was stored at the beginning has been handed out. */
export type Step = { readonly kind: "message"; readonly message: StoredMessage } | { readonly kind: "caught-up" };

/** Silence after which a follower looks whether something has passed it by. */
const LOOK_MS = 10_000;
/** Looks for the predecessor of a live message: the replica that answers may lag behind. */
const LOOKS = 5;

export interface StoredOptions {
  readonly signal?: AbortSignal;
  /** First sequence. Default 1. */
  readonly from?: number;
  /** Everything that was accepted before the call is read, also where the replica that answers lags behind the leader. */
  readonly upToLeader?: boolean;
}

/** What is stored now, oldest first. Throws `StreamsUnavailable` after 30 s without an answer. */
export async function* readStored(
  nc: NatsConnection,
  stream: string,
  filter: string,
  { signal, from = 1, upToLeader = false }: StoredOptions = {},
): AsyncGenerator<StoredMessage> {
  const jsm = await jetstreamManager(nc, { checkAPI: false });
  const last = async () => (await jsm.streams.getMessage(stream, { last_by_subj: filter }))?.seq ?? 0;
  const target = upToLeader ? await patiently(signal, last) : 0;
  for (let seq = from, looks = 0; ; ) {
    if (signal?.aborted) return;
    const page = await patiently(signal, () => readPage(jsm, stream, filter, seq));
    yield* page.messages;
    seq = (page.messages.at(-1)?.seq ?? seq - 1) + 1;
    if (!page.last) continue;
    if (seq > target || looks === LOOKS) return;
    await backoff(looks++);
  }
}

/** What is stored now, as steps. */
export async function* stepsOf(
  nc: NatsConnection,
  stream: string,
  filter: string,
  options: StoredOptions,
): AsyncGenerator<Step> {
  for await (const message of readStored(nc, stream, filter, { ...options, upToLeader: true })) {
    yield { kind: "message", message };
  }
  yield { kind: "caught-up" };
}

/**
 * What is stored (from a sequence on), and then what comes: each message once, those of one subject in order. It listens before it reads, and
 * whatever is in doubt (a hole, a full inbox, a reconnect, a long silence) is read from the stream, which has everything.
 * A stream that was deleted and made again is read from its beginning.
 * It waits for ever for a server that does not answer.
 */
export async function* follow(
  nc: NatsConnection,
  stream: string,
  filter: string,
  { signal, until, from = 1 }: Omit<FollowOptions, "onCaughtUp"> & Pick<StoredOptions, "from"> = {},
): AsyncGenerator<Step> {
  const inbox = new Inbox(nc, stream, filter);
  const wake = () => inbox.wake();
  signal?.addEventListener("abort", wake);
  let ending = false;
  until?.finally(() => (ending = true)).then(wake, wake);
  const seen = new Seen(from, !/[*>]/.test(filter));
  try {
    await heard(nc);
    for (let look = true, first = true; ; first = false) {
      if (signal?.aborted) return;
      const final = ending;
      if (look || final) yield* refill(nc, stream, filter, seen, { ...(signal && { signal }), upToLeader: final });
      if (first && !signal?.aborted) yield { kind: "caught-up" };
      if (final) return;
      const message = await inbox.next(LOOK_MS * (0.5 + Math.random() / 2));
      look = inbox.takeLost() || message === undefined || seen.isStrange(message);
      if (message === undefined || !seen.isNew(message)) continue;
      if (seen.follows(message)) {
        seen.add(message);
        yield { kind: "message", message };
      } else {
        look = true;
        inbox.putBack(message);
        await backoff(seen.misses);
      }
    }
  } finally {
    signal?.removeEventListener("abort", wake);
    inbox.close();
  }
}

/** The server knows the subscription: what is stored from now on arrives. Bounded; without an answer the first look is repeated. */
async function heard(nc: NatsConnection): Promise<void> {
  const { promise, resolve } = Promise.withResolvers<void>();
  const timer = setTimeout(resolve, 2_000);
  try {
    await Promise.race([nc.flush(), promise]);
  } finally {
    clearTimeout(timer);
  }
}

async function* refill(
  nc: NatsConnection,
  stream: string,
  filter: string,
  seen: Seen,
  options: Omit<StoredOptions, "from">,
): AsyncGenerator<Step> {
  const jsm = await jetstreamManager(nc, { checkAPI: false });
  for (;;) {
    try {
      seen.of((await patiently(options.signal, () => jsm.streams.info(stream))).created);
      for await (const message of readStored(nc, stream, filter, { ...options, from: seen.floor + 1 })) {
        const isNew = seen.isNew(message);
        seen.stored(message);
        if (isNew) yield { kind: "message", message };
      }
      return;
    } catch (error) {
      if (!(error instanceof StreamsUnavailable)) throw error;
      if (options.signal?.aborted) return;
    }
  }
}

/** What a follower has handed out. */
class Seen {
  /** Everything up to this sequence was read from the stream, or is not wanted. */
  floor: number;
  /** Live messages in a row whose predecessor was not in sight. */
  misses = 0;
  readonly #last = new Map<string, number>();
  /** When the stream was made, which tells it from another of its name: there sequences begin anew. */
  #stream: string | undefined;
  /** When the newest message was stored. */
  #newest = "";
  /** The filter has no wildcard: then the last message of its subject is the floor, too. */
  readonly #exact: boolean;
  /** What is older is not wanted. */
  #from: number;

  constructor(from: number, exact: boolean) {
    this.#from = from;
    this.floor = from - 1;
    this.#exact = exact;
  }

  /** Called before each reading of the stream. */
  of(created: string): void {
    if (this.#stream !== undefined && this.#stream !== created) {
      this.#last.clear();
      this.#from = 1;
      this.floor = 0;
    }
    this.#stream = created;
  }

  /** By its sequence it was handed out, and by its time it was not: perhaps it is another stream's. */
  isStrange(message: StoredMessage): boolean {
    return !this.isNew(message) && stamp(message) > this.#newest;
  }

  isNew({ subject, seq }: StoredMessage): boolean {
    return seq > (this.#last.get(subject) ?? this.#from - 1);
  }

  /** Whether nothing is missing before it; after five looks it is believed. */
  follows({ subject, previous }: LiveMessage): boolean {
    const last = this.#last.get(subject);
    if (last === undefined ? previous < this.#from : previous === last) return true;
    this.misses += 1;
    return this.misses > LOOKS;
  }

  add(message: StoredMessage): void {
    const { subject, seq } = message;
    this.misses = 0;
    if (stamp(message) > this.#newest) this.#newest = stamp(message);
    this.#last.set(subject, Math.max(seq, this.#last.get(subject) ?? 0));
    if (this.#exact) this.floor = seq;
  }

  stored(message: StoredMessage): void {
    this.add(message);
    this.floor = message.seq;
  }
}

/** RFC 3339 in UTC without its Z: such texts sort as their times do, however many digits they have. */
function stamp({ time }: StoredMessage): string {
  return time.replace(/Z$/, "");
}
