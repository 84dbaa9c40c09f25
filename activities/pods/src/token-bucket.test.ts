import { expect, test } from "vitest";
import { backoffMs } from "./backoff.ts";
import { TokenBucket } from "./token-bucket.ts";

test("a burst at once, then one for each interval; a quiet time fills the bucket, no further", () => {
  let now = 0;
  const bucket = new TokenBucket({ perSecond: 10, burst: 3 }, () => now);
  const take = (n: number) => Array.from({ length: n }, () => bucket.take());
  expect(take(5)).toEqual([0, 0, 0, 100, 200]);
  now = 200;
  expect(take(1)).toEqual([100]);
  now = 60_000;
  expect(take(4)).toEqual([0, 0, 0, 100]);
});

test("backoff: full jitter between 0.1 s and a bound that doubles up to 10 s", () => {
  expect([0, 1, 5, 7, 50].map((failures) => backoffMs(failures, () => 1))).toEqual([100, 200, 3200, 10_000, 10_000]);
  expect([0, 7].map((failures) => backoffMs(failures, () => 0))).toEqual([100, 100]);
});
