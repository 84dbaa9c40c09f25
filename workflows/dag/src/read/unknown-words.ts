import { own } from "../strategic-merge.ts";
import type { Findings } from "./findings.ts";
import type { Path } from "./path.ts";
import { RENAMES } from "./renames.ts";
import { quote } from "./say.ts";
import { GROUP_WORDS, POD_WORDS } from "./task-kind.ts";
import { misplaced } from "./misplaced.ts";
import { PEERS } from "./peers.ts";
import { CALLED, GRAPH_WORDS, NOT_YET, type Scope } from "./words.ts";

/** The fields that this version knows; what each means: field-docs.ts. */
export const KNOWN: Record<Scope, readonly string[]> = {
  dag: [
    "apiVersion",
    "dag",
    "description",
    "owner",
    "metadata",
    "schedule",
    "params",
    "defaults",
    "outputs",
    "templates",
    "tasks",
    "finally",
    "timeout",
    "parallelism",
    "failFast",
    "maxActiveRuns",
  ],
  task: [
    "after",
    "rule",
    "if",
    "forEach",
    "key",
    "noop",
    "approve",
    "wait",
    "use",
    "with",
    ...GROUP_WORDS,
    ...POD_WORDS,
  ],
  defaults: [...POD_WORDS],
  template: ["params", ...POD_WORDS],
  retries: ["limit", "delay", "factor", "maxDelay", "disruptions", "if"],
  timeout: ["attempt", "total", "schedule", "start"],
  exitCodes: ["skip", "fail"],
  cleanup: ["when", "after"],
  pool: ["name", "slots"],
  schedule: ["every", "cron", "after", "on", "timeZone", "start", "end", "jitter", "catchup", "overlap", "deadline"],
  noop: [],
  approve: ["message", "options", "assignees", "default"],
  wait: ["for", "until", "event"],
  event: ["subject", "if"],
  metadata: ["labels", "annotations"],
};

/** A field that the schema does not know: a word of the format that comes later, another tool's word, or a slip. */
export function unknownWord(word: string, scope: Scope, parent: Path, findings: Findings): void {
  if (findings.full) return;
  const path = [...parent, word];
  const later: readonly string[] = NOT_YET[scope];
  if (later.includes(word)) {
    findings.error(
      "not-yet",
      path,
      `${quote(word)} of ${CALLED[scope]} is part of the format, but this version does not run it yet`,
      {
        at: "key",
      },
    );
  } else if ((scope === "defaults" || (scope === "template" && !PEERS.template.has(word))) && GRAPH_WORDS.has(word)) {
    findings.error("unknown-field", path, `${quote(word)} cannot stand in ${CALLED[scope]}`, {
      at: "key",
      fix: scope === "defaults" ? "write it in each task it holds for" : "write it in the task that uses the template",
    });
  } else {
    const fix = fixFor(word, scope, findings);
    const what = `${quote(word)} is not a field of ${CALLED[scope]}`;
    const instead = own(RENAMES[scope] ?? {}, word) ?? findings.surely(word, wordsOf(scope));
    const more = { ...(fix !== undefined && { fix }), ...(typeof instead === "string" && { instead }) };
    findings.error("unknown-field", path, what, { at: "key", ...more });
  }
}

function wordsOf(scope: Scope): readonly string[] {
  return [...KNOWN[scope], ...NOT_YET[scope]];
}

function fixFor(word: string, scope: Scope, findings: Findings): string | undefined {
  const isTask = scope === "task" || scope === "defaults" || scope === "template";
  const peer = PEERS[scope].get(word) ?? (isTask ? PEERS.task.get(word) : undefined);
  if (peer !== undefined) return peer;
  const place = misplaced(word, scope, wordsOf);
  if (place !== undefined) return place;
  const near = findings.suggest(word, wordsOf(scope));
  if (near !== undefined) return `did you mean ${quote(near)}?`;
  const taken = isTask ? findings.suggest(word, PEERS.task.keys()) : undefined;
  return taken === undefined ? undefined : PEERS.task.get(taken);
}
