import { connect } from "node:net";
import { StackError } from "../core/error.ts";

/** "host:port", "nats://host:port", "https://host" → host and port. */
export function hostAndPort(address: string, defaultPort: number): { host: string; port: number } | undefined {
  const withScheme = address.includes("://") ? address : `tcp://${address}`;
  if (!URL.canParse(withScheme)) return undefined;
  const url = new URL(withScheme);
  const implied = url.protocol === "https:" || url.protocol === "wss:" ? 443 : defaultPort;
  const host = url.hostname.replace(/^\[|\]$/g, "");
  return host === "" ? undefined : { host, port: url.port === "" ? implied : Number(url.port) };
}

/** Stops unless something listens at a given address: better here than in the middle of a run. */
export async function requireReachable(what: string, address: string, defaultPort: number, fix: string): Promise<void> {
  const target = hostAndPort(address, defaultPort);
  const why = target === undefined ? "this is not an address" : await refusal(target.host, target.port);
  if (why === undefined) return;
  throw new StackError("StackUnreachable", { what: `${what} at ${address} does not answer`, why, fix });
}

async function refusal(host: string, port: number): Promise<string | undefined> {
  return await new Promise((resolve) => {
    const socket = connect({ host, port, timeout: 5000 });
    const end = (why: string | undefined): void => {
      socket.destroy();
      resolve(why);
    };
    socket.once("connect", () => end(undefined));
    socket.once("timeout", () => end("no answer within 5 s"));
    socket.once("error", (error) => end(error.message));
  });
}
