import { expect, test } from "vitest";
import { eventDataProblem, eventSchemas } from "./event-data.ts";

const PAGE = "../../../docs/reference/event-schemas.json";
const pod = { namespace: "default", name: "sample-a-1", uid: "u-1" };

test("event bodies - the published schemas are these (vitest -u writes them anew)", async () => {
  await expect(`${JSON.stringify(eventSchemas(), null, 2)}\n`).toMatchFileSnapshot(PAGE);
});

test("event bodies - what is missing, of another type or unknown is named; what may be absent may", () => {
  const outcome = { kind: "exit", message: "exit code 3", exitCode: 3, evidence: { reason: "Error" } };
  expect(eventDataProblem("attempt.finished", { pod, outcome })).toBeUndefined();
  expect(eventDataProblem("attempt.finished", { outcome })).toBeUndefined();
  expect(eventDataProblem("attempt.finished", { pod })).toContain("outcome");
  expect(eventDataProblem("attempt.created", { pod: { ...pod, uid: 7 } })).toContain("pod.uid");
  expect(eventDataProblem("attempt.created", { pod, colour: "blue" })).toContain("colour");
  expect(eventDataProblem("attempt.finished", { outcome: { ...outcome, kind: "moon" } })).toContain("kind");
});
