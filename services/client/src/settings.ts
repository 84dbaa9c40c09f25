import { DEFAULT_INSTALLATION } from "@slipway/dag";
import type { NatsSettings } from "@slipway/streams";
import type { ConnectionOptions } from "@temporalio/client";

/** Where Temporal is. `address` is `host:port`; `namespace` is `default` where absent. */
export interface TemporalSettings {
  readonly address: string;
  readonly namespace?: string;
  /** As @temporalio/client takes it; `true` = TLS with the system's certificates. */
  readonly tls?: NonNullable<ConnectionOptions["tls"]>;
  readonly apiKey?: string;
}

export interface ConnectSettings {
  readonly temporal: TemporalSettings;
  /** Without it runs are started, watched and cancelled; logs and events are not read. */
  readonly nats?: NatsSettings;
  /** Default `slipway`. */
  readonly installation?: string;
  /** Milliseconds to wait for a server that does not answer at first. Default 5,000. */
  readonly connectTimeoutMs?: number;
}

export const DEFAULT_NAMESPACE = "default";

export function installationOf(settings: ConnectSettings): string {
  return settings.installation ?? DEFAULT_INSTALLATION;
}
