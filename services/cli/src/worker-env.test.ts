import { SlipwayError } from "@slipway/dag";
import { expect, test } from "vitest";
import { workerEnv } from "./worker-env.ts";

test("worker settings - nothing said: nothing set, and everything has its default", () => {
  expect(workerEnv({ SLIPWAY_LOG_BYTES: "", SLIPWAY_RELEASE_PATIENCE: "" })).toEqual({ run: {}, reaper: {} });
});

test("worker settings - numbers and durations, each where it belongs", () => {
  const env = {
    SLIPWAY_LOG_LEVEL: "warn",
    SLIPWAY_LOG_BYTES: "2097152",
    SLIPWAY_LOG_ROTATION_BYTES: "65536",
    SLIPWAY_HISTORY_EVENTS: "50",
    SLIPWAY_KUBERNETES_SILENCE: "5s",
    SLIPWAY_RELEASE_PATIENCE: "10m",
    SLIPWAY_REAPER_EVERY: "2s",
    SLIPWAY_REAPER_AGE: "1s",
    SLIPWAY_STORE: "s3://bucket/prefix/",
  };
  expect(workerEnv(env)).toEqual({
    logLevel: "warn",
    logBytes: 2_097_152,
    rotationBytes: 65_536,
    historyEvents: 50,
    silenceMs: 5_000,
    patienceMs: 600_000,
    run: { store: "s3://bucket/prefix" },
    reaper: { everyMs: 2_000, ageMs: 1_000 },
  });
});

test.each([
  ["SLIPWAY_LOG_BYTES", "1", "it takes a number of bytes, at least 1048576"],
  ["SLIPWAY_HISTORY_EVENTS", "many", "it takes a number of events, at least 50"],
  ["SLIPWAY_KUBERNETES_SILENCE", "4s", "it takes a duration like 90s or 10m, at least 5s"],
  ["SLIPWAY_RELEASE_PATIENCE", "1", "it takes a duration like 90s or 10m, at least 5s"],
  ["SLIPWAY_REAPER_EVERY", "soon", "it takes a duration like 90s or 10m"],
])("worker settings - %s=%s is refused, and what it takes is said", (name, value, says) => {
  expect(() => workerEnv({ [name]: value })).toThrow(SlipwayError);
  expect(() => workerEnv({ [name]: value })).toThrow(`${name} is "${value}"; ${says}`);
});
