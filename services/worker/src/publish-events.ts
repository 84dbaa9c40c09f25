import type { EventSink } from "@slipway/dag";
import type { InstallationActivities } from "@slipway/run";

/** The workflow has no clock: an event without a time gets the publisher's. Its id does not depend on it. */
export function publishEventsActivity(sink: EventSink): InstallationActivities["publishEvents"] {
  return async ({ events }) => {
    const time = new Date().toISOString();
    await sink.publish(events.map((event) => ({ ...event, time: event.time ?? time })));
  };
}
