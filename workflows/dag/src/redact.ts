import { isJsonObject, type Json, type JsonObject } from "./json.ts";
import type { Outcome } from "./outcome.ts";

/** Takes out of a text what must not leave the worker. */
export type Redact = (text: string) => string;

/** Fields that hold words of a cluster or a container; all others are ours, or names. */
const WORDS = new Set(["message", "reason"]);

/** The same data with its messages and reasons redacted, however deep they stand. */
export function redactWords(data: JsonObject, redact: Redact): JsonObject {
  return Object.fromEntries(Object.entries(data).map(([key, value]) => [key, redactValue(key, value, redact)]));
}

function redactValue(key: string, value: Json, redact: Redact): Json {
  if (typeof value === "string") return WORDS.has(key) ? redact(value) : value;
  if (Array.isArray(value)) return value.map((each) => redactValue(key, each, redact));
  return isJsonObject(value) ? redactWords(value, redact) : value;
}

/** What a task hands on: every text in it. The names of outputs and of fields stay, others know them. */
export function redactOutputs(outputs: JsonObject, redact: Redact): JsonObject {
  return Object.fromEntries(Object.entries(outputs).map(([name, value]) => [name, redactTexts(value, redact)]));
}

function redactTexts(value: Json, redact: Redact): Json {
  if (typeof value === "string") return redact(value);
  if (Array.isArray(value)) return value.map((each: Json) => redactTexts(each, redact));
  return isJsonObject(value) ? redactOutputs(value, redact) : value;
}

export function redactOutcome(outcome: Outcome, redact: Redact): Outcome {
  const { evidence } = outcome;
  const message = redact(outcome.message);
  if (evidence === undefined) return { ...outcome, message };
  const { reason, message: said } = evidence;
  const redacted = {
    ...(reason === undefined ? {} : { reason: redact(reason) }),
    ...(said === undefined ? {} : { message: redact(said) }),
  };
  return { ...outcome, message, evidence: redacted };
}
