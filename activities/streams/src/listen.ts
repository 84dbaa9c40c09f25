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

/** Messages that nobody has looked at yet; a flood beyond that is not kept. */
const WAITING = 1_000;
const FLUSH_MS = 5_000;

export function listener(nc: NatsConnection, log: Log): Listen {
  return async (subject, signal) => {
    const queue: Msg[] = [];
    let wake = (): void => {};
    let failed: Error | undefined;
    let over = false;
    let flooded = false;
    const leaveOut = (): void => {
      if (!flooded)
        log.warn({ subject, waiting: WAITING }, "messages come faster than they are looked at: some are left out");
      flooded = true;
    };
    const subscription = nc.subscribe(subject, {
      callback: (error, message) => {
        if (error !== null) failed = error;
        else if (queue.length < WAITING) queue.push(message);
        else leaveOut();
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
        if (next !== undefined) yield messageOf(next);
        else if (failed !== undefined) throw refusalOf(failed, subject);
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
