import type { LogSelection, RunRef, SlipwayClient } from "@slipway/client";
import { Suggester } from "@slipway/dag";
import { z } from "zod";
import type { Call } from "../call.ts";
import { EXIT, type ExitCode } from "../exit-code.ts";
import { usageError } from "../failure.ts";
import { attemptFlag, connectionFlags, pastTime, readFlags, wholeNumber } from "../flags.ts";
import { titleOf } from "../item-view.ts";
import { logPrinter, type PrintLog } from "../log-printer.ts";
import { matcherOf } from "../matcher.ts";
import { withClient } from "../session.ts";
import { unitNamed } from "../unit-name.ts";
import { UnitTitles } from "../unit-titles.ts";
import type { World } from "../world.ts";

/** `--tail` holds so many lines in memory at most. */
const MOST_LINES = 100_000;

/** Tasks that an error names. */
const MOST_NAMES = 20;

const grep = z.string().transform((pattern, context) => {
  const matches = matcherOf(pattern);
  if (matches !== undefined) return matches;
  context.addIssue(`${pattern} is not a regular expression of RE2; without the slashes it is plain text`);
  return z.NEVER;
});

const flagsAt = (now: Date) =>
  z.object({
    ...connectionFlags,
    follow: z.boolean().default(false),
    attempt: attemptFlag.exactOptional(),
    index: wholeNumber(0).exactOptional(),
    container: z.string().exactOptional(),
    timestamps: z.boolean().default(false),
    tail: wholeNumber(0)
      .refine((lines) => lines <= MOST_LINES, `at most ${MOST_LINES}`)
      .exactOptional(),
    fromLine: wholeNumber(1).exactOptional(),
    since: pastTime(now).exactOptional(),
    grep: grep.exactOptional(),
    output: z.enum(["raw", "json"]),
  });

/** On stdout exactly the lines of the containers; what is missing, and why, on stderr. */
export async function run({ world, args, flags: given }: Call): Promise<ExitCode> {
  const flags = readFlags(flagsAt(world.now()), given);
  const {
    attempt,
    index: at,
    container,
    follow,
    timestamps,
    output,
    tail,
    fromLine,
    since,
    grep: matches,
    ...connection
  } = flags;
  const [name = "", unit] = args;
  const part = {
    ...(tail !== undefined && { tail }),
    ...(fromLine !== undefined && { fromLine }),
    ...(since && { since }),
    ...(matches && { matches }),
  };
  return await withClient(world, connection, async (client) => {
    const run = await client.resolveRun(name);
    const { task, index } = await unitNamed(client, run, unit, at);
    const which = {
      ...(task && { task }),
      ...(index !== undefined && { index }),
      ...(attempt && { attempt }),
      ...(container && { container }),
      ...part,
    };
    const tasks = task === undefined || follow ? await client.podTasks(run) : [];
    checkTask(run, task, tasks);
    const prefix = task === undefined && tasks.length !== 1 ? "all" : index === undefined ? "items" : "none";
    const print = logPrinter(world, { prefix, timestamps, json: output === "json" }, new UnitTitles(client, run));
    if (follow) return await followToEnd(world, client, run, which, print);
    let items = 0;
    for await (const item of client.readLog(run, which)) {
      items += 1;
      await print(item);
    }
    if (items > 0 || Object.keys(part).length > 0) return EXIT.ok;
    if (task !== undefined) checkTask(run, task, await client.podTasks(run));
    world.err.write(`no log of ${placeOf(run, which)} yet\n`);
    return EXIT.ok;
  });
}

/** A task that the run does not have has no log that is still to come. Before a run has been prepared nobody knows. */
function checkTask(run: RunRef, task: string | undefined, tasks: readonly string[]): void {
  if (task === undefined || tasks.length === 0 || tasks.includes(task)) return;
  const near = new Suggester().suggest(task, tasks);
  const named = tasks.length > MOST_NAMES ? [...tasks.slice(0, MOST_NAMES), "…"] : tasks;
  throw usageError(
    `the run ${run.run} has no pod of a task ${JSON.stringify(task)}`,
    near === undefined ? `it has pods of ${named.join(", ")}` : `did you mean ${near}?`,
  );
}

/** `greet/sidecar, attempt 2,` */
function placeOf(run: RunRef, { task, index, container, attempt }: LogSelection): string {
  const where = [titleOf(task ?? run.run, index), ...(container === undefined ? [] : [container])].join("/");
  return typeof attempt === "number" ? `${where}, attempt ${attempt},` : where;
}

/** Until the run is over and all that is stored has been read: a retry may always open another log. */
async function followToEnd(
  world: World,
  client: SlipwayClient,
  run: RunRef,
  which: LogSelection,
  print: PrintLog,
): Promise<ExitCode> {
  const signal = world.interruptible();
  const done = new AbortController();
  const over = client.wait(run, { signal: AbortSignal.any([signal, done.signal]) });
  try {
    for await (const item of client.followLog(run, which, { signal, until: over })) await print(item);
    if (!signal.aborted) await over;
  } finally {
    done.abort();
    await over.catch(() => undefined);
  }
  return signal.aborted ? EXIT.detached : EXIT.ok;
}
