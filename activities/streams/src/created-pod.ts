import { type AttemptRef, eventSubject } from "@slipway/dag";
import { z } from "zod";
import { Deadline } from "./backoff.ts";
import { decodeEvent } from "./event-decode.ts";
import type { Leader } from "./leader.ts";

const PATIENCE_MS = 5_000;
const Data = z.object({ pod: z.object({ uid: z.string() }) });

/** The uid that `attempt.created` told of this attempt; undefined where none was told. Throws `StreamsUnavailable`. */
export async function createdPod(leader: Pick<Leader, "last">, ref: AttemptRef): Promise<string | undefined> {
  const last = await leader.last(eventSubject(ref, "attempt.created"), new Deadline(PATIENCE_MS));
  const event = last && decodeEvent(last);
  if (event?.chain !== ref.chain.firstExecutionRunId || event.attempt !== ref.attempt) return undefined;
  const data = Data.safeParse(event.data);
  return data.success ? data.data.pod.uid : undefined;
}
