import path from "node:path";
import { createProgress } from "@slipway/local";
import { bringUp, type RunningStack } from "../bring-up.ts";
import type { Call } from "../call.ts";
import { loadRunnable } from "../dag-files.ts";
import { EXIT, type ExitCode } from "../exit-code.ts";
import { Interrupted } from "../failure.ts";
import { readStackFlags, type StackFlags } from "../flags.ts";
import { commandName, linksOf } from "../links.ts";
import { EXAMPLE, judge, renderStory, renderWayOn } from "../quickstart-story.ts";
import { withClient } from "../session.ts";
import { stayWith } from "../stay.ts";
import { styleFor } from "../style.ts";
import type { World } from "../world.ts";

/** A cluster of the user's own does not know the images of the local registry. */
const PUBLIC_IMAGES = ["python=python:3.12-slim", "debian=debian:12-slim"] as const;
/** Two image pulls, two attempts and the delay between them, on a slow host. */
const RUN_MS = 5 * 60_000;

/**
 * Brings the stack up, runs the example, shows its log and its failure, and leaves the stack up.
 * Exit 0 when the run behaved as the example says: one task passes, the other fails for want of Python.
 */
export async function run({ world, flags: given }: Call): Promise<ExitCode> {
  const flags = readStackFlags(given);
  const signal = world.interruptible();
  const command = commandName(world.env);
  const stack = await bringUp(world, flags, createProgress(world.err), signal);
  if (signal.aborted) throw new Interrupted("stopped; the stack stays up: `slipway down` stops it");
  const servers = { temporal: stack.info.temporal.address, nats: stack.info.nats.url };
  return await withClient(world, servers, async (client, settings) => {
    const { document, params } = loadExample(world, flags);
    const run = await client.startRun({ dag: document, params });
    world.err.write(`\nrunning ${EXAMPLE} as ${run.dag}/${run.run}\n`);
    const end = await stayWith(
      world,
      { client, settings, run },
      { signal, logs: true, redraw: false, timeoutMs: RUN_MS },
    );
    const links = linksOf({ ...settings, ...uiOf(stack) }, run, command);
    const style = styleFor(world.env, world.out);
    if (end.kind === "aborted") {
      world.err.write(
        `\ndetached; the run and the stack go on\n  end the run:    ${links.cancel}\n  stop the stack: ${command} down\n`,
      );
      return EXIT.detached;
    }
    const verdict = judge(end);
    world.out.write(`\n${renderStory(style, verdict)}\n${renderWayOn(style, links, command)}`);
    return verdict.asExpected ? EXIT.ok : EXIT.failed;
  });
}

function loadExample(world: World, { context }: StackFlags) {
  const images = context === undefined ? [] : PUBLIC_IMAGES;
  return loadRunnable(world, path.join(world.checkout, EXAMPLE), { param: images });
}

function uiOf({ info }: RunningStack): { readonly ui?: string } {
  return info.temporal.uiUrl === undefined ? {} : { ui: info.temporal.uiUrl };
}
