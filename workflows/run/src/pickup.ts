import { type Change, podsTaskQueue, type Unit } from "@slipway/dag";
import { CancellationScope, condition, sleep } from "@temporalio/workflow";
import { findUnwatched } from "./activities.ts";
import type { PreparedRun, Unwatched } from "./ports.ts";

/** An attempt is asked for at the end of the wait after the one it began in: 14 to 28 s old, so what waits is told within 30 s. */
const FIRST_MS = 14_000;
/** While nothing changes, each wait is twice as long as the one before; that a worker came is seen at the latest after this. */
const LONGEST_MS = 120_000;

const WAIT = { summary: "does a worker watch every attempt?" };

interface Scheduled extends Unit {
  readonly attempt: number;
}

export interface PickupPorts {
  /** Of these activities, the ones that no worker has taken up. */
  readonly ask: (activityIds: readonly string[]) => Promise<Unwatched>;
  /** With a reason: nobody watches it; without: somebody does. */
  readonly tell: (attempt: Scheduled, reason?: string) => void;
}

/**
 * Notices attempts that no worker takes up. A history does not say who watches an activity, so the server is asked: with
 * one timer for the whole run, which runs only while an attempt is in flight of which nobody knows. An attempt that is
 * watched is asked for once; one shorter than the timer never is. (docs/decisions/0006)
 */
export class Pickup {
  readonly #ports: PickupPorts;
  /** By activity id, those not known to be watched; `round`: which wait they were scheduled in. */
  readonly #unknown = new Map<string, Scheduled & { readonly round: number }>();
  readonly #told = new Set<string>();
  #round = 0;
  #asking = false;

  constructor(ports: PickupPorts) {
    this.#ports = ports;
  }

  scheduled(activityId: string, attempt: Scheduled): void {
    this.#unknown.set(activityId, { ...attempt, round: this.#round });
    if (this.#asking) return;
    this.#asking = true;
    void CancellationScope.nonCancellable(() => this.#loop());
  }

  ended(activityId: string): void {
    this.#unknown.delete(activityId);
    this.#told.delete(activityId);
  }

  async #loop(): Promise<void> {
    for (let ms = FIRST_MS; this.#unknown.size > 0; ) {
      this.#round += 1;
      ms = (await this.#wait(ms)) ? await this.#look(ms) : FIRST_MS;
    }
    this.#asking = false;
  }

  /** The first wait is never broken off, so that it costs two events; a longer one ends early for a new attempt, or for none. */
  async #wait(ms: number): Promise<boolean> {
    if (ms > FIRST_MS) return !(await condition(() => this.#hasChanged, ms, WAIT));
    await sleep(ms, WAIT);
    return true;
  }

  get #hasChanged(): boolean {
    return this.#unknown.size === 0 || [...this.#unknown.values()].some(({ round }) => round === this.#round);
  }

  /** Asks for those that were there before the wait; the next wait. */
  async #look(ms: number): Promise<number> {
    const old = [...this.#unknown].flatMap(([id, { round }]) => (round < this.#round ? [id] : []));
    const isNews = old.length > 0 && (await this.#ask(old));
    const isQuiet = old.length > 0 && old.length === this.#unknown.size && !isNews;
    return isQuiet ? Math.min(ms * 2, LONGEST_MS) : FIRST_MS;
  }

  /** True where something was found out. A server that does not answer is asked again later. */
  async #ask(activityIds: readonly string[]): Promise<boolean> {
    const answer = await this.#ports.ask(activityIds).catch(() => undefined);
    if (answer === undefined) return false;
    let isNews = false;
    for (const id of activityIds) {
      const attempt = this.#unknown.get(id);
      if (attempt === undefined) continue;
      const isUnwatched = answer.activityIds.includes(id);
      isNews ||= isUnwatched !== this.#told.has(id);
      if (isUnwatched) this.#told.add(id);
      else this.ended(id);
      this.#ports.tell(attempt, isUnwatched ? answer.reason : undefined);
    }
    return isNews;
  }
}

/** Of one run: asks Temporal, tells the run. */
export function pickupOf({ installation, cluster }: PreparedRun, post: (change: Change) => void): Pickup {
  const taskQueue = podsTaskQueue(installation, cluster);
  return new Pickup({
    ask: (activityIds) => findUnwatched({ taskQueue, activityIds }),
    tell: (attempt, reason) => post({ kind: "unwatched", ...attempt, ...(reason !== undefined && { reason }) }),
  });
}
