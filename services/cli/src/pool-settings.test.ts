import { expect, test } from "vitest";
import { poolsFrom } from "./pool-settings.ts";

test("SLIPWAY_POOLS - names and sizes; nothing where it is not set", () => {
  expect(poolsFrom(undefined)).toBeUndefined();
  expect(poolsFrom("")).toBeUndefined();
  expect(poolsFrom("gpu=7, db.writes = 2")).toEqual({ gpu: 7, "db.writes": 2 });
});

test.each([
  "gpu",
  "gpu=",
  "gpu=0",
  "gpu=-1",
  "gpu=1.5",
  "gpu=10001",
  "=2",
  "a b=2",
  "gpu=1,gpu=2",
  "gpu=1=2",
  "gpu=1,",
])("SLIPWAY_POOLS - %j is refused", (text) => {
  expect(() => poolsFrom(text)).toThrow("SLIPWAY_POOLS has");
});
