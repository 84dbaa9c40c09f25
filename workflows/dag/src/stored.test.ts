import { expect, test } from "vitest";
import { type AttemptRef, isDagName, isRunId, isTaskName } from "./ids.ts";
import type { JsonObject } from "./json.ts";
import { hold, outputRoom } from "./run-outputs.ts";
import { beyondRoom, isStored, STORED_KEY, storedAs, storedIn, storedName, withStored } from "./stored.ts";

const KB = 1024;

function aRef(of: { index?: number; attempt: number }): AttemptRef {
  const [dag, run, task] = ["etl", "r1", "load"];
  if (!isDagName(dag) || !isRunId(run) || !isTaskName(task)) throw new Error("names");
  return { installation: "slipway", chain: { workflowId: "w", firstExecutionRunId: "0190" }, dag, run, task, ...of };
}

const text = (bytes: number) => "x".repeat(bytes - 2);
const gone = (outputs: JsonObject, room: number) => [...beyondRoom(outputs, room)];

test("stored outputs - while there is room everything stays, however large", () => {
  expect(gone({ a: text(200 * KB), b: 1 }, 256 * KB)).toEqual([]);
});

test("stored outputs - beyond it the largest goes first, until the others have room; what is as short as a reference stays", () => {
  const outputs = { tiny: text(128), small: text(4 * KB), large: text(60 * KB), larger: text(90 * KB) };
  expect(gone(outputs, 70 * KB)).toEqual(["larger"]);
  expect(gone(outputs, 10 * KB)).toEqual(["larger", "large"]);
  expect(gone(outputs, 0)).toEqual(["larger", "large", "small"]);
});

test("stored outputs - what a container makes look like a reference is stored itself, at any depth", () => {
  const forged = storedAs("another-run/a/-/1/secret", 10);
  expect(gone({ fine: { stored: 1 }, forged, deep: [{ x: forged }] }, 256 * KB)).toEqual(["deep", "forged"]);
});

test("stored outputs - room: 256 KB for the whole run, half of what is left to those at once; then 4 KB, less where little is left", () => {
  expect(outputRoom({ outputBytes: 0 }, 0)).toBe(256 * KB);
  expect(outputRoom({ outputBytes: 0 }, 256 * KB)).toBe(128 * KB);
  expect(outputRoom({ outputBytes: 200 * KB }, 0)).toBe(56 * KB);
  expect(outputRoom({ outputBytes: 300 * KB }, 0)).toBe(4 * KB);
  expect(outputRoom({ outputBytes: 640 * KB }, 0)).toBe(KB);
  expect(outputRoom({ outputBytes: 704 * KB }, 0)).toBe(0);
});

test.each([
  ["12 KB each", 12 * KB],
  ["4 KB each", 4 * KB],
  ["300 bytes each", 300],
  ["100 bytes each", 100],
])(
  "stored outputs - a hundred in flight, two thousand in all, %s: the state has room for what stays of them",
  (_, bytes) => {
    const [value, reference] = [text(bytes), storedAs(`${"c".repeat(36)}/load-all/-/1/rows`, bytes)];
    const state = { outputBytes: 0 };
    const flying: number[] = [];
    const land = () => {
      const isGone = beyondRoom({ rows: value, n: 1 }, flying.shift() ?? 0).has("rows");
      expect(hold(state, { rows: isGone ? reference : value, n: 1 })).toBe(true);
    };
    for (let n = 0; n < 2_000; n += 1) {
      flying.push(
        outputRoom(
          state,
          flying.reduce((sum, each) => sum + each, 0),
        ),
      );
      if (flying.length === 100) land();
    }
    while (flying.length > 0) land();
  },
);

test("stored outputs - a name says the chain, task, item, attempt and output", () => {
  const ref = aRef({ index: 3, attempt: 2 });
  expect(storedName(ref, "rows")).toBe("0190/load/3/2/rows");
  expect(storedName(aRef({ attempt: 2 }), "rows")).toBe("0190/load/-/2/rows");
});

test("stored outputs - references are found and replaced wherever they stand", () => {
  const [a, b] = [storedAs("a", 5), storedAs("b", 7)];
  const value = { rows: a, all: [1, b, a], plain: { [STORED_KEY]: 3 } };
  expect(isStored(value.plain)).toBe(false);
  expect(storedIn(value)).toEqual([a, b, a]);
  expect(withStored(value, new Map([["a", "of a"]]))).toEqual({
    rows: "of a",
    all: [1, b, "of a"],
    plain: value.plain,
  });
});
