import type { RunRef, SlipwayClient } from "@slipway/client";
import { logPrinter } from "./log-printer.ts";
import { firstLine } from "./failure.ts";
import { UnitTitles } from "./unit-titles.ts";
import type { World } from "./world.ts";

/** Prints every line of a run as it comes, until `until` and all that is stored by then. Never rejects: trouble is said once, on stderr. */
export async function followLogs(
  world: World,
  client: SlipwayClient,
  run: RunRef,
  options: { readonly signal: AbortSignal; readonly until: Promise<unknown> },
): Promise<void> {
  const format = { prefix: "all", timestamps: false, json: false } as const;
  const show = logPrinter(world, format, new UnitTitles(client, run));
  try {
    for await (const item of client.followLog(run, { attempt: "all" }, options)) await show(item);
  } catch (error) {
    world.err.write(`logs cannot be read: ${firstLine(error)}\n`);
  }
}
