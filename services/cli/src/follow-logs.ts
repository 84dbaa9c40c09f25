import type { RunRef, SlipwayClient } from "@slipway/client";
import { logPrinter } from "./log-printer.ts";
import { pause } from "./watch.ts";
import type { World } from "./world.ts";

/** A log that is being printed beside something else. */
export interface Following {
  /** Resolves when every log has ended, or 5 s later: called when the run is over. */
  drained(): Promise<void>;
  /** Never rejects. */
  readonly finished: Promise<void>;
}

const DRAIN_MS = 5_000;

/** Prints the lines of a run as they come, until its logs have ended or `signal`. Trouble is said once, on stderr. */
export function followLogs(world: World, client: SlipwayClient, run: RunRef, signal: AbortSignal): Following {
  const finished = print(world, client, run, signal);
  return {
    finished,
    drained: async () => {
      const timer = new AbortController();
      await Promise.race([finished, pause(DRAIN_MS, timer.signal)]);
      timer.abort();
    },
  };
}

async function print(world: World, client: SlipwayClient, run: RunRef, signal: AbortSignal): Promise<void> {
  const show = logPrinter(world, { prefix: true, timestamps: false, json: false });
  try {
    for await (const record of client.followLog(run, {}, signal)) show(record);
  } catch (error) {
    const why = error instanceof Error ? (error.message.split("\n", 1)[0] ?? "") : String(error);
    world.err.write(`logs cannot be read: ${why}\n`);
  }
}
