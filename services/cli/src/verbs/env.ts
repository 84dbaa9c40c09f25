import type { Call } from "../call.ts";
import { EXIT, type ExitCode } from "../exit-code.ts";
import { usageError } from "../failure.ts";
import { findStack } from "../stack.ts";

/** Prints `export …` lines for a POSIX shell, so that temporal, nats and kubectl speak to the local stack. */
export async function run({ world }: Call): Promise<ExitCode> {
  const stack = await findStack(world);
  if (stack === undefined) throw usageError("there is no local stack here", "start it with `slipway up`");
  const { temporal, nats, kubernetes } = stack.addresses;
  const lines = [
    ["TEMPORAL_ADDRESS", temporal?.address],
    ["NATS_URL", nats?.url],
    ["KUBECONFIG", kubernetes?.kubeconfig],
  ] as const;
  world.out.write(
    lines.flatMap(([name, value]) => (value === undefined ? [] : [`export ${name}=${quoted(value)}\n`])).join(""),
  );
  return EXIT.ok;
}

/** Single quotes: nothing in them means anything to a shell. */
export function quoted(value: string): string {
  return `'${value.replaceAll("'", `'\\''`)}'`;
}
