import { advanceCursor, type LogCursor, type LogLine } from "@slipway/dag";
import { isFault } from "./api-error.ts";
import type { BoundedWriter } from "./bounded-writer.ts";
import type { LogSource } from "./cluster.ts";
import type { Carriage, ContainerLife } from "./log-carrier.ts";
import { type Holes, ROTATED } from "./log-hole.ts";
import { Leash } from "./log-leash.ts";
import { type LogPiece, readFirst, readFresh } from "./log-reader.ts";
import type { FileWatch } from "./log-rotation.ts";

/** Where the pieces of a reading go. */
export interface Receivers {
  readonly lines: BoundedWriter;
  readonly holes: Holes;
  readonly file: FileWatch;
}

/** One reading's yield; `trouble` where it broke, `final` where no other reading can mend that. */
export interface Pass {
  readonly cursor: LogCursor | undefined;
  readonly added: number;
  /** The file ended before the cursor's place. */
  readonly short: boolean;
  /** Ended by us, to be begun anew at once. */
  readonly renewed: boolean;
  /** Ended by the kubelet: where nobody can read it again, the last word on what there was. */
  readonly sawEnd: boolean;
  readonly trouble?: { readonly reason: string; readonly final: boolean };
}

/** Reads what is there once: followed to its end where the container runs. What the sink throws is thrown. */
export async function readPass(
  receivers: Receivers,
  carriage: Carriage,
  life: ContainerLife,
  start: LogCursor | undefined,
): Promise<Pass> {
  const { cluster, pod, ref, rotationBytes } = carriage;
  const follow = life === "running";
  const at = { namespace: pod.namespace, pod: pod.name, container: ref.container, previous: life === "replaced" };
  const reading = new Reading(receivers, carriage, at, start);
  if (start !== undefined && receivers.file.possible) await reading.look();
  const leash = new Leash(carriage, follow, rotationBytes);
  const pieces = readFresh(cluster, { ...at, follow }, start, leash.signal);
  try {
    for (;;) {
      const next = await pieces.next().catch((error: unknown) => new Trouble(error));
      if (next instanceof Trouble)
        return reading.pass(leash.pulled ? { renewed: leash.due } : { trouble: next.explained });
      if (next.done === true) return reading.pass({ sawEnd: true });
      await reading.take(next.value);
      if (next.value.kind === "line" && leash.isLong(next.value.line.text.length))
        return reading.pass({ renewed: true });
    }
  } finally {
    leash.release();
    await pieces.return(undefined);
  }
}

class Reading {
  readonly #receivers: Receivers;
  readonly #carriage: Carriage;
  readonly #at: Omit<LogSource, "follow">;
  #cursor: LogCursor | undefined;
  #added = 0;
  #short = false;

  constructor(receivers: Receivers, carriage: Carriage, at: Omit<LogSource, "follow">, start: LogCursor | undefined) {
    this.#receivers = receivers;
    this.#carriage = carriage;
    this.#at = at;
    this.#cursor = start;
  }

  pass(how: Pick<Partial<Pass>, "renewed" | "sawEnd" | "trouble">): Pass {
    // What a broken answer did not show says nothing of the file.
    const short = this.#short && how.trouble === undefined;
    return { cursor: this.#cursor, added: this.#added, short, renewed: false, sawEnd: false, ...how };
  }

  async take(piece: LogPiece): Promise<void> {
    const { holes, file } = this.#receivers;
    switch (piece.kind) {
      case "short":
        this.#short = true;
        return;
      case "lost":
        file.lost(piece.to);
        return await holes.tell({ from: piece.from, to: piece.to, reason: ROTATED });
      case "began":
        return await this.#tell(file.look(piece.first));
      case "line":
        return await this.#line(piece.line);
    }
  }

  /** Whether the file is still the one that was read from. Where nobody answers, the next look will tell. */
  async look(): Promise<void> {
    const first = await readFirst(this.#carriage.cluster, this.#at, this.#carriage.signal).catch(() => undefined);
    await this.#tell(this.#receivers.file.look(first));
  }

  async #line(line: LogLine): Promise<void> {
    const { lines, file } = this.#receivers;
    await this.#tell(file.line(line.time, line.text.length));
    const known = file.file === undefined ? line : { ...line, file: file.file };
    await lines.write(known);
    this.#cursor = advanceCursor(this.#cursor, known);
    this.#added++;
    if (file.due()) await this.look();
  }

  async #tell(hole: ReturnType<FileWatch["look"]>): Promise<void> {
    if (hole !== undefined) await this.#receivers.holes.tell(hole);
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
