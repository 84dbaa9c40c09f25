import type { EventSelection, RunRef, SlipwayClient, StoredEvent } from "@slipway/client";
import { EVENT_TYPES } from "@slipway/dag";
import { z } from "zod";
import type { Call } from "../call.ts";
import { eventPrinter } from "../event-view.ts";
import { EXIT, type ExitCode } from "../exit-code.ts";
import { connectionFlags, outputFlags, readFlags, wholeNumber } from "../flags.ts";
import { pause } from "../pause.ts";
import { withClient } from "../session.ts";
import { unitNamed } from "../unit-name.ts";
import { UnitTitles } from "../unit-titles.ts";

/** A type, or the first word of several: what both begin with. */
const typeFlag = z.string().transform((text, context) => {
  if (EVENT_TYPES.some((type) => type === text || type.startsWith(`${text}.`))) return text;
  context.addIssue(`there is no event ${JSON.stringify(text)}: ${EVENT_TYPES.join(", ")}`);
  return z.NEVER;
});

const Flags = z.object({
  ...connectionFlags,
  ...outputFlags,
  follow: z.boolean().default(false),
  type: z.array(typeFlag).default([]),
  index: wholeNumber(0).exactOptional(),
});

/** After the run has closed, how long its last events may still be on their way. */
const LAST_EVENTS_MS = 3_000;

/** What happened to a run, an event a line, in the order in which NATS accepted them. */
export async function run({ world, args, flags: given }: Call): Promise<ExitCode> {
  const { follow, output, type: types, index, ...flags } = readFlags(Flags, given);
  const [name = "", unit] = args;
  return await withClient(world, flags, async (client) => {
    const run = await client.resolveRun(name);
    const which = await unitNamed(client, run, unit, index);
    const render = eventPrinter(client.installation, output, new UnitTitles(client, run));
    const signal = world.interruptible();
    let events = 0;
    for await (const event of follow ? toTheEnd(client, run, which, signal) : client.readEvents(run, which)) {
      events += 1;
      if (isOneOf(event.type, types)) world.out.write(await render(event));
    }
    if (signal.aborted) return EXIT.detached;
    if (events === 0) world.err.write(`no events of ${unit ?? run.run} yet, or not kept any more\n`);
    return EXIT.ok;
  });
}

function isOneOf(type: string, types: readonly string[]): boolean {
  return types.length === 0 || types.some((wanted) => type === wanted || type.startsWith(`${wanted}.`));
}

/** Until `run.finished`; a run that was terminated, or whose last event is not kept, ends soon after Temporal has closed it. */
async function* toTheEnd(
  client: SlipwayClient,
  run: RunRef,
  which: EventSelection,
  signal: AbortSignal,
): AsyncGenerator<StoredEvent> {
  const done = new AbortController();
  const either = AbortSignal.any([signal, done.signal]);
  const over = client.wait(run, { signal: either });
  const until = over.then(() => pause(LAST_EVENTS_MS, either));
  let finished = false;
  try {
    for await (const event of client.followEvents(run, { ...which, signal, until })) {
      finished ||= event.type === "run.finished";
      yield event;
    }
    if (!finished && !signal.aborted) await over;
  } finally {
    done.abort();
    await until.catch(() => undefined);
  }
}
