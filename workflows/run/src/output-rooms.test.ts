import type { TaskSpec } from "@slipway/dag";
import { expect, test } from "vitest";
import { OutputRooms } from "./output-rooms.ts";

const KB = 1024;

function handing(...sources: ("message" | "stdout" | "lastLine")[]): TaskSpec {
  const outputs = Object.fromEntries(sources.map((from, n) => [`o${n}`, { from, schema: {} }]));
  return {
    container: {},
    retries: { limit: 0, delayMs: 0, factor: 1, maxDelayMs: 0, disruptions: 3 },
    timeout: { scheduleMs: 1, startMs: 1 },
    ...(sources.length > 0 && { outputs }),
  };
}

test("output rooms - what one attempt is given no other is, until it has ended", () => {
  const rooms = new OutputRooms();
  const take = (attempt: string, spec: TaskSpec) => rooms.take(attempt, spec, { outputBytes: 0 });
  expect(take("a.1", handing("stdout"))).toBe(256 * KB);
  expect(take("b.1", handing("message", "lastLine"))).toBe(128 * KB);
  rooms.giveBack("a.1");
  rooms.giveBack("a.1");
  expect(take("c.1", handing("stdout"))).toBe(192 * KB);
});

test("output rooms - nothing for who hands nothing on, little for who hands on a message alone", () => {
  const rooms = new OutputRooms();
  expect(rooms.take("a.1", handing(), { outputBytes: 0 })).toBeUndefined();
  for (let n = 0; n < 10; n += 1) expect(rooms.take(`b${n}.1`, handing("message"), { outputBytes: 0 })).toBe(4 * KB);
  expect(rooms.take("c.1", handing("stdout"), { outputBytes: 0 })).toBe(236 * KB);
});
