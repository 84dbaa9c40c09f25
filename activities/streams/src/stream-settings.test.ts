import { expect, test } from "vitest";
import { desiredStream, SETTINGS_KEY, STREAM_SETTINGS } from "./stream-settings.ts";

test("the streams, as they are asked for", () => {
  expect(
    ["log" as const, "event" as const].map((family) => desiredStream("acme", family, STREAM_SETTINGS)),
  ).toMatchInlineSnapshot(`
    [
      {
        "allow_direct": true,
        "compression": "s2",
        "description": "Slipway: what containers print",
        "discard": "old",
        "duplicate_window": 120000000000,
        "max_age": 604800000000000,
        "max_bytes": 10737418240,
        "metadata": {
          "slipway.dev/settings": "5887a125f406a692",
        },
        "name": "ACME_LOGS",
        "num_replicas": 1,
        "republish": {
          "dest": "acme.log.>",
          "src": "acme.log.>",
        },
        "retention": "limits",
        "storage": "file",
        "subject_transform": {
          "dest": "acme.log.>",
          "src": "acme.in.log.>",
        },
        "subjects": [
          "acme.in.log.>",
        ],
      },
      {
        "allow_direct": true,
        "compression": "s2",
        "description": "Slipway: what happens to runs, tasks and pods",
        "discard": "old",
        "duplicate_window": 120000000000,
        "max_age": 2592000000000000,
        "max_bytes": 1073741824,
        "metadata": {
          "slipway.dev/settings": "8bb2970abc0b72c3",
        },
        "name": "ACME_EVENTS",
        "num_replicas": 1,
        "republish": {
          "dest": "acme.event.>",
          "src": "acme.event.>",
        },
        "retention": "limits",
        "storage": "file",
        "subject_transform": {
          "dest": "acme.event.>",
          "src": "acme.in.event.>",
        },
        "subjects": [
          "acme.in.event.>",
        ],
      },
    ]
  `);
});

test("settings that differ have another mark", () => {
  const mark = (replicas: number) =>
    desiredStream("acme", "log", { ...STREAM_SETTINGS, replicas }).metadata[SETTINGS_KEY];
  expect(mark(1)).toBe(mark(1));
  expect(mark(1)).not.toBe(mark(3));
});
