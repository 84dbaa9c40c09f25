import fc from "fast-check";
import { expect, test } from "vitest";
import { newRunId } from "./run-id.ts";

test("run id - ten characters that nobody misreads, whatever the random bytes are", () => {
  fc.assert(
    fc.property(fc.infiniteStream(fc.integer({ min: 0, max: 255 })), (bytes) => {
      const id = newRunId((size) => Uint8Array.from({ length: size }, () => bytes.next().value ?? 0));
      expect(id).toMatch(/^[bcdfghjkmnpqrstvwxz2-9]{10}$/);
    }),
  );
});

test("run id - every character is as likely as another: bytes that would favour some are left out", () => {
  const all = Array.from({ length: 256 }, (_, at) => at);
  const seen = new Map<string, number>();
  for (let round = 0; round < 27; round += 1) {
    let next = round * 10;
    const id = newRunId((size) => Uint8Array.from({ length: size }, () => all[next++ % 243] ?? 0));
    for (const char of id) seen.set(char, (seen.get(char) ?? 0) + 1);
  }
  expect(seen.size).toBe(27);
});
