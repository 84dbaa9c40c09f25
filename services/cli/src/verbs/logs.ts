import type { LogRecord } from "@slipway/client";
import { z } from "zod";
import type { Call } from "../call.ts";
import { EXIT, type ExitCode } from "../exit-code.ts";
import { connectionFlags, readFlags, wholeNumber } from "../flags.ts";
import { logPrinter } from "../log-printer.ts";
import { withClient } from "../session.ts";

const Flags = z.object({
  ...connectionFlags,
  follow: z.boolean().default(false),
  attempt: wholeNumber(1).exactOptional(),
  container: z.string().exactOptional(),
  timestamps: z.boolean().default(false),
  output: z.enum(["raw", "json"]),
});

/** On stdout exactly the lines of the containers; what is missing, and why, on stderr. */
export async function run({ world, args, flags: given }: Call): Promise<ExitCode> {
  const flags = readFlags(Flags, given);
  const [name = "", task] = args;
  return await withClient(world, flags, async (client) => {
    const run = await client.resolveRun(name);
    const { attempt, container, follow } = flags;
    const which = { ...(task && { task }), ...(attempt && { attempt }), ...(container && { container }) };
    const signal = follow ? world.interruptible() : undefined;
    const records: AsyncIterable<LogRecord> =
      signal === undefined ? client.readLog(run, which) : client.followLog(run, which, signal);
    const prefix = task === undefined && (await client.podTasks(run)).length !== 1;
    const print = logPrinter(world, { prefix, timestamps: flags.timestamps, json: flags.output === "json" });
    let any = false;
    for await (const record of records) {
      any = true;
      print(record);
    }
    if (!any) world.err.write("no log yet\n");
    return signal?.aborted ? EXIT.detached : EXIT.ok;
  });
}
