import type { NatsSettings } from "@slipway/client";
import { problem, SlipwayError } from "@slipway/dag";
import { usageError } from "./failure.ts";
import type { ConnectionFlags } from "./flags.ts";
import type { World } from "./world.ts";

/** What one source says of NATS: an address, and a login that stands beside it. */
export interface NatsSource {
  readonly url?: string | undefined;
  readonly creds?: string | undefined;
  readonly user?: string | undefined;
  readonly password?: string | undefined;
  readonly token?: string | undefined;
  readonly ca?: string | undefined;
  readonly cert?: string | undefined;
  readonly key?: string | undefined;
}

export interface NatsSources {
  readonly flags: ConnectionFlags;
  readonly env: World["env"];
  /** The nats command's own context, where one is named. */
  readonly context?: NatsSource | undefined;
  readonly stack: StackNats | undefined;
}

/** `given`: somebody named it to `up`; it is no server of ours. */
export interface StackNats {
  readonly url: string;
  readonly given?: boolean;
}

/**
 * Flags > environment > context > local stack. A login goes only to the address that stands beside it, or where none does
 * to one that somebody named; never to the local stack, and never with another login's half.
 * @throws SlipwayError `nats-login`, `usage`
 */
export function resolveNats({ flags, env, context, stack }: NatsSources): NatsSettings | undefined {
  const sources = [fromFlags(flags), fromEnvironment(env), context ?? {}];
  const named = sources.find(({ url }) => url !== undefined)?.url ?? (stack?.given ? stack.url : undefined);
  const url = named ?? stack?.url;
  const servers = url?.split(",").flatMap((part) => (part.trim() === "" ? [] : [part.trim()]));
  if (servers === undefined || servers.length === 0) return undefined;
  const [typed = {}, ...told] = sources;
  const beside = told.filter((source) => (source.url === undefined ? named !== undefined : source.url === url));
  return { servers, ...whoOf([typed, ...beside]), ...tlsOf([typed, ...beside]) };
}

/** An address may be seen by everybody on the machine: no password is taken from it. */
function fromFlags({ nats, natsCreds, natsUser, natsCa, natsCert, natsKey }: ConnectionFlags): NatsSource {
  if (nats?.includes("@")) throw usageError("--nats takes an address without a user: others can see it", SECRETS);
  return { url: nats, creds: natsCreds, user: natsUser, ca: natsCa, cert: natsCert, key: natsKey };
}

const SECRETS = "give NATS_USER and NATS_PASSWORD, or NATS_TOKEN, in the environment, or a file with --nats-creds";

/** As the nats command spells them. An empty one counts as absent. */
function fromEnvironment(env: World["env"]): NatsSource {
  const given = (name: string) => env[`NATS_${name}`] || undefined;
  return {
    url: given("URL"),
    creds: given("CREDS"),
    user: given("USER"),
    password: given("PASSWORD"),
    token: given("TOKEN"),
    ca: given("CA"),
    cert: given("CERT"),
    key: given("KEY"),
  };
}

/** For the environment of a process of ours that speaks to the local stack: no login of elsewhere reaches it. */
export const NO_NATS_LOGIN: Readonly<Record<string, string>> = Object.fromEntries(
  ["CONTEXT", "CREDS", "USER", "PASSWORD", "TOKEN", "CA", "CERT", "KEY"].map((name) => [`NATS_${name}`, ""]),
);

/** The first source that says who we are; a password may stand in one behind it, since no flag takes it. */
function whoOf(sources: readonly NatsSource[]): Pick<NatsSettings, "credsFile" | "user" | "token"> {
  const { creds, user, token } = sources.find((source) => source.creds || source.user || source.token) ?? {};
  if (creds !== undefined) return { credsFile: creds };
  if (user === undefined) return token === undefined ? {} : { token };
  const password = sources.find((source) => source.password !== undefined && (source.user ?? user) === user)?.password;
  if (password === undefined) throw login(`the NATS user ${user} has no password`);
  return { user: { name: user, password } };
}

function tlsOf(sources: readonly NatsSource[]): Pick<NatsSettings, "tls"> {
  const first = (of: (source: NatsSource) => string | undefined) => sources.map(of).find((file) => file !== undefined);
  const [caFile, certFile, keyFile] = [first(({ ca }) => ca), first(({ cert }) => cert), first(({ key }) => key)];
  if ((certFile === undefined) !== (keyFile === undefined))
    throw login("a certificate for NATS and its key go together");
  const files = { ...(caFile && { caFile }), ...(certFile && { certFile }), ...(keyFile && { keyFile }) };
  return Object.keys(files).length === 0 ? {} : { tls: files };
}

function login(what: string): SlipwayError {
  return new SlipwayError([problem("nats-login", what)]);
}
