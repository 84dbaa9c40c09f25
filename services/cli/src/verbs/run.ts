import type { RunRef, SlipwayClient, WaitResult } from "@slipway/client";
import { z } from "zod";
import type { Call } from "../call.ts";
import { loadRunnable } from "../dag-files.ts";
import { EXIT, type ExitCode, exitOfRun } from "../exit-code.ts";
import { connectionFlags, duration, outputFlags, paramFlags, readFlags } from "../flags.ts";
import { commandName, type Links, linksOf, renderLinks } from "../links.ts";
import { print } from "../output.ts";
import { answerData, headline, tasksTable } from "../report-view.ts";
import { withClient } from "../session.ts";
import type { Settings } from "../settings.ts";
import { stayWith } from "../stay.ts";
import { styleFor } from "../style.ts";
import { sayIfNobodyPolls } from "../unserved.ts";
import type { World } from "../world.ts";

const Flags = z.object({
  ...connectionFlags,
  ...paramFlags,
  ...outputFlags,
  wait: z.boolean().default(false),
  watch: z.boolean().default(false),
  logs: z.boolean().default(false),
  timeout: duration.exactOptional(),
  runId: z.string().exactOptional(),
  dag: z.string().exactOptional(),
});
type RunFlags = z.infer<typeof Flags>;

/** Checks the DAG, starts it, and, where asked, stays until it is over and exits by its result. */
export async function run({ world, args, flags: given }: Call): Promise<ExitCode> {
  const flags = readFlags(Flags, given);
  const { document, params } = loadRunnable(world, args[0] ?? "", flags);
  return await withClient(world, flags, async (client, settings) => {
    const { runId } = flags;
    const started = await client.startRun({ dag: document, params, ...(runId && { runId }) });
    const stays = flags.wait || flags.watch || flags.logs;
    if (!stays) return await leave(world, flags, { client, settings, started });
    world.err.write(renderStarted(world, started, linksOf(settings, started, commandName(world.env))));
    const end = await stayWith(
      world,
      { client, settings, run: started },
      {
        signal: world.interruptible(),
        logs: flags.logs,
        redraw: flags.watch,
        ...(flags.timeout === undefined ? {} : { timeoutMs: flags.timeout }),
      },
    );
    return finish(world, flags, { settings, started, end });
  });
}

interface Started {
  readonly client: SlipwayClient;
  readonly settings: Settings;
  readonly started: RunRef;
}

/** The ids and links are the data. */
async function leave(world: World, flags: RunFlags, { client, settings, started }: Started): Promise<ExitCode> {
  const links = linksOf(settings, started, commandName(world.env));
  print(world, flags.output, {
    data: { ...started, links },
    names: [started.workflowId],
    table: () => renderStarted(world, started, links),
  });
  await sayIfNobodyPolls(world, client, settings);
  return EXIT.ok;
}

function renderStarted(world: World, { dag, run, workflowId }: RunRef, links: Links): string {
  const style = styleFor(world.env, world.err);
  return `${style.bold(`${dag}/${run}`)} started\n  workflow   ${workflowId}\n${renderLinks(links)}`;
}

function finish(
  world: World,
  flags: RunFlags,
  { settings, started, end }: { readonly settings: Settings; readonly started: RunRef; readonly end: WaitResult },
): ExitCode {
  const links = linksOf(settings, started, commandName(world.env));
  if (end.kind === "aborted") {
    world.err.write(`\ndetached: the run goes on\n  end it:    ${links.cancel}\n  see it:    ${links.describe}\n`);
    return EXIT.detached;
  }
  if (end.kind === "timed-out") {
    world.err.write(`the wait timed out; the run goes on\n  see it:    ${links.describe}\n`);
    return EXIT.timedOut;
  }
  const { answer } = end;
  const sink = flags.logs ? world.err : world.out;
  const style = styleFor(world.env, sink);
  const table = (): string => `${headline(style, answer)}${tasksTable(style, answer.report)}`;
  if (flags.logs && flags.output === "table") world.err.write(table());
  else print(world, flags.output, { data: answerData(answer), names: [answer.run.workflowId], table });
  return exitOfRun(answer.report);
}
