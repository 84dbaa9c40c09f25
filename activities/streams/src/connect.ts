import { errors, type NatsConnection } from "@nats-io/nats-core";
import { problem, SlipwayError } from "@slipway/dag";
import { connect } from "@nats-io/transport-node";
import { backoff, Deadline } from "./backoff.ts";
import { errorText, type Log } from "./log.ts";
import { loginOf, type NatsSettings, unreadableFile, withoutUser } from "./login.ts";

export interface ConnectSettings extends NatsSettings {
  /** What the server's monitoring calls this connection. */
  readonly name: string;
  /** Milliseconds until the first connection must stand. Default 10 s. */
  readonly connectMs?: number;
  readonly log: Log;
}

const CONNECT_MS = 10_000;
const DIAL_MS = 3_000;

/**
 * One connection. The first must succeed within `connectMs` (else `SlipwayError`: server-unreachable, nats-refused);
 * after that it reconnects for ever. Whoever gets it closes it.
 */
export async function connectNats(settings: ConnectSettings): Promise<NatsConnection> {
  const unreadable = unreadableFile(settings);
  if (unreadable !== undefined) throw new SlipwayError([problem("nats-login", unreadable)]);
  const deadline = new Deadline(settings.connectMs ?? CONNECT_MS);
  for (let tries = 0; ; tries += 1) {
    try {
      return await dial(settings);
    } catch (error) {
      if (isRefused(error)) throw refused(settings, error);
      if (deadline.over || isNonsense(error)) throw unreachable(settings, error);
    }
    await backoff(tries);
  }
}

async function dial({ name, log, ...settings }: ConnectSettings): Promise<NatsConnection> {
  const nc = await connect({
    ...loginOf(settings),
    name,
    timeout: DIAL_MS,
    maxReconnectAttempts: -1,
    reconnectTimeWait: 250,
    reconnectJitter: 250,
    reconnectJitterTLS: 500,
    // A rotated credential may be refused twice before the new one is there: keep trying.
    ignoreAuthErrorAbort: true,
    pingInterval: 20_000,
    // Stack traces of every request cost a third of the throughput.
    noAsyncTraces: true,
  });
  void report(nc, log);
  return nc;
}

/** Ends with the connection. */
async function report(nc: NatsConnection, log: Log): Promise<void> {
  for await (const status of nc.status()) {
    if (status.type === "disconnect") log.warn({ server: withoutUser(status.server) }, "NATS connection lost");
    if (status.type === "reconnect") log.info({ server: withoutUser(status.server) }, "NATS connection is back");
    if (status.type === "error") log.warn({ why: errorText(status.error) }, "NATS reports an error");
  }
}

function isRefused(error: unknown): boolean {
  return error instanceof errors.AuthorizationError || error instanceof errors.UserAuthenticationExpiredError;
}

/** An address that is none: waiting does not mend it. */
function isNonsense(error: unknown): boolean {
  return error instanceof TypeError || error instanceof errors.InvalidArgumentError;
}

function unreachable({ servers }: ConnectSettings, cause: unknown): SlipwayError {
  const what = `NATS at ${named(servers)} does not answer: ${errorText(cause)}`;
  return new SlipwayError([problem("server-unreachable", what)], { cause });
}

function refused({ servers }: ConnectSettings, cause: unknown): SlipwayError {
  return new SlipwayError([problem("nats-refused", `NATS at ${named(servers)} refuses this user`)], { cause });
}

function named(servers: string | readonly string[]): string {
  return [servers].flat().map(withoutUser).join(", ");
}
