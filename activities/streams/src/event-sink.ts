import type { JetStreamClient } from "@nats-io/jetstream";
import {
  type EventSink,
  eventId,
  eventScope,
  eventSubject,
  type Redact,
  redactWords,
  type SlipwayEvent,
} from "@slipway/dag";
import { backoff, Deadline } from "./backoff.ts";
import { encodeEvent, EVENT_HEADERS } from "./event-encode.ts";
import { fromHeaderText } from "./header-text.ts";
import type { Leader } from "./leader.ts";
import { errorText, type Log } from "./log.ts";
import { type PublishResult, publishChecked } from "./publish.ts";
import { Recent } from "./recent.ts";
import { StreamsUnavailable } from "./unavailable.ts";

const PUBLISH_MS = 3_000;
/** For one batch, while NATS refuses: at most, the activity that waits for it has little more. */
const PATIENCE_MS = 30_000;
/** Tasks whose events are remembered: forgetting one costs a look. */
const SCOPES = 10_000;

export interface EventWorld {
  readonly js: JetStreamClient;
  /** Of the event stream. */
  readonly leader: Leader;
  readonly log: Log;
  /** Told of every refusal: it may mend what it is about. */
  readonly mend?: (error: unknown) => void;
  /** Of messages and reasons; ids and facts are told as they are. */
  readonly redact?: Redact | undefined;
}

/** All events of one task and index, as of sequence `seq`: whatever is published on `seq` is published on these. */
interface Scope {
  seq: number;
  readonly ids: Set<string>;
}

/**
 * Events to JetStream. The sequence check covers all of a task and index (`…<index>.>`), so a publish that succeeds proves
 * that `ids` is all there is: an id among them is not sent again, however long ago it was sent, and by whomever.
 */
export function eventSink({ js, leader, log, mend, redact }: EventWorld, patienceMs = PATIENCE_MS): EventSink {
  const scopes = new Recent<Scope>(SCOPES);

  async function look(filter: string, deadline: Deadline): Promise<Scope> {
    const scope: Scope = { seq: 0, ids: new Set() };
    for await (const { seq, header } of leader.each(filter, deadline)) {
      scope.seq = seq;
      scope.ids.add(fromHeaderText(header(EVENT_HEADERS.id)));
    }
    return scope;
  }

  async function publishOne(event: SlipwayEvent, deadline: Deadline): Promise<void> {
    const told = redact === undefined ? event : { ...event, data: redactWords(event.data, redact) };
    const id = eventId(event);
    const filter = `${eventScope(event.ref)}.>`;
    const what = { subject: eventSubject(event.ref, event.type, "inner"), id, message: encodeEvent(told), filter };
    for (let tries = 0; ; tries += 1) {
      const scope = scopes.get(filter) ?? { seq: 0, ids: new Set() };
      if (scope.ids.has(id)) return;
      const result = await publishChecked(js, { ...what, expected: scope.seq }, PUBLISH_MS);
      if (result.kind === "stored") {
        scope.ids.add(id);
        scopes.set(filter, { seq: result.seq, ids: scope.ids });
        return;
      }
      const why = whyNot(result);
      if (result.kind === "unsure") mend?.(result.error);
      if (deadline.over) throw new StreamsUnavailable(`NATS did not take the event ${event.type}: ${why}`);
      if (tries === 1) log.warn({ filter, why }, "event not stored yet");
      if (tries > 0 || result.kind === "unsure") await backoff(tries);
      if (result.kind === "conflict") scopes.set(filter, await look(filter, deadline));
    }
  }

  return {
    async publish(events) {
      const deadline = new Deadline(Math.min(patienceMs, PATIENCE_MS));
      for (const event of events) await publishOne(event, deadline);
    },
  };
}

function whyNot(result: Exclude<PublishResult, { kind: "stored" }>): string {
  return result.kind === "unsure" ? errorText(result.error) : "other events of this task came in between";
}
