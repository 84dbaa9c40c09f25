import type { RunRef, SlipwayClient } from "@slipway/client";
import { z } from "zod";
import type { Call } from "../call.ts";
import { EXIT, type ExitCode } from "../exit-code.ts";
import { attemptFlag, connectionFlags, readFlags } from "../flags.ts";
import { logPrinter } from "../log-printer.ts";
import { withClient } from "../session.ts";
import type { World } from "../world.ts";

const Flags = z.object({
  ...connectionFlags,
  follow: z.boolean().default(false),
  attempt: attemptFlag.exactOptional(),
  container: z.string().exactOptional(),
  timestamps: z.boolean().default(false),
  output: z.enum(["raw", "json"]),
});

/** On stdout exactly the lines of the containers; what is missing, and why, on stderr. */
export async function run({ world, args, flags: given }: Call): Promise<ExitCode> {
  const { attempt, container, follow, timestamps, output, ...flags } = readFlags(Flags, given);
  const [name = "", task] = args;
  return await withClient(world, flags, async (client) => {
    const run = await client.resolveRun(name);
    const prefix = task === undefined && (await client.podTasks(run)).length !== 1;
    const print = logPrinter(world, { prefix, timestamps, json: output === "json" });
    const which = { ...(task && { task }), ...(attempt && { attempt }), ...(container && { container }) };
    if (follow) return await followToEnd(world, client, run, (options) => client.followLog(run, which, options), print);
    let items = 0;
    for await (const item of client.readLog(run, which)) {
      items += 1;
      print(item);
    }
    if (items === 0) world.err.write(`no log of ${task ?? run.run} yet\n`);
    return EXIT.ok;
  });
}

type Follow = (options: Parameters<SlipwayClient["followLog"]>[2]) => ReturnType<SlipwayClient["followLog"]>;

/** Until the run is over and all that is stored has been read: a retry may always open another log. */
async function followToEnd(
  world: World,
  client: SlipwayClient,
  run: RunRef,
  follow: Follow,
  print: ReturnType<typeof logPrinter>,
): Promise<ExitCode> {
  const signal = world.interruptible();
  const done = new AbortController();
  const over = client.wait(run, { signal: AbortSignal.any([signal, done.signal]) });
  try {
    for await (const item of follow({ signal, until: over })) print(item);
    if (!signal.aborted) await over;
  } finally {
    done.abort();
    await over.catch(() => undefined);
  }
  return signal.aborted ? EXIT.detached : EXIT.ok;
}
