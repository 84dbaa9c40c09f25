import type { ConnectSettings, NatsSettings, TemporalSettings } from "@slipway/client";
import { DEFAULT_CLUSTER, DEFAULT_INSTALLATION, isInstallation, problem, SlipwayError } from "@slipway/dag";
import { usageError } from "./failure.ts";
import type { ConnectionFlags } from "./flags.ts";
import { type NatsSource, resolveNats, type StackNats } from "./nats-settings.ts";
import type { World } from "./world.ts";

/** What the local stack says of itself, as far as a connection needs it. */
export interface StackAddresses {
  readonly temporal?: { readonly address: string; readonly namespace?: string; readonly ui?: string };
  readonly nats?: StackNats;
  readonly kubernetes?: { readonly kubeconfig: string; readonly context?: string };
}

/** A profile of Temporal's configuration file with the environment (TEMPORAL_*) already laid over it. */
export interface TemporalProfile {
  readonly address?: string;
  readonly namespace?: string;
  readonly tls?: TemporalSettings["tls"];
  readonly apiKey?: string;
}

export interface Sources {
  readonly flags: ConnectionFlags;
  readonly env: World["env"];
  readonly profile: TemporalProfile;
  /** What the nats command's context says, where one is named. */
  readonly natsContext?: NatsSource | undefined;
  readonly stack: StackAddresses | undefined;
}

/** Where everything is; `nats` and `ui` are absent where nobody said. */
export interface Settings extends ConnectSettings {
  readonly installation: string;
  readonly cluster: string;
  /** Base URL of Temporal's Web UI. */
  readonly ui?: string;
}

/**
 * Flags > environment > profile > local stack, each value by itself, but credentials never travel:
 * they go only to the address that stands beside them.
 * @throws SlipwayError `no-address` where nobody says where Temporal is
 */
export function resolveSettings(sources: Sources): Settings {
  const temporal = resolveTemporal(sources);
  const { flags, env, natsContext: context, stack } = sources;
  const nats = resolveNats({ flags, env, context, stack: stack?.nats });
  const ui = sources.env["SLIPWAY_TEMPORAL_UI"] ?? uiOfStack(temporal.address, sources.stack);
  return {
    temporal,
    ...(nats && { nats }),
    installation: resolveInstallation(sources),
    cluster: sources.flags.cluster ?? sources.env["SLIPWAY_CLUSTER"] ?? DEFAULT_CLUSTER,
    ...(ui && { ui }),
  };
}

function resolveTemporal({ flags, profile, stack }: Sources): TemporalSettings {
  const address = flags.temporal ?? profile.address ?? stack?.temporal?.address;
  if (address === undefined) throw new SlipwayError([problem("no-address", "where is Temporal?")]);
  const own = profile.address === undefined ? flags.temporal !== undefined : address === profile.address;
  const fromStack = flags.temporal === undefined && profile.address === undefined;
  const namespace =
    flags.temporalNamespace ?? profile.namespace ?? (fromStack ? stack?.temporal?.namespace : undefined);
  const { tls, apiKey } = own ? profile : {};
  return { address, ...(namespace && { namespace }), ...(tls && { tls }), ...(apiKey && { apiKey }) };
}

function resolveInstallation({ flags, env }: Sources): string {
  const installation = flags.installation ?? env["SLIPWAY_INSTALLATION"] ?? DEFAULT_INSTALLATION;
  if (isInstallation(installation)) return installation;
  throw usageError(
    `${JSON.stringify(installation)} is not an installation name`,
    "lower-case letters, digits and -, at most 40, a letter first",
  );
}

/** The stack's Web UI shows the stack's Temporal and no other. */
function uiOfStack(address: string, stack: StackAddresses | undefined): string | undefined {
  return stack?.temporal?.address === address ? stack.temporal.ui : undefined;
}

/** @throws SlipwayError `no-address` where nobody says where NATS is */
export function requireNats({ nats }: Settings): NatsSettings {
  if (nats === undefined) throw new SlipwayError([problem("no-address", "where is NATS?")]);
  return nats;
}
