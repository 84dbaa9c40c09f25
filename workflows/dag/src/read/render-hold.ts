import { parseTime } from "../cel/time.ts";
import type { HoldTexts } from "../compiled-hold.ts";
import { parseDuration } from "../duration.ts";
import type { Json } from "../json.ts";
import type { Outcome } from "../outcome.ts";
import { isSubjectPattern } from "../subject-pattern.ts";
import { type Answers, failureIn, replaced } from "./answers.ts";
import { sourcesIn } from "./needs.ts";
import { MESSAGE } from "./shape-holds.ts";
import { textOf } from "./text-places.ts";

/** What an approval or a wait waits for, its texts with their values; times are milliseconds. */
export type RenderedHold =
  | { readonly kind: "approve"; readonly message: string }
  | { readonly kind: "for"; readonly ms: number }
  /** Since 1970. */
  | { readonly kind: "until"; readonly at: number }
  | { readonly kind: "event"; readonly subject: string }
  | { readonly kind: "ended"; readonly outcome: Outcome };

/** The expressions in them, each once. */
export function sourcesOfHold(texts: HoldTexts): readonly string[] {
  return [...sourcesIn(textIn(texts))];
}

function textIn(texts: HoldTexts): string {
  switch (texts.kind) {
    case "approve":
      return texts.message;
    case "event":
      return texts.subject;
    default:
      return texts.text;
  }
}

/** The texts of a task that begins to wait, their expressions replaced, and checked for what these could have hidden. */
export function renderHold(texts: HoldTexts, answers: Answers): RenderedHold {
  const failure = failureIn(answers);
  if (failure !== undefined) return ended(failure);
  const read = replaced(textIn(texts), answers);
  return read.kind === "wrong" ? ended(read.why) : whole(texts, read.value);
}

function whole({ kind }: HoldTexts, value: Json): RenderedHold {
  const text = textOf(value) ?? "";
  switch (kind) {
    case "approve":
      return { kind, message: text.length <= MESSAGE ? text : `${text.slice(0, MESSAGE - 1)}…` };
    case "for": {
      const ms = parseDuration(text);
      return ms === undefined ? ended(`for: ${said(value)} is no duration like 5m`) : { kind, ms };
    }
    case "until": {
      const at = parseTime(text);
      return at === undefined ? ended(`until: ${said(value)} is no time like 2026-11-28T06:00:00Z`) : { kind, at };
    }
    case "event":
      return isSubjectPattern(text) ? { kind, subject: text } : ended(`event: ${said(value)} is no NATS subject`);
  }
}

function said(value: Json): string {
  return JSON.stringify(value).slice(0, 100);
}

function ended(message: string): RenderedHold {
  return { kind: "ended", outcome: { kind: "expression", message } };
}
