import type { AttemptRef } from "@slipway/dag";
import type { Reaped } from "@slipway/run";
import { atOnce } from "./at-once.ts";
import { attemptOf } from "./attempt-of.ts";
import { isKept } from "./keep.ts";
import { listEverywhere } from "./list-everywhere.ts";
import type { PodView } from "./pod-view.ts";
import { labelSelector, type Pods } from "./pods.ts";
import type { ReleasePorts } from "./release.ts";
import { releaseOne, UNDELIVERED_ANNOTATION } from "./release-one.ts";

/**
 * What became of an attempt: nobody waits for it any more (`over`), its run goes on without it (`settled`) or with it
 * (`open`). `unknown`: the server did not say.
 */
export type Standing = "over" | "settled" | "open" | "unknown";

export interface ReaperPorts extends ReleasePorts {
  /** Never rejects. */
  readonly standingOf: (ref: AttemptRef) => Promise<Standing>;
}

/** Pods looked at in one pass; what is beyond comes in a later one. */
const PODS = 2_000;
const AT_ONCE = 8;
const PASS_MS = 7 * 60_000;
/** Above every hop of every run: whoever still writes such a log is fenced. */
const LAST_HOP = 999_999_999;

/**
 * One pass over the pods of this installation and this Temporal namespace: those that nobody waits for are let go of as a
 * release does it (log to its end, then deleted by uid). In doubt a pod is left alone.
 * @param ageMs pods younger than this are left to their watchers
 * @throws ApiError where the pods cannot be listed
 */
export async function reapPods(pods: Pods, ageMs: number, ports: ReaperPorts): Promise<Reaped> {
  const began = ports.now();
  const before = began - ageMs;
  const old = (await listEverywhere(pods, labelSelector(pods.settings))).filter(
    ({ createdAt }) => Date.parse(createdAt) <= before,
  );
  // The minute makes a later pass's epoch the higher one.
  const epoch = { hop: LAST_HOP, stage: 2, attempt: Math.floor(began / 60_000) } as const;
  const done = { looked: 0, released: 0, failed: 0 };
  await atOnce(AT_ONCE, shuffled(old).slice(0, PODS), ports.heartbeat, async (view) => {
    if (ports.signal.aborted || ports.now() - began > PASS_MS) return;
    done.looked++;
    const ref = attemptOf(view);
    // Kept, and its log is delivered: there is nothing to do, nor to ask.
    if (ref === undefined || (isKept(view, began) && !isUndelivered(view))) return;
    if (!mayGo(view, await ports.standingOf(ref), before)) return;
    // This view is older than the answer: the release reads the pod anew, and obeys what the run wrote on it meanwhile.
    await releaseOne(pods, { ref, namespace: view.namespace }, epoch, ports).then(
      () => done.released++,
      (error: unknown) => {
        done.failed++;
        pods.log.warn({ pod: view.name, error: String(error) }, "a pod that nobody waits for was not let go of");
      },
    );
  });
  return done;
}

/**
 * While a run is open its own releases have the first word: of a settled attempt only what they left for the reaper, or what
 * has been over for long, is taken.
 */
function mayGo(view: PodView, standing: Standing, before: number): boolean {
  switch (standing) {
    case "over":
      return true;
    case "settled":
      return isUndelivered(view) || endedBefore(view, before);
    case "open":
    case "unknown":
      return false;
  }
}

function isUndelivered({ annotations }: PodView): boolean {
  return annotations[UNDELIVERED_ANNOTATION] !== undefined;
}

function endedBefore({ containers }: PodView, time: number): boolean {
  const ends = containers.map(({ state }) => (state.kind === "terminated" ? Date.parse(state.finishedAt ?? "") : NaN));
  return ends.length > 0 && ends.every((end) => end <= time);
}

/** So that a pass that ends early does not always end before the same pods. */
function shuffled<T>(items: readonly T[]): readonly T[] {
  const drawn = items.map((item) => ({ item, at: Math.random() }));
  return drawn.toSorted((a, b) => a.at - b.at).map(({ item }) => item);
}
