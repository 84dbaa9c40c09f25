import { createServer } from "node:net";
import { randomInt } from "node:crypto";
import { StackError } from "./error.ts";

/** Below Linux's and above most services' ranges, so that no outgoing connection takes a port between choice and bind. */
const range = { first: 20_000, last: 31_999 };

/** Whether a server could listen there now. */
export async function isFree(port: number, host = "127.0.0.1"): Promise<boolean> {
  return await new Promise((resolve) => {
    const server = createServer();
    server.once("error", () => resolve(false));
    server.listen({ port, host, exclusive: true }, () => server.close(() => resolve(true)));
  });
}

/** The first of `wanted` that is free and not in `taken`, else a random free one. The choice is added to `taken`. */
export async function choosePort(
  wanted: readonly number[],
  taken: Set<number>,
  probe: (port: number) => Promise<boolean> = isFree,
): Promise<number> {
  const random = Array.from({ length: 50 }, () => randomInt(range.first, range.last + 1));
  for (const port of [...wanted, ...random]) {
    if (taken.has(port) || !(await probe(port))) continue;
    taken.add(port);
    return port;
  }
  throw new StackError("StackNoPort", {
    what: "no free port on 127.0.0.1",
    why: `50 tries between ${range.first} and ${range.last} all failed to bind`,
    fix: "stop servers that you do not need (ss -ltn lists them)",
  });
}

/** One port for each name; `wanted` gives the conventional ones. */
export async function choosePorts<K extends string>(
  names: readonly K[],
  wanted: ReadonlyMap<K, number>,
  probe: (port: number) => Promise<boolean> = isFree,
): Promise<Map<K, number>> {
  const taken = new Set<number>();
  const chosen = new Map<K, number>();
  for (const name of names) {
    const first = wanted.get(name);
    chosen.set(name, await choosePort(first === undefined ? [] : [first], taken, probe));
  }
  return chosen;
}
