import type { Evaluated } from "../cel/evaluate.ts";
import type { Json } from "../json.ts";
import { Budget } from "./budget.ts";
import { Findings } from "./findings.ts";
import { JsonPlaces } from "./path.ts";
import { replaceExpressions } from "./replace-expressions.ts";

/** What expressions came to, by source. */
export type Answers = ReadonlyMap<string, Evaluated>;

/** Of the first that has no value, the source and why; undefined where all have one. */
export function failureIn(answers: Answers): string | undefined {
  for (const [source, answer] of answers) if (answer.kind === "failed") return `\${{ ${source} }}: ${answer.why}`;
  return undefined;
}

export function answerTo(answers: Answers, source: string): Evaluated {
  return answers.get(source) ?? { kind: "failed", why: "nobody evaluated it" };
}

export type Made<T> = { readonly kind: "ok"; readonly value: T } | { readonly kind: "wrong"; readonly why: string };

/** A value with its expressions answered, as one that is no template any more. */
export function replaced(value: Json, answers: Answers): Made<Json> {
  const places = new JsonPlaces();
  const read = Findings.read(places, (findings) => {
    const valueOf = (source: string) => answerTo(answers, source);
    const done = replaceExpressions(value, ["values"], { findings, budget: new Budget(places), valueOf });
    return { done };
  });
  return read.kind === "ok"
    ? { kind: "ok", value: read.value.done }
    : { kind: "wrong", why: read.problems[0]?.what ?? "it has no value" };
}
