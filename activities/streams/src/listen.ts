import { errors, type Msg, type NatsConnection } from "@nats-io/nats-core";
import { problem, SlipwayError } from "@slipway/dag";
import type { Log } from "./log.ts";

/** A core NATS message; of a header with several values all, with commas. */
export interface Message {
  readonly subject: string;
  readonly headers: Readonly<Record<string, string>>;
  /** UTF-8; what is not comes as U+FFFD. */
  readonly text: string;
}

/** Messages as they come, until `stop`, until the signal, or until NATS says that this user may not listen. */
export interface Messages extends AsyncIterable<Message> {
  stop(): void;
}

/** Resolves when the server has the subscription. After a lost connection it is made again; what came meanwhile is missed. */
export type Listen = (subject: string, signal: AbortSignal) => Promise<Messages>;

/** Messages that nobody has looked at yet, and how long they are together; a flood beyond either is not kept, but one message always is. */
const WAITING = { messages: 1_000, characters: 8_000_000 } as const;
const FLUSH_MS = 5_000;

export function listener(nc: NatsConnection, log: Log): Listen {
  return async (subject, signal) => {
    const queue: Message[] = [];
    let characters = 0;
    let wake = (): void => {};
    let failed: Error | undefined;
    let over = false;
    let flooded = false;
    const leaveOut = (): void => {
      if (!flooded)
        log.warn({ subject, ...WAITING }, "messages come faster than they are looked at: some are left out");
      flooded = true;
    };
    const keep = (message: Message): void => {
      const length = lengthOf(message);
      const isFull = queue.length >= WAITING.messages || characters + length > WAITING.characters;
      if (isFull && queue.length > 0) return leaveOut();
      queue.push(message);
      characters += length;
    };
    const subscription = nc.subscribe(subject, {
      callback: (error, message) => {
        if (error !== null) failed = error;
        else keep(messageOf(message));
        wake();
      },
    });
    const stop = (): void => {
      over = true;
      if (!subscription.isClosed()) subscription.unsubscribe();
      signal.removeEventListener("abort", stop);
      wake();
    };
    signal.addEventListener("abort", stop);
    if (signal.aborted) stop();
    await within(nc.flush(), FLUSH_MS).catch((error: unknown) => {
      stop();
      throw error;
    });

    async function* messages(): AsyncGenerator<Message> {
      for (;;) {
        const next = queue.shift();
        if (next !== undefined) {
          characters -= lengthOf(next);
          yield next;
        } else if (failed !== undefined) throw refusalOf(failed, subject);
        else if (over || subscription.isClosed()) return;
        else {
          flooded = false;
          await new Promise<void>((resolve) => (wake = resolve));
        }
      }
    }
    return { stop, [Symbol.asyncIterator]: messages };
  };
}

function lengthOf({ headers, text }: Message): number {
  return JSON.stringify(headers).length + text.length;
}

function messageOf({ subject, headers, data }: Msg): Message {
  const named = (headers?.keys() ?? []).map((name) => [name, headers?.values(name).join(", ") ?? ""] as const);
  return { subject, headers: Object.fromEntries(named), text: new TextDecoder().decode(data) };
}

function refusalOf(error: Error, subject: string): Error {
  if (!(error instanceof errors.PermissionViolationError)) return error;
  return new SlipwayError([problem("nats-refused", `NATS does not let this user listen on ${subject}`)], {
    cause: error,
  });
}

async function within<T>(promise: Promise<T>, ms: number): Promise<T> {
  let timer: NodeJS.Timeout | undefined;
  const late = new Promise<never>((_, reject) => {
    timer = setTimeout(() => reject(new Error(`no answer of NATS within ${ms / 1000} s`)), ms);
  });
  try {
    return await Promise.race([promise, late]);
  } finally {
    clearTimeout(timer);
  }
}
