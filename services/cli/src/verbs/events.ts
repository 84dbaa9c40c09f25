import type { RunRef, SlipwayClient, StoredEvent } from "@slipway/client";
import { z } from "zod";
import type { Call } from "../call.ts";
import { eventPrinter } from "../event-view.ts";
import { EXIT, type ExitCode } from "../exit-code.ts";
import { connectionFlags, outputFlags, readFlags } from "../flags.ts";
import { pause } from "../pause.ts";
import { withClient } from "../session.ts";

const Flags = z.object({
  ...connectionFlags,
  ...outputFlags,
  follow: z.boolean().default(false),
});

/** After the run has closed, how long its last events may still be on their way. */
const LAST_EVENTS_MS = 3_000;

/** What happened to a run, an event a line, in the order in which NATS accepted them. */
export async function run({ world, args, flags: given }: Call): Promise<ExitCode> {
  const { follow, output, ...flags } = readFlags(Flags, given);
  return await withClient(world, flags, async (client) => {
    const run = await client.resolveRun(args[0] ?? "");
    const render = eventPrinter(client.installation, output);
    const signal = world.interruptible();
    let events = 0;
    for await (const event of follow ? toTheEnd(client, run, signal) : client.readEvents(run)) {
      events += 1;
      world.out.write(render(event));
    }
    if (signal.aborted) return EXIT.detached;
    if (events === 0) world.err.write(`no events of ${run.run} yet, or not kept any more\n`);
    return EXIT.ok;
  });
}

/** Until `run.finished`; a run that was terminated, or whose last event is not kept, ends soon after Temporal has closed it. */
async function* toTheEnd(client: SlipwayClient, run: RunRef, signal: AbortSignal): AsyncGenerator<StoredEvent> {
  const done = new AbortController();
  const either = AbortSignal.any([signal, done.signal]);
  const over = client.wait(run, { signal: either });
  const until = over.then(() => pause(LAST_EVENTS_MS, either));
  let finished = false;
  try {
    for await (const event of client.followEvents(run, { signal, until })) {
      finished ||= event.type === "run.finished";
      yield event;
    }
    if (!finished && !signal.aborted) await over;
  } finally {
    done.abort();
    await until.catch(() => undefined);
  }
}
