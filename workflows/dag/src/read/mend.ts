import type { Problem } from "../errors.ts";
import { lintDagFile, readDagFile } from "./dag-file.ts";
import { quoteEdits } from "./mend-quotes.ts";
import { type Edit, edited, wordEdits } from "./mend-words.ts";
import { offsetOf } from "./text-lines.ts";

/** What was changed, where it stood: the whole line before and after. */
export interface Mended {
  readonly line: number;
  readonly column: number;
  readonly before: string;
  readonly after: string;
}

/** More than any file has: each edit mends one problem, and a problem is mended once. */
const EDITS = 200;

/**
 * A DAG file with everything mended that is beyond doubt: misspelt and other tools' words, quotes that YAML needs, `${{ }}` around
 * a condition, hyphens in CEL. Text is replaced by offsets, so comments and layout stay. An edit is kept only where reading the
 * result no longer complains at that place; a file without problems is never touched, and mending twice is mending once.
 */
export function mendDagFile(text: string): { readonly text: string; readonly mended: readonly Mended[] } {
  const mended: Mended[] = [];
  let now = text;
  while (mended.length < EDITS) {
    const edit = firstGood(now);
    if (edit === undefined) break;
    mended.push(shown(now, edit));
    now = edited(now, edit);
  }
  return { text: now, mended };
}

function firstGood(text: string): Edit | undefined {
  for (const problem of problemsOf(text)) {
    const edits = problem.code === "yaml-syntax" ? quoteEdits(text, problem) : wordEdits(text, problem);
    const good = edits.find((edit) => mends(text, edit, problem));
    if (good !== undefined) return good;
  }
  return undefined;
}

/** What stands before the edit was read before; behind it anything may come to light. */
function mends(text: string, edit: Edit, { code }: Problem): boolean {
  const after = edited(text, edit);
  if (after === text) return false;
  const end = edit.from + edit.text.length;
  if (code === "yaml-syntax") {
    const [broken] = syntaxErrors(after);
    return broken === undefined || offsetOf(after, broken) >= end;
  }
  return problemsOf(after).every((each) => {
    const at = offsetOf(after, each);
    return each.code !== "yaml-syntax" && (at < edit.from || at >= end) && !refusesValue(edit, at, each);
  });
}

/** The value of a renamed key is not one for its new name; a map may begin where its first key does. */
function refusesValue({ renamed }: Edit, at: number, { where }: Problem): boolean {
  return renamed !== undefined && at === renamed.value && where?.path?.split(".").at(-1) === renamed.to;
}

function problemsOf(text: string): readonly Problem[] {
  return lintDagFile(text).flatMap((read) => (read.kind === "refused" ? read.problems : []));
}

function syntaxErrors(text: string): readonly Problem[] {
  return readDagFile(text).flatMap(({ read }) =>
    read.kind === "refused" ? read.problems.filter(({ code }) => code === "yaml-syntax") : [],
  );
}

function shown(text: string, edit: Edit): Mended {
  const start = text.lastIndexOf("\n", edit.from - 1) + 1;
  const lineOf = (whole: string): string => (/^[^\r\n]*/.exec(whole.slice(start))?.[0] ?? "").trim();
  return {
    line: text.slice(0, start).split("\n").length,
    column: edit.from - start + 1,
    before: lineOf(text),
    after: lineOf(edited(text, edit)),
  };
}
