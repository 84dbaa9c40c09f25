import type { JsonObject } from "../json.ts";
import type { Outcome } from "../outcome.ts";

/**
 * What `retries.if` sees of an outcome. Every field is always there, so that no condition fails for want of one: `exitCode`
 * is -1 and `signal` empty where the container gave none.
 */
export function outcomeVariables(outcome: Outcome): JsonObject {
  const exitCode = "exitCode" in outcome ? outcome.exitCode : outcome.kind === "output" ? 0 : undefined;
  const signal = outcome.kind === "exit" ? outcome.signal : undefined;
  return { outcome: { kind: outcome.kind, exitCode: exitCode ?? -1, signal: signal ?? "", message: outcome.message } };
}
