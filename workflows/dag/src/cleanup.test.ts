import { expect, test } from "vitest";
import { type Cleanup, keepOf } from "./cleanup.ts";

test.each<[Cleanup | undefined, ReturnType<typeof keepOf>, ReturnType<typeof keepOf>]>([
  [undefined, undefined, undefined],
  [{ when: "always" }, undefined, undefined],
  [{ when: "always", afterMs: 60_000 }, 60_000, 60_000],
  [{ when: "onSuccess" }, undefined, "forever"],
  [{ when: "onSuccess", afterMs: 60_000 }, undefined, 60_000],
  [{ when: "never" }, "forever", "forever"],
  [{ when: "never", afterMs: 60_000 }, 60_000, 60_000],
  [{ when: "never", afterMs: 0 }, undefined, undefined],
])("cleanup %j keeps a pod that succeeded %j, and any other %j", (cleanup, succeeded, failed) => {
  expect(keepOf(cleanup, { kind: "succeeded" })).toBe(succeeded);
  expect(keepOf(cleanup, { kind: "exit" })).toBe(failed);
  expect(keepOf(cleanup, { kind: "cancelled" })).toBe(failed);
});
