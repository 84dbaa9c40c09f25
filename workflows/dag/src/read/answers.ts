import type { Evaluated } from "../cel/evaluate.ts";

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
