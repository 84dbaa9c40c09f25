import { type Hold, type HoldTexts, isAllowedSubject, type Outcome } from "@slipway/dag";
import type { Evaluated } from "@slipway/dag/cel";
import { type RenderedHold, renderHold, sourcesOfHold } from "@slipway/dag/read";
import type { Evaluator } from "@slipway/expressions";
import type { InstallationActivities, Opened, OpenHoldInput } from "@slipway/run";

/** Milliseconds that the expressions of one task take together. */
const TOGETHER_MS = 10_000;
/** No wait is longer. */
const LONGEST_MS = 3650 * 86_400_000;

/** Gives the texts of an approval or a wait their values, and says from when it is counted: the workflow has no clock. */
export function openHoldActivity(
  evaluator: Pick<Evaluator, "evaluate">,
  subjects: readonly string[],
): InstallationActivities["openHold"] {
  return async ({ texts, variables, timeoutMs }) => {
    const rendered = renderHold(texts, await answersTo(evaluator, texts, variables));
    return rendered.kind === "ended" ? broken(rendered.outcome) : opened(rendered, Date.now(), subjects, timeoutMs);
  };
}

async function answersTo(
  evaluator: Pick<Evaluator, "evaluate">,
  texts: HoldTexts,
  variables: OpenHoldInput["variables"] = {},
): Promise<ReadonlyMap<string, Evaluated>> {
  const answers = new Map<string, Evaluated>();
  const until = performance.now() + TOGETHER_MS;
  for (const source of sourcesOfHold(texts)) {
    const why = `the expressions of the task together took longer than ${TOGETHER_MS / 1000} s`;
    const late = performance.now() > until;
    answers.set(
      source,
      late ? { kind: "failed", why } : await evaluator.evaluate({ place: "task", source, variables }),
    );
  }
  return answers;
}

function opened(
  rendered: Exclude<RenderedHold, { readonly kind: "ended" }>,
  since: number,
  subjects: readonly string[],
  timeoutMs: number | undefined,
): Opened {
  const deadline = timeoutMs === undefined ? {} : { deadline: since + timeoutMs };
  switch (rendered.kind) {
    case "approve":
      return open({ reason: rendered.message, since, ...deadline });
    case "for":
    case "until": {
      const due = rendered.kind === "for" ? since + rendered.ms : rendered.at;
      if (due - since > LONGEST_MS)
        return broken({ kind: "expression", message: "until: it is more than 10 years away" });
      return open({ reason: `until ${textOf(due)}`, since, due, ...deadline });
    }
    case "event": {
      const { subject } = rendered;
      if (!isAllowedSubject(subject, subjects))
        return broken({ kind: "config", message: notAllowed(subject, subjects) });
      return open({ reason: `a message on ${subject}`, since, subject, ...deadline });
    }
  }
}

/** `until`: what ends it by itself, the earlier of the two. */
function open(hold: Hold): Opened {
  const ends = [hold.due, hold.deadline].filter((end) => end !== undefined);
  return { kind: "open", hold: { ...hold, ...(ends.length > 0 && { until: textOf(Math.min(...ends)) }) } };
}

function broken(outcome: Outcome): Opened {
  return { kind: "broken", outcome };
}

function textOf(ms: number): string {
  return new Date(ms).toISOString().replace(/\.\d+Z$/, "Z");
}

export function notAllowed(subject: string, subjects: readonly string[]): string {
  const allowed = subjects.length === 0 ? "none" : subjects.join(", ");
  return `no run may wait for messages on ${subject}; this installation allows ${allowed}`;
}
