import { afterEach, expect, test, vi } from "vitest";
import { watchOn } from "./watch-loop.ts";

afterEach(() => {
  vi.restoreAllMocks();
});

/** How long each of five watches in a row is waited for, where each breaks after so long. */
async function pauses(stoodMs: number): Promise<number[]> {
  let now = 0;
  vi.spyOn(performance, "now").mockImplementation(() => now);
  // The longest that the jitter gives.
  vi.spyOn(Math, "random").mockReturnValue(1);
  const stop = new AbortController();
  const told: number[] = [];
  const log = {
    info: () => undefined,
    warn: (fields: object) => {
      told.push(Number(Reflect.get(fields, "retryInMs")));
      if (told.length === 5) stop.abort();
    },
  };
  const source = {
    what: "pods",
    namespace: "ns",
    list: async () => "1",
    watch: async function* () {
      now += stoodMs;
      yield* [];
      throw new Error("silent");
    },
    apply: () => undefined,
  };
  await watchOn(source, { watchSeconds: [300, 600], relistMs: 300_000 }, log, stop.signal);
  return told;
}

test("watch loop - a watch that breaks at once is begun anew later and later", async () => {
  expect(await pauses(10)).toEqual([100, 200, 400, 800, 1_600]);
});

test("watch loop - one that stood for a while and then broke is begun anew at once, however often", async () => {
  expect(await pauses(6_000)).toEqual([100, 100, 100, 100, 100]);
});
