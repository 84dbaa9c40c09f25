import type { RunRef, SlipwayClient, WaitResult } from "@slipway/client";
import { followLogs } from "./follow-logs.ts";
import { live } from "./live.ts";
import type { Settings } from "./settings.ts";
import { sayIfNotTakenUp } from "./unserved.ts";
import { watchRun } from "./watch.ts";
import type { World } from "./world.ts";

export interface StayOptions {
  readonly signal: AbortSignal;
  /** Print every line of the run's logs on stdout. */
  readonly logs: boolean;
  /** Redraw one table in place of a line per change, where stderr is a terminal. */
  readonly redraw: boolean;
  /** Milliseconds; no limit where absent. */
  readonly timeoutMs?: number;
}

/** Stays with a run until it is over: changes on stderr, logs on stdout, and a word when nobody takes it up. */
export async function stayWith(
  world: World,
  { client, settings, run }: { readonly client: SlipwayClient; readonly settings: Settings; readonly run: RunRef },
  { signal, logs, redraw, timeoutMs }: StayOptions,
): Promise<WaitResult> {
  const over = new AbortController();
  const closed = Promise.withResolvers<void>();
  const screen = live(world, redraw);
  const unserved = sayIfNotTakenUp(screen.note, client, run, settings, over.signal);
  const lines = logs ? followLogs(world, client, run, { signal, until: closed.promise }) : undefined;
  try {
    return await watchRun(client, run, {
      signal,
      ...(timeoutMs === undefined ? {} : { timeoutMs }),
      onChange: screen.change,
      onNotice: (text) => screen.note(`${text}\n`),
    });
  } finally {
    closed.resolve();
    over.abort();
    await Promise.all([unserved, lines]);
    screen.close();
  }
}
