import { expect, test } from "vitest";
import { CODES, EXPLANATIONS } from "./explanations.ts";

test("explanations - a code means one thing", () => {
  expect(CODES).toHaveLength(EXPLANATIONS.flatMap(({ entries }) => Object.keys(entries)).length);
});
