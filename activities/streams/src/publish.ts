import { JetStreamApiCodes, type JetStreamClient } from "@nats-io/jetstream";
import { headers } from "@nats-io/nats-core";
import { hasCode, isClosed } from "./api-error.ts";
import type { Message } from "./message.ts";

/** A publish that names the sequence it builds on. */
export interface CheckedPublish {
  /** On the inner side; the server stores it under the public subject. */
  readonly subject: string;
  /** The same message always has the same id, whoever sends it again (Nats-Msg-Id). */
  readonly id: string;
  readonly message: Message;
  /** Last sequence of `filter`, or of the message's own public subject; 0: nothing there. */
  readonly expected: number;
  /** May have wildcards (Nats-Expected-Last-Subject-Sequence-Subject). */
  readonly filter?: string;
}

export type PublishResult =
  | { readonly kind: "stored"; readonly seq: number }
  /** Something is there already, perhaps this very message: look, then decide. */
  | { readonly kind: "conflict" }
  /** Whether it went in is not known: send it again as it is. */
  | { readonly kind: "unsure"; readonly error: unknown };

/**
 * One try. The check and the id make it safe to repeat: a single server checks the sequence first (10071 where our own
 * message went in), a cluster's leader checks the id first (an ack that says duplicate).
 * Throws only where trying again cannot help: the connection is closed.
 */
export async function publishChecked(
  js: JetStreamClient,
  { subject, id, message, expected, filter }: CheckedPublish,
  timeoutMs: number,
): Promise<PublishResult> {
  const fields = headers();
  for (const [name, value] of message.headers) fields.append(name, value);
  const expect = {
    lastSubjectSequence: expected,
    ...(filter === undefined ? {} : { lastSubjectSequenceSubject: filter }),
  };
  try {
    const ack = await js.publish(subject, message.body, { msgID: id, headers: fields, expect, timeout: timeoutMs });
    return ack.duplicate ? { kind: "conflict" } : { kind: "stored", seq: ack.seq };
  } catch (error) {
    if (isClosed(error)) throw error;
    return isWrongSequence(error) ? { kind: "conflict" } : { kind: "unsure", error };
  }
}

/** 10164 is a cluster's way to say it while another message for that subject is on its way. */
function isWrongSequence(error: unknown): boolean {
  const { StreamWrongLastSequence, StreamWrongLastSequenceUnknown } = JetStreamApiCodes;
  return hasCode(error, StreamWrongLastSequence, StreamWrongLastSequenceUnknown);
}
