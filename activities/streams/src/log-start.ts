import type { Finder } from "./finder.ts";
import { type Frame, firstLine } from "./frame.ts";
import { decodeFrame } from "./frame-decode.ts";
import type { LogChoice } from "./log-choice.ts";
import type { LogView } from "./log-view.ts";
import type { StoredMessage } from "./message.ts";

/** A line's time is its node's, a frame's the NATS server's: so far may a node's clock be ahead. */
const CLOCKS_MS = 60_000;
/** Containers whose first line is searched; where there are more, all of it is read. */
const SEARCHED = 64;
/** Sequences looked at first, from the end, for the last lines; and the frames that a look should bring. */
const WINDOW = 16;
const FRAMES = 128;

export interface LogWorld {
  readonly finder: Finder;
  readonly filter: string;
  readonly choice: LogChoice;
  /** The newest sequence of the filter; 0: none. */
  readonly newest: number;
}

/**
 * The sequence from which a view is read: never too late, and not much too early, so that the end of a long log costs
 * some twenty requests and not the log. What is read too much is left out again (`shownItem`, `LogTail`).
 */
export async function logStart(world: LogWorld, view: LogView, clocksMs = CLOCKS_MS): Promise<number> {
  const starts = await Promise.all([sinceStart(world, view, clocksMs), lineStart(world, view)]);
  const floor = Math.max(1, ...starts);
  return view.tail === undefined ? floor : await tailStart(world, view, floor, view.tail);
}

async function sinceStart({ finder, filter, newest }: LogWorld, { since }: LogView, clocksMs: number): Promise<number> {
  if (since === undefined) return 1;
  const found = await finder.since(filter, new Date(since.getTime() - clocksMs));
  return found?.seq ?? newest + 1;
}

async function lineStart(world: LogWorld, { fromLine = 1 }: LogView): Promise<number> {
  const { finder, filter, newest } = world;
  if (fromLine <= 1) return 1;
  const subjects = await finder.subjects(filter);
  if (subjects.length > SEARCHED) return 1;
  const starts = await Promise.all(subjects.map((subject) => lineStartOf(world, subject, fromLine)));
  return Math.min(newest + 1, ...starts);
}

/**
 * Lives (a pod's container, a restart of it) follow one another in a subject, and lines rise in each: so it is searched
 * in two steps, for the first frame of the run, and in that life for the line.
 */
async function lineStartOf({ finder, choice, newest }: LogWorld, subject: string, line: number): Promise<number> {
  const wanted = (message: StoredMessage, frame: Frame): boolean => choice.wants(message.subject, frame);
  const span = { subject, low: 1, high: newest + 1 };
  const first = await finder.next(subject, await firstWhere(finder, span, wanted));
  const head = first && decodeFrame(first.header, first.data);
  if (head === undefined) return newest + 1;
  const life = lifeOf(head);
  return await firstWhere(finder, { ...span, low: first?.seq ?? 1 }, (_, frame) => {
    // A gap before the line is told too: it stands behind the line before.
    return lifeOf(frame) !== life || reach(frame) >= line - 1;
  });
}

/**
 * From where on every frame of a subject is one that `is` says yes to, where none says no behind a yes. At most one
 * request for each halving of the span. What is no frame counts as a yes: too early is never wrong.
 */
export async function firstWhere(
  finder: Pick<Finder, "next">,
  { subject, low, high }: { readonly subject: string; readonly low: number; readonly high: number },
  is: (message: StoredMessage, frame: Frame) => boolean,
): Promise<number> {
  let [from, to] = [low, high];
  while (from < to) {
    const middle = from + Math.floor((to - from) / 2);
    const found = await finder.next(subject, middle);
    const frame = found && decodeFrame(found.header, found.data);
    if (found === undefined || frame === undefined || found.seq >= to || is(found, frame)) to = middle;
    else from = found.seq + 1;
  }
  return to;
}

/** Walks back from the end until it has seen one line more than is wanted: so what stands before the last ones is there, too. */
async function tailStart(world: LogWorld, view: LogView, floor: number, lines: number): Promise<number> {
  let high = world.newest + 1;
  let width = WINDOW;
  for (let missing = lines + 1; missing > 0 && high > floor; ) {
    const low = Math.max(floor, high - width);
    const { frames, whole } = await windowOf(world, low, high, width <= WINDOW);
    if (!whole) {
      width = Math.ceil(width / 2);
      continue;
    }
    missing -= frames.reduce((sum, frame) => sum + shownLines(frame, view), 0);
    high = low;
    if (frames.length < FRAMES) width *= 2;
  }
  return high;
}

/** Frames that are wanted between two sequences; not `whole` where there are more than one page holds, unless `all` are asked for. */
async function windowOf(
  { finder, filter, choice }: LogWorld,
  low: number,
  high: number,
  all: boolean,
): Promise<{ readonly frames: readonly Frame[]; readonly whole: boolean }> {
  const frames: Frame[] = [];
  for (let seq = low; ; ) {
    const { messages, last } = await finder.page(filter, seq);
    for (const message of messages) {
      const frame = decodeFrame(message.header, message.data);
      if (message.seq < high && frame && choice.wants(message.subject, frame)) frames.push(frame);
    }
    seq = (messages.at(-1)?.seq ?? high) + 1;
    if (last || seq >= high) return { frames, whole: true };
    if (!all) return { frames, whole: false };
  }
}

/** Lines that a frame surely brings into the view. */
function shownLines(frame: Frame, { fromLine = 1, since, matches }: LogView): number {
  const { content } = frame;
  const first = firstLine(frame);
  const isNew = (time: string | undefined) => since === undefined || Date.parse(time ?? "") >= since.getTime();
  if (content.kind === "part") {
    return content.part === "last" && matches === undefined && first >= fromLine && isNew(content.time) ? 1 : 0;
  }
  if (content.kind !== "lines") return 0;
  return content.texts.filter(
    (text, at) => first + at >= fromLine && isNew(content.times[at]) && (matches?.(text) ?? true),
  ).length;
}

export function lifeOf({ origin }: Frame): string {
  return `${origin.chain}/${origin.pod}/${origin.restart}`;
}

/** The last line that has begun at the end of a frame. */
function reach({ place }: Frame): number {
  return place.offset > 0 ? place.line : place.line - 1;
}
