import { unitKey } from "@slipway/dag";
import { CancellationScope, log, rootCause } from "@temporalio/workflow";
import { FIRST, podActivities } from "./activities.ts";
import type { PreparedRun, Release } from "./ports.ts";
import { Pump } from "./pump.ts";
import { shortened } from "./titles.ts";

/** Releases at once. */
const RELEASES = 100;
/** A release activity takes at most this many pods. */
const RELEASE_BATCH = 100;

export class ReleasePump extends Pump<Release> {
  constructor(prepared: PreparedRun, hop: number) {
    super({ size: RELEASE_BATCH, lanes: RELEASES }, (batch) => letGo(prepared, hop, batch));
  }
}

/** Lets go of attempts. Not cancellable: a run closes only when nothing of it is left. Never rejects. */
export async function letGo(prepared: PreparedRun, hop: number, attempts: readonly Release[]): Promise<void> {
  const first = attempts[0];
  if (first === undefined) return;
  const activityId = `release.${unitKey(first.ref)}.${first.ref.attempt}`;
  const { releasePods } = podActivities(prepared, {
    activityId,
    summary: shortened(attempts.map(({ ref }) => `${unitKey(ref)}.${ref.attempt}`)),
    priority: FIRST,
  });
  await CancellationScope.nonCancellable(() => releasePods({ hop, attempts })).catch((error: unknown) =>
    log.error("pods were not released", { activityId, reason: rootCause(error) }),
  );
}
