import { delimiter } from "node:path";
import { problem, SlipwayError } from "@slipway/dag";
import type { Call } from "../call.ts";
import { EXIT, type ExitCode } from "../exit-code.ts";
import { findStack } from "../stack.ts";

/**
 * Prints `export …` lines for a POSIX shell, so that temporal, nats and kubectl speak to the local stack.
 * @throws SlipwayError `no-address`
 */
export async function run({ world }: Call): Promise<ExitCode> {
  const stack = await findStack(world);
  if (stack === undefined) {
    throw new SlipwayError([
      problem("no-address", "there is no local stack here", { fix: "start it with `slipway up`" }),
    ]);
  }
  const { temporal, nats, kubernetes, binPath } = stack.info;
  const path = [...binPath, world.env["PATH"] ?? ""].filter((part) => part !== "").join(delimiter);
  const values = {
    TEMPORAL_ADDRESS: temporal.address,
    NATS_URL: nats.url,
    KUBECONFIG: kubernetes.kubeconfig,
    PATH: path,
  };
  for (const [name, value] of Object.entries(values)) world.out.write(`export ${name}=${quoted(value)}\n`);
  return EXIT.ok;
}

/** Single quotes: nothing in them means anything to a shell. */
export function quoted(value: string): string {
  return `'${value.replaceAll("'", `'\\''`)}'`;
}
