import type { TaskSpec } from "@slipway/dag";
import { expect, test } from "vitest";
import { mostOf, OutputRooms } from "./output-rooms.ts";

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
  const take = (attempt: string, spec: TaskSpec) => rooms.take(attempt, { outputBytes: 0 }, mostOf(spec));
  expect(take("a.1", handing("stdout"))).toBe(256 * KB);
  expect(take("b.1", handing("message", "lastLine"))).toBe(128 * KB);
  rooms.giveBack("a.1");
  rooms.giveBack("a.1");
  expect(take("c.1", handing("stdout"))).toBe(192 * KB);
});

test("output rooms - nothing for who hands nothing on, little for who hands on a message alone", () => {
  const rooms = new OutputRooms();
  const take = (who: string, most?: number) => rooms.take(who, { outputBytes: 0 }, most);
  expect(mostOf(handing())).toBeUndefined();
  for (let n = 0; n < 10; n += 1) expect(take(`b${n}.1`, mostOf(handing("message")))).toBe(4 * KB);
  expect(take("c.1", mostOf(handing("stdout")))).toBe(236 * KB);
  expect(take("outputs of d")).toBe(118 * KB);
});
