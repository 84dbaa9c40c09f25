import { expect, test } from "vitest";
import { readControl } from "./control.ts";

test.each([
  ["pause", 7, "it takes one object"],
  ["pause", { task: "a" }, 'it has no "task"; it has by, note, dryRun'],
  ["mark", { task: "a" }, "it needs task and state"],
  ["mark", { task: "a", state: "done" }, "state is one of succeeded, failed, skipped"],
  ["clear", { task: "a", upstream: "yes" }, "upstream is true or false"],
  ["clear", { task: 7 }, "task is the name of a task"],
  ["skip", {}, "it needs task"],
  ["retry", { note: "x".repeat(501) }, "note is a text of at most 500 characters"],
] as const)("controls - %s of %j is refused: %s", (kind, input, why) => {
  const read = readControl(kind, input);
  expect(read.kind === "refused" && read.problem).toMatchObject({ code: "bad-control", what: `${kind}: ${why}` });
});
