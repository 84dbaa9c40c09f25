import { expect, test } from "vitest";
import { redactError } from "./redact-error.ts";

const redact = (text: string): string => text.replaceAll("secret", "[redacted]");

test("an error stays itself; its words, its stack and those of its causes are redacted", () => {
  const error = new RangeError("a secret", { cause: new Error("the secret below") });
  expect(redactError(error, redact)).toBe(error);
  expect(error).toMatchObject({
    name: "RangeError",
    message: "a [redacted]",
    cause: { message: "the [redacted] below" },
  });
  expect(error.stack).not.toContain("secret");
});

test("what is no error, and where nothing is redacted, comes back as it is", () => {
  expect(redactError("secret", redact)).toBe("secret");
  expect(redactError(new Error("secret"), undefined)).toMatchObject({ message: "secret" });
});
