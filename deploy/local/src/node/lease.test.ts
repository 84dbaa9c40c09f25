import { readdirSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { expect, test } from "vitest";
import { self } from "../core/process-id.ts";
import { testFolder } from "../core/test-folder.ts";
import { addLease, dropLease, liveLeases } from "./lease.ts";

const folder = (): string => join(testFolder(), "leases");

test("lease - counts while its process runs, and not once it is dropped", () => {
  const place = folder();
  expect(liveLeases(place)).toEqual([]);
  const first = addLease(place, self(), "tests");
  addLease(place, self(), "up");
  expect(
    liveLeases(place)
      .map((lease) => lease.purpose)
      .sort(),
  ).toEqual(["tests", "up"]);
  dropLease(first);
  dropLease(first);
  expect(liveLeases(place).map((lease) => lease.purpose)).toEqual(["up"]);
});

test("lease - those of dead processes and torn files are removed", () => {
  const place = folder();
  addLease(place, { pid: process.pid, startTime: "another start" }, "killed");
  addLease(place, self(), "lives");
  writeFileSync(join(place, "torn.json"), "{");
  expect(liveLeases(place).map((lease) => lease.purpose)).toEqual(["lives"]);
  expect(readdirSync(place)).toHaveLength(1);
});
