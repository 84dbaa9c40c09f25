import { type Keep, LABEL_PREFIX } from "@slipway/dag";
import { hasEnded, mainOf, type PodView } from "./pod-view.ts";

/** On a pod that its task's `cleanup` keeps: RFC 3339, or `forever` (docs/decisions/0011). People may change it. */
export const KEEP_UNTIL_ANNOTATION = `${LABEL_PREFIX}keep-until`;
const FOREVER = "forever";

/** The same for whoever asks again, because it counts from main's end; from `now` where that is not known. */
export function keepUntil(view: PodView, keep: Keep, now: number): string {
  if (keep === FOREVER) return FOREVER;
  const ended = endOfMain(view);
  return new Date((Number.isNaN(ended) ? now : ended) + keep).toISOString();
}

function endOfMain(view: PodView): number {
  const main = mainOf(view)?.state;
  return main?.kind === "terminated" ? Date.parse(main.finishedAt ?? "") : Number.NaN;
}

/** Kept, and nothing of it runs: it is left alone. What cannot be read as a time keeps it too: a pod is deleted only for sure. */
export function isKept(view: PodView, now: number): boolean {
  const until = view.annotations[KEEP_UNTIL_ANNOTATION];
  return until !== undefined && hasEnded(view) && !(Date.parse(until) <= now);
}
