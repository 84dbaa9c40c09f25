import type { Msg, NatsConnection, Subscription } from "@nats-io/nats-core";
import type { SlipwayError } from "@slipway/dag";
import type { StoredMessage } from "./message.ts";
import { refusal } from "./refusal.ts";
import { onReconnect } from "./reconnects.ts";

/** A message as the stream repeated it. */
export interface LiveMessage extends StoredMessage {
  /** Sequence of the message before it on its subject; 0: none. */
  readonly previous: number;
}

const INBOX_BYTES = 4 * 1024 * 1024;

/**
 * Live messages of a filter, waiting for their reader. It holds 4 MiB at most; where it drops them, and after a
 * reconnect, it says that something may be lost: the stream has it. Whoever makes one closes it.
 */
export class Inbox {
  readonly #subscription: Subscription;
  readonly #stopListening: () => void;
  #messages: LiveMessage[] = [];
  #bytes = 0;
  #lost = false;
  #woken = false;
  #refused: SlipwayError | undefined;
  #wake: () => void = () => {};

  constructor(nc: NatsConnection, stream: string, filter: string) {
    this.#subscription = nc.subscribe(filter, {
      callback: (error, message) => {
        if (error === null) return this.#receive(stream, message);
        this.#refused ??= refusal(error);
        this.lose();
      },
    });
    this.#stopListening = onReconnect(nc, () => this.lose());
  }

  /** The next message; undefined after `ms`, or when something may be lost, or after `wake`. Throws where we may not listen. */
  async next(ms: number): Promise<LiveMessage | undefined> {
    if (this.#refused !== undefined) throw this.#refused;
    if (this.#messages.length === 0 && !this.#lost && !this.#woken) {
      const { promise, resolve } = Promise.withResolvers<void>();
      const timer = setTimeout(resolve, ms);
      this.#wake = resolve;
      await promise;
      clearTimeout(timer);
    }
    this.#woken = false;
    const message = this.#messages.shift();
    this.#bytes -= message?.data.length ?? 0;
    return message;
  }

  putBack(message: LiveMessage): void {
    this.#messages.unshift(message);
    this.#bytes += message.data.length;
  }

  /** Ends the wait under way, or the next one. */
  wake(): void {
    this.#woken = true;
    this.#wake();
  }

  /** Something may have passed by: forget what waits, the stream has all of it. */
  lose(): void {
    this.#messages = [];
    this.#bytes = 0;
    this.#lost = true;
    this.#wake();
  }

  /** Whether something may be lost since this was last asked. */
  takeLost(): boolean {
    const lost = this.#lost;
    this.#lost = false;
    return lost;
  }

  close(): void {
    this.#stopListening();
    this.#subscription.unsubscribe();
    this.lose();
  }

  #receive(stream: string, { subject, data, headers }: Msg): void {
    const header = (name: string) => headers?.last(name) ?? "";
    const seq = Number(header("Nats-Sequence"));
    // Not from the stream (somebody published on the public side): it is not stored, so it is not read.
    if (header("Nats-Stream") !== stream || !Number.isSafeInteger(seq) || seq < 1) return;
    if (this.#bytes + data.length > INBOX_BYTES) return this.lose();
    const time = header("Nats-Time-Stamp");
    this.#messages.push({ subject, seq, time, header, data, previous: Number(header("Nats-Last-Sequence")) });
    this.#bytes += data.length;
    this.#wake();
  }
}
