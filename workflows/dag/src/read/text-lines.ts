import type { Problem } from "../errors.ts";

/** Where a problem stands in its text, in UTF-16 units; 0 where it has no place. */
export function offsetOf(text: string, { where }: Pick<Problem, "where">): number {
  let start = 0;
  for (let line = 1; line < (where?.line ?? 1); line += 1) start = text.indexOf("\n", start) + 1;
  return start + (where?.column ?? 1) - 1;
}
