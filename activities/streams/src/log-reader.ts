import type { NatsConnection } from "@nats-io/nats-core";
import { installationNames, logFilter } from "@slipway/dag";
import { type Finder, finderOf } from "./finder.ts";
import { type FollowOptions, follow, type Step, stepsOf } from "./follow.ts";
import { decodeFrame } from "./frame-decode.ts";
import { LogAssembly } from "./log-assembly.ts";
import { chooseLogs, type LogAt, type LogChoice } from "./log-choice.ts";
import type { LogItem } from "./log-item.ts";
import { logStart } from "./log-start.ts";
import { LogTail } from "./log-tail.ts";
import { type LogView, shownItem } from "./log-view.ts";
import { sourceOf } from "./log-subject.ts";
import { chainOf } from "./newest.ts";

/** What is stored now. Throws `StreamsUnavailable` after 30 s without an answer. */
export async function* readLog(
  nc: NatsConnection,
  at: LogAt & LogView,
  { signal }: Pick<FollowOptions, "signal"> = {},
): AsyncGenerator<LogItem> {
  const reading = await beginning(nc, at, signal);
  const steps = stepsOf(nc, streamOf(at), filterOf(at), { ...(signal && { signal }), from: reading.start });
  for await (const { shown } of read(reading, at, steps)) yield* shown;
}

/**
 * What is stored, and then what comes, until `signal` or `until`. Where `at` names task, attempt and container it ends by
 * itself, when every log that has started has ended.
 */
export async function* followLog(
  nc: NatsConnection,
  at: LogAt & LogView,
  options: FollowOptions = {},
): AsyncGenerator<LogItem> {
  const one = at.task !== undefined && typeof at.attempt === "number" && at.container !== undefined;
  const reading = await beginning(nc, at, options.signal);
  const lives = one ? await livesOf(reading, filterOf(at)) : new Lives();
  const steps = follow(nc, streamOf(at), filterOf(at), { ...options, from: reading.start });
  let caughtUp = false;
  for await (const { item, shown } of read(reading, at, steps)) {
    yield* shown;
    if (item !== undefined) lives.see(item);
    else {
      caughtUp = true;
      options.onCaughtUp?.();
    }
    if (one && caughtUp && lives.areOver) return;
  }
}

interface Reading {
  readonly finder: Finder;
  readonly choice: LogChoice;
  readonly start: number;
}

async function beginning(nc: NatsConnection, at: LogAt & LogView, signal?: AbortSignal): Promise<Reading> {
  const finder = await finderOf(nc, streamOf(at), signal);
  const filter = filterOf(at);
  const newest = await finder.last(filter);
  const choice = await chooseLogs(finder, filter, at, chainOf(newest));
  return { finder, choice, start: await logStart({ finder, filter, choice, newest: newest?.seq ?? 0 }, at) };
}

/** Each item with what is shown now; without an item: what was stored has been read. */
async function* read(
  { finder, choice, start }: Reading,
  view: LogView,
  steps: AsyncIterable<Step>,
): AsyncGenerator<{ readonly item?: LogItem; readonly shown: readonly LogItem[] }> {
  const logs = new LogAssembly(finder, choice, start);
  const tail = new LogTail(view.tail);
  for await (const step of steps) {
    if (step.kind === "caught-up") yield { shown: tail.open() };
    else {
      for (const item of await logs.accept(step.message)) {
        const shown = shownItem(item, view);
        yield { item, shown: shown === undefined ? [] : tail.accept(shown) };
      }
    }
  }
}

/** Lives of containers: which have started, and have not ended. */
class Lives {
  readonly #running = new Set<string>();
  #any = false;

  see({ index, pod, restart, kind }: Pick<LogItem, "index" | "pod" | "restart" | "kind">): void {
    this.#any = true;
    const life = `${index ?? "-"}/${pod}/${restart}`;
    if (kind === "end") this.#running.delete(life);
    else this.#running.add(life);
  }

  get areOver(): boolean {
    return this.#any && this.#running.size === 0;
  }
}

/** As the last frame of each log says: a reader that begins behind it would not know. */
async function livesOf({ finder, choice, start }: Reading, filter: string): Promise<Lives> {
  const lives = new Lives();
  if (start === 1) return lives;
  for (const subject of await finder.subjects(filter)) {
    const last = await finder.last(subject);
    const frame = last && decodeFrame(last.header, last.data);
    const source = frame && sourceOf(subject, frame);
    if (source === undefined || frame === undefined || !choice.wants(subject, frame)) continue;
    lives.see({ ...source, kind: frame.content.kind === "end" ? "end" : "line" });
  }
  return lives;
}

function streamOf({ installation }: LogAt): string {
  return installationNames(installation).logStream;
}

function filterOf({ installation, dag, run, task, index, attempt, container }: LogAt): string {
  return logFilter({
    installation,
    dag,
    run,
    ...(task === undefined ? {} : { task }),
    ...(index === undefined ? {} : { index }),
    ...(container === undefined ? {} : { container }),
    ...(typeof attempt === "number" ? { attempt } : {}),
  });
}
