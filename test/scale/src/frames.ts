import { DeliverPolicy, jetstream } from "@nats-io/jetstream";
import { connect } from "@nats-io/transport-node";
import { installationNames } from "@slipway/dag";

/** What the streams say of one run. */
export interface Streamed {
  /** `end` frames that say all lines are there, and those that do not. */
  readonly complete: number;
  readonly incomplete: number;
  /** Lines before the `end` frames. */
  readonly lines: number;
  /** `attempt.created` events, and by how many pods. */
  readonly created: number;
  readonly finished: number;
  readonly runFinished: number;
}

/** Reads both streams of an installation to their end, bodies left out. */
export async function streamed(url: string, installation: string, run: string): Promise<Streamed> {
  const names = installationNames(installation);
  const connection = await connect({ servers: url });
  const counts = { complete: 0, incomplete: 0, lines: 0, created: 0, finished: 0, runFinished: 0 };
  try {
    await each(connection, names.logStream, `${installation}.log.*.${run}.>`, (_, header) => {
      if (header("Slipway-Kind") !== "end") return;
      counts[header("Slipway-Complete") === "true" ? "complete" : "incomplete"] += 1;
      counts.lines += Number(header("Slipway-Line")) - 1;
    });
    await each(connection, names.eventStream, `${installation}.event.*.${run}.>`, (subject) => {
      if (subject.endsWith(".attempt.created")) counts.created += 1;
      if (subject.endsWith(".task.finished")) counts.finished += 1;
      if (subject.endsWith(".run.finished")) counts.runFinished += 1;
    });
    return counts;
  } finally {
    await connection.close();
  }
}

async function each(
  connection: Awaited<ReturnType<typeof connect>>,
  stream: string,
  subject: string,
  look: (subject: string, header: (name: string) => string) => void,
): Promise<void> {
  const consumer = await jetstream(connection).consumers.get(stream, {
    filter_subjects: [subject],
    deliver_policy: DeliverPolicy.All,
    headers_only: true,
  });
  const { num_pending: pending } = await consumer.info();
  if (pending === 0) return;
  const messages = await consumer.consume();
  for await (const message of messages) {
    look(message.subject, (name) => message.headers?.get(name) ?? "");
    if (message.info.pending === 0) break;
  }
  await messages.close();
}
