import { expect, test } from "vitest";
import type { Outcome } from "./outcome.ts";
import { redactOutcome, redactOutputs, redactWords } from "./redact.ts";

const redact = (text: string): string => text.replaceAll("secret", "[redacted]");

test("messages and reasons are redacted however deep they stand; names and values are not", () => {
  const data = { message: "a secret", pod: { name: "secret" }, list: [{ reason: "secret" }, "secret"], n: 1 };
  expect(redactWords(data, redact)).toEqual({
    message: "a [redacted]",
    pod: { name: "secret" },
    list: [{ reason: "[redacted]" }, "secret"],
    n: 1,
  });
});

test("what a task hands on is redacted in every text, and keeps its names", () => {
  const outputs = { secret: "a secret", list: ["secret", 1, { secret: null }], n: true };
  expect(redactOutputs(outputs, redact)).toEqual({
    secret: "a [redacted]",
    list: ["[redacted]", 1, { secret: null }],
    n: true,
  });
});

test.each<readonly [Outcome, Outcome]>([
  [
    { kind: "exit", exitCode: 3, message: "secret", evidence: { reason: "Error", message: "the secret" } },
    { kind: "exit", exitCode: 3, message: "[redacted]", evidence: { reason: "Error", message: "the [redacted]" } },
  ],
  [
    { kind: "lost", message: "gone" },
    { kind: "lost", message: "gone" },
  ],
  [
    { kind: "config", message: "x", evidence: { message: "secret" } },
    { kind: "config", message: "x", evidence: { message: "[redacted]" } },
  ],
])("an outcome keeps its shape: %j", (outcome, redacted) => {
  expect(redactOutcome(outcome, redact)).toEqual(redacted);
});
