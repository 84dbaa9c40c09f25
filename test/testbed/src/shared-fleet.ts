import { beforeAll, inject } from "vitest";
import { type Fleet, type FleetOptions, planFleet } from "./fleet.ts";

/** The fleet of all tests of a file: opened before the first of them, closed behind the last. */
export function sharedFleet(options: FleetOptions = {}): Fleet {
  const planned = planFleet(inject("slipway"), options);
  beforeAll(async () => {
    await planned.open();
    return async () => await planned.fleet.close();
  });
  return planned.fleet;
}
