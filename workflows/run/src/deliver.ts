import { CancellationScope, log, rootCause } from "@temporalio/workflow";
import { eventActivities } from "./activities.ts";
import type { RunEvent } from "./ports.ts";
import { Pump } from "./pump.ts";
import { eventTitle, shortened } from "./titles.ts";

const EVENT_BATCH = 100;

/** The events of one run, in order. */
export class EventPump extends Pump<RunEvent> {
  constructor() {
    super({ size: EVENT_BATCH, lanes: 1 }, (events) => deliver(events, () => this.drop()));
  }
}

/**
 * Publishes a batch. Events that JetStream would not take in three tries are given up, and with them all that wait behind them
 * (`drop` takes those back): streams never hold a run. run.finished comes last and is tried by itself. Never rejects.
 */
export async function deliver(events: readonly RunEvent[], drop: () => readonly RunEvent[]): Promise<void> {
  const { publishEvents } = eventActivities(shortened(events.map(eventTitle)));
  await CancellationScope.nonCancellable(() => publishEvents({ events })).catch((error: unknown) => {
    const lost = [...events, ...drop()];
    log.warn("events were not published", { first: lost[0]?.type, count: lost.length, reason: rootCause(error) });
  });
}
