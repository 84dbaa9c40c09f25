import { isJsonObject } from "../json.ts";

const LONGEST = 60;

/** A user's text made safe to print: control characters escaped (a terminal obeys them), cut at 60 characters. */
export function visible(text: string): string {
  const escaped = JSON.stringify(text.length > LONGEST ? `${text.slice(0, LONGEST)}…` : text).slice(1, -1);
  return escaped.replaceAll('\\"', '"').replaceAll(/[\u007f-\u009f\u202a-\u202e\u2066-\u2069]/g, "?");
}

/** A name, word or value in backticks. */
export function quote(text: string): string {
  return `\`${visible(text)}\``;
}

/** `a`, `b` and `c` */
export function listed(words: readonly string[], joint = "and"): string {
  const quoted = words.map(quote);
  const last = quoted.at(-1) ?? "";
  return quoted.length < 2 ? last : `${quoted.slice(0, -1).join(", ")} ${joint} ${last}`;
}

/** What a value is, without saying the value: it may be a secret. */
export function kindOf(value: unknown): string {
  if (value === undefined) return "missing";
  if (value === null) return "empty (null)";
  if (Array.isArray(value)) return "a list";
  if (isJsonObject(value)) return "a map";
  if (typeof value === "string") return "text";
  return typeof value === "number" ? "a number" : "true or false";
}
