import type { RunRef, RunReport, SlipwayClient, WaitResult } from "@slipway/client";
import { firstLine } from "./failure.ts";
import { pause } from "./pause.ts";
import { type Change, changeOfEvent, changesBetween } from "./progress-line.ts";
import { UnitTitles } from "./unit-titles.ts";

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
/** What is still being fetched is not worth waiting for once nobody listens. */
const LET_GO_MS = 200;

/**
 * Waits for a run and tells each change on the way. Temporal alone says when the run is over; the events only tell the
 * story, and where they cannot be read, reports fetched once a second tell a shorter one.
 */
export async function watchRun(
  client: SlipwayClient,
  run: RunRef,
  { signal, timeoutMs, onChange, onNotice }: WatchOptions,
): Promise<WaitResult> {
  const over = new AbortController();
  const story = new Story(client, run, { onChange, onNotice }, over.signal);
  const told = story.tell();
  try {
    const end = await client.wait(run, { signal, ...(timeoutMs === undefined ? {} : { timeoutMs }) });
    if (end.kind === "closed") {
      if (story.hasEvents) await atMost(told, LAST_EVENTS_MS);
      else story.report(end.answer.report);
    }
    return end;
  } finally {
    over.abort();
    await atMost(told, LET_GO_MS);
  }
}

/** What is told of one run, by its events or else by its reports; nothing any more once `over`. */
class Story {
  readonly #client: SlipwayClient;
  readonly #run: RunRef;
  readonly #tell: Pick<WatchOptions, "onChange" | "onNotice">;
  readonly #over: AbortSignal;
  readonly #titles: UnitTitles;
  #last: RunReport | undefined;
  /** True from the first event on: then events tell it all. */
  hasEvents = false;

  constructor(
    client: SlipwayClient,
    run: RunRef,
    tell: Pick<WatchOptions, "onChange" | "onNotice">,
    over: AbortSignal,
  ) {
    this.#client = client;
    this.#run = run;
    this.#tell = tell;
    this.#titles = new UnitTitles(client, run);
    this.#over = over;
  }

  /** Ends with the run's last event, its last report, or `over`. Never rejects. */
  async tell(): Promise<void> {
    try {
      for await (const event of this.#client.followEvents(this.#run, { signal: this.#over })) {
        this.hasEvents = true;
        const { task, index } = event;
        const title = task && (await this.#titles.of({ task, ...(index !== undefined && { index }) }));
        const change = changeOfEvent({ ...event, ...(title && { task: title }) });
        if (change !== undefined && !this.#over.aborted) this.#tell.onChange(change);
      }
    } catch (error) {
      this.hasEvents = false;
      if (this.#over.aborted) return;
      this.#tell.onNotice(`events cannot be read (${firstLine(error)}); asking Temporal once a second instead`);
      await this.#poll();
    }
  }

  /** Tells what is new since the last report. */
  report(report: RunReport): void {
    if (this.#over.aborted) return;
    for (const change of changesBetween(this.#last, report, new Date())) this.#tell.onChange(change);
    this.#last = report;
  }

  async #poll(): Promise<void> {
    while (!this.#over.aborted) {
      const answer = await this.#client.report(this.#run).catch(() => undefined);
      if (answer !== undefined) this.report(answer.report);
      await pause(POLL_MS, this.#over);
    }
  }
}

async function atMost(work: Promise<void>, ms: number): Promise<void> {
  const timer = new AbortController();
  await Promise.race([work, pause(ms, timer.signal)]);
  timer.abort();
}
