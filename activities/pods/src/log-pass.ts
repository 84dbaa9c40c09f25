import { advanceCursor, type LogCursor } from "@slipway/dag";
import { isFault } from "./api-error.ts";
import type { BoundedWriter } from "./bounded-writer.ts";
import type { Carriage, ContainerLife } from "./log-carrier.ts";
import { readFresh } from "./log-reader.ts";

/** What may be missing of a log, by its lines' times, and why. */
export interface Interval {
  readonly from?: string;
  readonly to?: string;
  readonly reason: string;
}

/** What stood behind the cursor in a file that was rotated. */
export const ROTATED = "the log was rotated or its clock stepped back";

/** One reading's yield; `trouble` where it broke, `final` where no other reading can mend that. */
export interface Pass {
  readonly cursor: LogCursor | undefined;
  readonly added: number;
  /** The file ended before the cursor's place. */
  readonly short: boolean;
  readonly trouble?: { readonly reason: string; readonly final: boolean };
}

/** Reads what is there once: followed to its end where the container runs. What the sink throws is thrown. */
export async function readPass(
  lines: BoundedWriter,
  carriage: Carriage,
  life: ContainerLife,
  start: LogCursor | undefined,
  gap: (interval: Interval) => Promise<void>,
): Promise<Pass> {
  const { cluster, pod, ref } = carriage;
  const follow = life === "running";
  const source = { namespace: pod.namespace, pod: pod.name, container: ref.container, follow };
  let cursor = start;
  let added = 0;
  let short = false;
  const leash = new Leash(carriage, follow);
  const pieces = readFresh(cluster, { ...source, previous: life === "replaced" }, cursor, leash.signal);
  try {
    for (;;) {
      const next = await pieces.next().catch((error: unknown) => new Trouble(error));
      if (next instanceof Trouble) {
        return { cursor, added, short: false, ...(leash.pulled ? {} : { trouble: next.explained }) };
      }
      if (next.done === true) return { cursor, added, short };
      if (next.value.kind === "short") short = true;
      else if (next.value.kind === "lost") {
        await gap({ from: next.value.from, to: next.value.to, reason: ROTATED });
      } else {
        await lines.write(next.value.line);
        cursor = advanceCursor(cursor, next.value.line);
        added++;
      }
    }
  } finally {
    leash.release();
    await pieces.return(undefined);
  }
}

/**
 * Ends a follow once its container has ended: by itself it ends up to a second later (or never, kubernetes#122928), and
 * a deleted pod is gone by then. The reading after it does not follow, so it misses nothing.
 */
class Leash {
  readonly #pull = new AbortController();
  readonly #done = new AbortController();
  readonly signal: AbortSignal;

  constructor(carriage: Carriage, follow: boolean) {
    this.signal = AbortSignal.any([carriage.signal, this.#pull.signal]);
    if (follow) void this.#watch(carriage);
  }
  get pulled(): boolean {
    return this.#pull.signal.aborted;
  }
  release(): void {
    this.#done.abort();
  }

  async #watch({ life, lifeChange }: Carriage): Promise<void> {
    const done = AbortSignal.any([this.signal, this.#done.signal]);
    while (!done.aborted && life() === "running") await lifeChange(60_000, done);
    if (!done.aborted) this.#pull.abort();
  }
}

/** A failed reading, apart from a failed writing, which is the sink's and is thrown. */
class Trouble {
  readonly explained: { readonly reason: string; readonly final: boolean };
  constructor(error: unknown) {
    // 404: the pod object is gone, and with it every way to its log.
    const final = isFault(error, "notFound");
    const reason = final ? "the pod was gone before its log was read to the end" : messageOf(error);
    this.explained = { reason, final };
  }
}

function messageOf(error: unknown): string {
  return error instanceof Error ? error.message : String(error);
}
