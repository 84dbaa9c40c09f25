import { sha256Hex } from "./hash.ts";
import type { AttemptRef, TaskRef } from "./ids.ts";
import { utf8ToBytes } from "@noble/hashes/utils.js";

const MAX_TOKEN = 64;
const NONE = "-";

/**
 * One id as one NATS subject token. Bytes outside `[A-Za-z0-9_-]` become `=HH`, a lone `-` becomes `=2D`,
 * so ordinary names pass unchanged and `-` alone always means "this level does not apply".
 * An escaped text longer than 64 is cut to 44 characters + `~` + 16 hex digits of the sha256 of the raw id.
 */
export function subjectToken(id: string): string {
  if (id === NONE) return "=2D";
  const escaped = Array.from(utf8ToBytes(id), escapeByte).join("");
  return escaped.length <= MAX_TOKEN ? escaped : `${escaped.slice(0, 44)}~${sha256Hex(id).slice(0, 16)}`;
}

function escapeByte(byte: number): string {
  const char = String.fromCharCode(byte);
  return /[A-Za-z0-9_-]/.test(char) ? char : `=${byte.toString(16).toUpperCase().padStart(2, "0")}`;
}

/** The `<dag>` of runPod is `-` because it has none, so it is not escaped. */
function dagToken(dag: string): string {
  return dag === NONE ? NONE : subjectToken(dag);
}

/** Where a log is read (`slipway.log.…`) or, by a watcher, written (`slipway.in.log.…`). */
export type Side = "public" | "inner";

function root(installation: string, side: Side, family: "log" | "event"): string {
  return side === "public" ? `${installation}.${family}` : `${installation}.in.${family}`;
}

function runTokens(ref: { readonly dag: string; readonly run: string }): string {
  return `${dagToken(ref.dag)}.${subjectToken(ref.run)}`;
}

function indexToken(index: number | undefined): string {
  return index === undefined ? NONE : String(index);
}

/** `<root>.log.<dag>.<run>.<task>.<index>.<attempt>.<container>` */
export function logSubject(ref: AttemptRef, container: string, side: Side = "public"): string {
  const place = `${runTokens(ref)}.${subjectToken(ref.task)}.${indexToken(ref.index)}.${ref.attempt}`;
  return `${root(ref.installation, side, "log")}.${place}.${subjectToken(container)}`;
}

/** Everything one run logs, or one task of it: for subscribers and readers. */
export function logFilter(at: {
  installation: string;
  dag: string;
  run: string;
  task?: string;
  index?: number;
  attempt?: number;
  container?: string;
}): string {
  const tail = [
    at.task === undefined ? "*" : subjectToken(at.task),
    at.index === undefined ? "*" : indexToken(at.index),
    at.attempt === undefined ? "*" : String(at.attempt),
    at.container === undefined ? "*" : subjectToken(at.container),
  ];
  return `${root(at.installation, "public", "log")}.${runTokens(at)}.${tail.join(".")}`;
}

/** `<root>.event.<dag>.<run>.<task>.<index>` : the events of one task (or run) keep their order below it. */
export function eventScope(
  ref: Omit<TaskRef, "task" | "chain"> & { readonly task?: string },
  side: Side = "public",
): string {
  const task = ref.task === undefined ? NONE : subjectToken(ref.task);
  return `${root(ref.installation, side, "event")}.${runTokens(ref)}.${task}.${indexToken(ref.index)}`;
}

/** `<type>` is two tokens (`attempt.finished`). */
export function eventSubject(ref: Parameters<typeof eventScope>[0], type: string, side: Side = "public"): string {
  return `${eventScope(ref, side)}.${type}`;
}

/** All events of one run, or of one task of it, or of one index of that. */
export function eventFilter(at: {
  installation: string;
  dag: string;
  run: string;
  task?: string;
  index?: number;
}): string {
  const run = `${root(at.installation, "public", "event")}.${runTokens(at)}`;
  if (at.task === undefined) return `${run}.>`;
  return `${run}.${subjectToken(at.task)}.${at.index ?? "*"}.>`;
}

/** What the two streams listen on, and what they turn it into: one pair each. */
export function streamSubjects(
  installation: string,
  family: "log" | "event",
): { readonly inner: string; readonly public: string } {
  return { inner: `${root(installation, "inner", family)}.>`, public: `${root(installation, "public", family)}.>` };
}
