import type { PoolSummary } from "@slipway/client";
import { expect, test } from "vitest";
import { poolsTable } from "./pools-view.ts";

const NOW = new Date("2026-01-01T00:10:00Z");
const claim = (run: string, more: object = {}) => ({
  dag: "etl",
  run,
  slots: 1,
  since: "2026-01-01T00:00:00Z",
  ...more,
});

test("get pools - slots, holders, and how long the oldest has waited; wide names everybody", () => {
  const pools: PoolSummary[] = [
    {
      kind: "pool",
      name: "gpu",
      slots: 7,
      used: 5,
      waiting: 1,
      holders: [claim("1", { task: "a" }), claim("1", { task: "b", index: 3 }), claim("2", { task: "a" }), claim("3")],
      queue: [claim("4", { task: "a" })],
      oldestWait: "2026-01-01T00:08:00Z",
    },
    { kind: "runs", name: "etl", slots: 16, used: 1, waiting: 0, holders: [claim("1")], queue: [] },
  ];
  expect(poolsTable(pools, NOW, false)).toMatchInlineSnapshot(`
    "POOL       SLOTS   USED   WAITING   OLDEST WAIT   HOLDERS
    gpu        7       5      1         2m00s         etl/1 a, etl/1 b[3], etl/2 a and 1 more
    runs etl   16      1      0         -             etl/1
    "
  `);
  expect(poolsTable(pools, NOW, true)).toContain("etl/3");
  expect(poolsTable(pools, NOW, true)).toContain("etl/4 a");
});
