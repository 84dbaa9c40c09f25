import { logSubject } from "@slipway/dag";
import { expect, test } from "vitest";
import { logTokens } from "./log-subject.ts";
import { aRef } from "./ref-samples.ts";

test("a subject says attempt, index and container", () => {
  expect(logTokens(logSubject(aRef({ attempt: 12, index: 3, run: "a.b c" }), "init-0"))).toEqual({
    group: "passing-task.3",
    index: 3,
    attempt: 12,
    container: "init-0",
  });
  expect(logTokens(logSubject(aRef(), "main"))).toEqual({ group: "passing-task.-", attempt: 1, container: "main" });
});

test.each(["slipway.log.d.r.t.-.x.main", "slipway.log.d.r.t.-.1", ""])("%j is no log subject", (subject) => {
  expect(logTokens(subject)).toBeUndefined();
});
