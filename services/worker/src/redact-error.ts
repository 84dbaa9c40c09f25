import type { Redact } from "@slipway/dag";

const MOST_CAUSES = 8;

/** The same error; its words, which Temporal keeps, and those of its causes are redacted. */
export function redactError(error: unknown, redact: Redact | undefined): unknown {
  if (redact === undefined) return error;
  let each = error;
  for (let depth = 0; depth < MOST_CAUSES && each instanceof Error; depth += 1) {
    each.message = redact(each.message);
    if (each.stack !== undefined) each.stack = redact(each.stack);
    each = each.cause;
  }
  return error;
}
