import { accessSync, constants, readFileSync } from "node:fs";
import type { Authenticator, ConnectionOptions } from "@nats-io/nats-core";
import { credsAuthenticator } from "@nats-io/transport-node";
import { fromHeaderText } from "./header-text.ts";

/** Where NATS is, and who we are to it: of `credsFile`, `user` and `token` the first that is there. */
export interface NatsSettings {
  /** `nats://host:port`, one or several of one cluster; `nats://user:password@host:port` and `nats://token@host` log in where nothing else does. */
  readonly servers: string | readonly string[];
  /** PEM files: the authority of the server's certificate, and our own certificate with its key. Read again at every reconnect. */
  readonly tls?: { readonly caFile?: string; readonly certFile?: string; readonly keyFile?: string };
  /** A `.creds` file (JWT and nkey): read again at every reconnect, so it may be rotated. */
  readonly credsFile?: string;
  readonly user?: { readonly name: string; readonly password: string };
  readonly token?: string;
}

type Login = Pick<ConnectionOptions, "servers" | "tls" | "user" | "pass" | "token"> & {
  authenticator?: Authenticator;
};

/** As nats.js takes it: it reads no user from an address. */
export function loginOf({ servers, tls, credsFile, user, token }: NatsSettings): Login {
  const addresses = [servers].flat();
  const who = { ...(credsFile && { credsFile }), ...(user && { user }), ...(token && { token }) };
  return {
    servers: addresses.map(withoutUser),
    ...(tls === undefined ? {} : { tls }),
    ...whoOf(Object.keys(who).length > 0 ? who : userOf(addresses)),
  };
}

function whoOf({ credsFile, user, token }: Omit<NatsSettings, "servers" | "tls">): Login {
  if (credsFile !== undefined) {
    return { authenticator: (nonce) => credsAuthenticator(readFileSync(credsFile))(nonce) };
  }
  if (user !== undefined) return { user: user.name, pass: user.password };
  return token === undefined ? {} : { token };
}

/** Who an address says we are: the first of several that says it. */
function userOf(addresses: readonly string[]): Pick<NatsSettings, "user" | "token"> {
  for (const address of addresses) {
    const [, said] = /^(?:[a-z]+:\/\/)?([^@/]*)@/.exec(address) ?? [];
    if (said === undefined || said === "") continue;
    const [name = "", ...password] = said.split(":").map(fromHeaderText);
    return password.length === 0 ? { token: name } : { user: { name, password: password.join(":") } };
  }
  return {};
}

/** `nats://user:password@host` without its secret. */
export function withoutUser(server: string): string {
  return server.replace(/^([a-z]+:\/\/)?[^@/]*@/, "$1");
}

/** Said before any server is asked: waiting mends no file that is not there. */
export function unreadableFile({ credsFile, tls = {} }: NatsSettings): string | undefined {
  for (const file of [credsFile, tls.caFile, tls.certFile, tls.keyFile]) {
    try {
      if (file !== undefined) accessSync(file, constants.R_OK);
    } catch {
      return `${file} cannot be read`;
    }
  }
  return undefined;
}
