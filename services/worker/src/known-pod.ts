import { z } from "zod";

const count = z.int().nonnegative();

/** Where main's log stood. */
const Checkpoint = z.object({
  line: count.min(1),
  bytes: count,
  gaps: count,
  cursor: z
    .object({
      time: z.string(),
      seen: count,
      hash: z.string(),
      file: z.object({ first: z.string(), checked: z.string() }).exactOptional(),
    })
    .exactOptional(),
});

/**
 * Heartbeat details of `runPod`: the pod made for this attempt. A later watcher that finds another, or none, says `lost`.
 * A `log` that is not understood is as good as none: the uid counts all the same.
 */
export const KnownPod = z
  .object({ uid: z.string(), openedAt: z.number().exactOptional(), log: z.unknown() })
  .transform(({ log, ...pod }) => {
    const checkpoint = Checkpoint.safeParse(log);
    return checkpoint.success ? { ...pod, log: checkpoint.data } : pod;
  });
