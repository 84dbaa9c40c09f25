import { z } from "zod";
import type { Call } from "../call.ts";
import { EXIT, type ExitCode, exitOfRun } from "../exit-code.ts";
import { connectionFlags, duration, outputFlags, readFlags } from "../flags.ts";
import { commandName, linksOf } from "../links.ts";
import { print } from "../output.ts";
import { answerData, headline, tasksTable } from "../report-view.ts";
import { withClient } from "../session.ts";
import { styleFor } from "../style.ts";

const Flags = z.object({
  ...connectionFlags,
  ...outputFlags,
  timeout: duration.exactOptional(),
});

/** Waits for the end of a run and exits by its result; Ctrl-C lets go, the run goes on. */
export async function run({ world, args, flags: given }: Call): Promise<ExitCode> {
  const { timeout, ...flags } = readFlags(Flags, given);
  return await withClient(world, flags, async (client, settings) => {
    const run = await client.resolveRun(args[0] ?? "");
    const signal = world.interruptible();
    const end = await client.wait(run, { signal, ...(timeout === undefined ? {} : { timeoutMs: timeout }) });
    const links = linksOf(settings, run, commandName(world.env));
    switch (end.kind) {
      case "aborted":
        world.err.write(`detached: the run goes on; end it with ${links.cancel}\n`);
        return EXIT.detached;
      case "timed-out":
        world.err.write(`still running; see ${links.describe}\n`);
        return EXIT.timedOut;
      case "closed": {
        const style = styleFor(world.env, world.out);
        const { answer } = end;
        print(world, flags.output, {
          data: answerData(answer),
          names: [answer.run.workflowId],
          table: () => `${headline(style, answer)}${tasksTable(style, answer.report)}`,
        });
        return exitOfRun(answer.report);
      }
    }
  });
}
