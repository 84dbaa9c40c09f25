import { defineConfig } from "vitest/config";
import { LongestFirst } from "./test/testbed/src/longest-first.ts";

/** unit: beside the source, no server, first. e2e: real servers, started once by the global set-up. */
export default defineConfig({
  test: {
    sequence: { sequencer: LongestFirst },
    projects: [
      {
        test: {
          name: "unit",
          sequence: { groupOrder: 0 },
          testTimeout: 30_000,
          isolate: false,
          pool: "threads",
          include: [
            "{workflows,activities,services}/*/src/**/*.test.ts",
            "deploy/local/src/**/*.test.ts",
            "test/{rules,replay}/src/**/*.test.ts",
          ],
        },
      },
      {
        test: {
          name: "e2e",
          sequence: { groupOrder: 1 },
          include: ["test/{e2e,faults,scale}/src/**/*.test.ts", "{activities,services}/*/it/**/*.test.ts"],
          globalSetup: ["test/testbed/src/global-setup.ts"],
          testTimeout: 120_000,
          hookTimeout: 300_000,
          maxWorkers: 2,
        },
      },
    ],
  },
});
