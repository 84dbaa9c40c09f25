import type { NatsConnection } from "@nats-io/nats-core";

const watched = new WeakMap<NatsConnection, Set<() => void>>();

/**
 * Calls `heard` whenever the connection is back. Returns what ends that. One status iterator serves all listeners of a
 * connection and ends with it: an iterator of one's own could be left only at the next status.
 */
export function onReconnect(nc: NatsConnection, heard: () => void): () => void {
  const listeners = watched.get(nc) ?? watch(nc);
  listeners.add(heard);
  return () => void listeners.delete(heard);
}

function watch(nc: NatsConnection): Set<() => void> {
  const listeners = new Set<() => void>();
  watched.set(nc, listeners);
  void (async () => {
    for await (const { type } of nc.status()) {
      if (type === "reconnect") for (const heard of listeners) heard();
    }
  })();
  return listeners;
}
