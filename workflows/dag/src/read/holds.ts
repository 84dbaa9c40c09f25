import type { Standpoint } from "../cel/checker.ts";
import type { CompiledTask } from "../compiled.ts";
import type { CompiledWait } from "../compiled-hold.ts";
import { parseDuration } from "../duration.ts";
import { APPROVAL_OUTPUTS, MESSAGE_OUTPUTS } from "../held.ts";
import { isJsonObject, type JsonObject } from "../json.ts";
import { own } from "../strategic-merge.ts";
import { type Expressions, checkExpressions } from "./expressions.ts";
import type { Findings } from "./findings.ts";
import type { Layer } from "./layer.ts";
import { needsIn, sourcesIn } from "./needs.ts";
import type { Path } from "./path.ts";
import { listed } from "./say.ts";
import { optionsOf } from "./shape-holds.ts";

/** Kinds of tasks that make no pod and wait: for a person, a time, a message. */
export const HELD_KINDS = ["approve", "wait"] as const;

export function heldKind(task: JsonObject): (typeof HELD_KINDS)[number] | undefined {
  return HELD_KINDS.find((kind) => own(task, kind) !== undefined);
}

const WORDS = ["after", "rule", "if", "timeout"];

/** Beside its kind such a task has graph words, and how long it waits. */
export function checkHold(task: JsonObject, path: Path, findings: Findings): void {
  const kind = heldKind(task) ?? "wait";
  const stray = Object.keys(task).filter((word) => word !== kind && !WORDS.includes(word));
  if (stray.length > 0)
    findings.error("task-kind", path, `the task is \`${kind}\`, which makes no pod, and has ${listed(stray)}`, {
      at: "key",
      fix: `remove \`${kind}\`, or ${listed(stray)}`,
    });
  const wait = own(task, "wait");
  const waits = isJsonObject(wait) ? Object.keys(wait) : [];
  if (isJsonObject(wait) && waits.length !== 1)
    findings.error("task-kind", [...path, "wait"], `\`wait\` has ${listed(waits) || "nothing"} to wait for`, {
      at: "key",
      fix: "write exactly one of `for`, `until` and `event`",
    });
  const timeout = own(task, "timeout");
  const others = isJsonObject(timeout) ? Object.keys(timeout).filter((word) => word !== "attempt") : [];
  if (others.length > 0)
    findings.error("task-kind", [...path, "timeout"], `${listed(others)} of \`timeout\` belong to a pod`, {
      at: "key",
      fix: "write a duration: `timeout: 8h`",
    });
}

/** Those of its texts, before any try of it, and of its condition on messages. */
export function checkHeldExpressions(task: JsonObject, path: Path, from: Standpoint, tools: Expressions): void {
  const standpoint = { ...from, betweenTries: false };
  checkExpressions(task, path, standpoint, tools);
  const wait = own(task, "wait");
  const event = isJsonObject(wait) ? own(wait, "event") : undefined;
  const condition = isJsonObject(event) ? own(event, "if") : undefined;
  if (typeof condition !== "string") return;
  const wrong = tools.checker.condition(condition, { ...standpoint, onMessage: true });
  if (wrong === undefined) return;
  const fix = wrong.fix === undefined ? {} : { fix: wrong.fix };
  tools.findings.error("bad-condition", [...path, "wait", "event", "if"], wrong.what, fix);
}

/** What such a task hands on, for the types of expressions. */
export function heldOutputs(task: JsonObject): Readonly<Record<string, JsonObject>> {
  const wait = own(task, "wait");
  const isMessage = isJsonObject(wait) && Object.hasOwn(wait, "event");
  const names = heldKind(task) === "approve" ? APPROVAL_OUTPUTS : isMessage ? MESSAGE_OUTPUTS : [];
  return Object.fromEntries(names.map((name) => [name, {}]));
}

type Held = Extract<CompiledTask, { readonly kind: (typeof HELD_KINDS)[number] }>;
type OwnWords = Held extends infer H ? (H extends Held ? Pick<H, Exclude<keyof H, "name" | "after">> : never) : never;

/** A task of such a kind, its graph words apart; `undefined` for any other. */
export function compileHold(
  { approve, wait, timeout }: Pick<Layer, "approve" | "wait" | "timeout">,
  resolve: (name: string) => string | undefined,
): OwnWords | undefined {
  const limit = timeout?.attempt ?? undefined;
  const timeoutMs = limit === undefined ? {} : { timeoutMs: parseDuration(limit) ?? 0 };
  if (approve !== undefined) {
    const { message, assignees, default: otherwise } = approve;
    const asked = { ...(assignees && { assignees }), ...(otherwise !== undefined && { default: otherwise }) };
    const sources = [...sourcesIn(message)];
    return {
      kind: "approve",
      approve: { message, options: optionsOf(approve), ...asked },
      ...timeoutMs,
      ...needs(sources),
    };
  }
  const waited = wait === undefined ? undefined : waitOf(wait);
  if (waited === undefined) return undefined;
  const condition = waited.kind === "event" && waited.if !== undefined ? [waited.if] : [];
  const sources = [...sourcesIn(waited.kind === "event" ? waited.subject : waited.text), ...condition];
  return { kind: "wait", wait: waited, ...timeoutMs, ...needs(sources) };

  function needs(named: readonly string[]): Pick<Held, "needs"> {
    return named.length === 0 ? {} : { needs: needsIn(named, {}, resolve) };
  }
}

function waitOf({ for: duration, until, event }: NonNullable<Layer["wait"]>): CompiledWait | undefined {
  if (duration !== undefined) return { kind: "for", text: duration };
  if (until !== undefined) return { kind: "until", text: until };
  if (event === undefined) return undefined;
  return { kind: "event", subject: event.subject, ...(event.if !== undefined && { if: event.if }) };
}
