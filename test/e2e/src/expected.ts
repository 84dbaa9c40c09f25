import { readFileSync } from "node:fs";

/** How a run of an example ends: what stands in its `expected.json`, one for each set of params. */
export interface Expected {
  readonly params: Readonly<Record<string, string | number | boolean>>;
  /** Of tasks that ask: the verb that answers, and its flags. */
  readonly answers: Readonly<Record<string, readonly [verb: string, ...flags: string[]]>>;
  readonly state: "succeeded" | "failed" | "cancelled";
  /** Every task of the report. */
  readonly tasks: Readonly<Record<string, string>>;
  readonly outputs: Readonly<Record<string, unknown>>;
  /** Of some tasks. */
  readonly attempts: Readonly<Record<string, number>>;
  /** Whole logs of some tasks. */
  readonly lines: Readonly<Record<string, readonly string[]>>;
}

/** @throws where the file is not there, or names no case */
export function expectedOf(file: string): readonly Expected[] {
  const cases: (Partial<Expected> & Pick<Expected, "state" | "tasks">)[] = JSON.parse(readFileSync(file, "utf8"));
  if (cases.length === 0) throw new Error(`${file} names no case`);
  return cases.map((each) => ({ params: {}, answers: {}, outputs: {}, attempts: {}, lines: {}, ...each }));
}
