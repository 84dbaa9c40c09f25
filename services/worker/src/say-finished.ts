import type { AttemptRef, EventSink } from "@slipway/dag";

/** A run that Temporal ended (a server may tell of that as of a cancel) could not say so itself. Whoever notices says it; the id is the same for all. */
export async function sayFinished(
  events: EventSink,
  { installation, chain, dag, run }: AttemptRef,
  how: string,
): Promise<void> {
  const data = { state: how === "timed out" ? "failed" : "cancelled", message: `the run was ${how}` };
  const ref = { installation, chain, dag, run };
  await events.publish([{ type: "run.finished", ref, time: new Date().toISOString(), data }]);
}
