import type { RunReport, RunRef, SlipwayClient, WaitResult } from "@slipway/client";
import { firstLine } from "./failure.ts";
import { type Change, changeOfEvent, changesBetween } from "./progress-line.ts";

export interface WatchOptions {
  readonly signal: AbortSignal;
  /** Milliseconds. */
  readonly timeoutMs?: number;
  readonly onChange: (change: Change) => void;
  /** Something about the watching itself, in one sentence. */
  readonly onNotice: (text: string) => void;
}

/** After the run has closed, how long its last events may still be on their way. */
const LAST_EVENTS_MS = 3_000;
const POLL_MS = 1_000;
/** A report that is being fetched is not worth waiting for once nobody listens. */
const LET_GO_MS = 200;

/**
 * Waits for a run and tells each change on the way. Temporal alone says when the run is over; the events only tell the
 * story, and where they cannot be read, reports fetched once a second tell a shorter one.
 */
export async function watchRun(client: SlipwayClient, run: RunRef, options: WatchOptions): Promise<WaitResult> {
  const { signal, timeoutMs } = options;
  const over = new AbortController();
  const story = tell(client, run, options, over.signal);
  try {
    const end = await client.wait(run, { signal, ...(timeoutMs === undefined ? {} : { timeoutMs }) });
    if (end.kind === "closed") await atMost(story, LAST_EVENTS_MS);
    return end;
  } finally {
    over.abort();
    await atMost(story, LET_GO_MS);
  }
}

/** Never rejects. */
async function tell(client: SlipwayClient, run: RunRef, options: WatchOptions, over: AbortSignal): Promise<void> {
  try {
    for await (const event of client.followEvents(run, { signal: over })) {
      const change = changeOfEvent(event);
      if (over.aborted) return;
      if (change !== undefined) options.onChange(change);
      if (event.type === "run.finished") return;
    }
  } catch (error) {
    options.onNotice(`events cannot be read (${firstLine(error)}); asking Temporal once a second instead`);
  }
  if (!over.aborted) await poll(client, run, options, over);
}

async function poll(client: SlipwayClient, run: RunRef, { onChange }: WatchOptions, over: AbortSignal): Promise<void> {
  let before: RunReport | undefined;
  while (!over.aborted) {
    const report = await client.report(run).then(
      ({ report }) => report,
      () => before,
    );
    if (over.aborted) return;
    if (report !== undefined) for (const change of changesBetween(before, report, new Date())) onChange(change);
    before = report;
    if (report !== undefined && report.state !== "running" && report.state !== "queued") return;
    await pause(POLL_MS, over);
  }
}

async function atMost(work: Promise<void>, ms: number): Promise<void> {
  const timer = new AbortController();
  await Promise.race([work, pause(ms, timer.signal)]);
  timer.abort();
}

/** Resolves after `ms` or when `signal` is aborted. */
export function pause(ms: number, signal: AbortSignal): Promise<void> {
  return new Promise((resolve) => {
    if (signal.aborted) return resolve();
    const done = (): void => {
      clearTimeout(timer);
      signal.removeEventListener("abort", done);
      resolve();
    };
    const timer = setTimeout(done, ms);
    signal.addEventListener("abort", done);
  });
}
