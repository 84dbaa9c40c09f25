import { type AttemptRef, keepOf, type Outcome, type TaskSpec } from "@slipway/dag";
import type { Release } from "./ports.ts";

export function releaseOf(ref: AttemptRef, { namespace, cleanup }: TaskSpec, outcome: Outcome): Release {
  const keep = keepOf(cleanup, outcome);
  return { ref, ...(namespace !== undefined && { namespace }), ...(keep !== undefined && { keep }) };
}
