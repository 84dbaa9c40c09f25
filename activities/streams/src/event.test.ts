import { EVENT_TYPES, type SlipwayEvent } from "@slipway/dag";
import fc from "fast-check";
import { expect, test } from "vitest";
import { decodeEvent } from "./event-decode.ts";
import { encodeEvent } from "./event-encode.ts";
import { overTheWire } from "./frame-samples.ts";
import { aRef, dagName, taskName } from "./ref-samples.ts";

const anEvent: SlipwayEvent = {
  type: "attempt.finished",
  ref: aRef({ run: "nightly 1:ü" }),
  attempt: 2,
  time: "2026-11-22T10:00:00Z",
  data: { outcome: { kind: "exit", exitCode: 3 } },
};

test("an event is a CloudEvent in binary mode", () => {
  expect(encodeEvent(anEvent)).toMatchInlineSnapshot(`
    {
      "body": "{"outcome":{"kind":"exit","exitCode":3}}",
      "headers": [
        [
          "ce-type",
          "dev.slipway.attempt.finished",
        ],
        [
          "ce-subject",
          "passing-task/-/2",
        ],
        [
          "ce-time",
          "2026-11-22T10:00:00Z",
        ],
        [
          "ce-source",
          "/slipway/sample/nightly%25201%253A%25C3%25BC",
        ],
        [
          "ce-id",
          "chain-1/passing-task/-/2/attempt.finished",
        ],
        [
          "ce-specversion",
          "1.0",
        ],
        [
          "ce-datacontenttype",
          "application/json",
        ],
        [
          "Slipway-Dag",
          "sample",
        ],
        [
          "Slipway-Run",
          "nightly%201:%C3%BC",
        ],
        [
          "Slipway-Chain",
          "chain-1",
        ],
        [
          "Slipway-Task",
          "passing-task",
        ],
        [
          "Slipway-Attempt",
          "2",
        ],
      ],
    }
  `);
});

test("an event of the run itself has no subject", () => {
  const { task: _task, ...ref } = anEvent.ref;
  const { headers } = encodeEvent({ type: "run.started", ref, time: anEvent.time, data: {} });
  expect(headers.map(([name]) => name)).not.toContain("ce-subject");
});

test("any event comes back", () => {
  const any = fc.record({
    type: fc.constantFrom(...EVENT_TYPES),
    run: fc.string({ unit: "binary", minLength: 1, maxLength: 100 }),
    index: fc.option(fc.nat(), { nil: undefined }),
    attempt: fc.option(fc.nat(), { nil: undefined }),
    data: fc.dictionary(fc.string({ unit: "binary" }), fc.jsonValue({ noUnicodeString: false })),
  });
  fc.assert(
    fc.property(any, ({ type, run, index, attempt, data }) => {
      const json = JSON.parse(JSON.stringify(data));
      const ref = { ...aRef({ run }), ...(index === undefined ? {} : { index }) };
      const event: SlipwayEvent = {
        type,
        ref,
        time: anEvent.time,
        data: json,
        ...(attempt === undefined ? {} : { attempt }),
      };
      const read = decodeEvent({ ...overTheWire(encodeEvent(event)), subject: "", seq: 7, time: "" });
      expect(read).toMatchObject({ seq: 7, type, run, dag: dagName, task: taskName, time: anEvent.time });
      expect([read?.index, read?.attempt, read?.data]).toEqual([index, attempt, json]);
    }),
  );
});

test.each([
  ["no headers", () => "", "{}"],
  ["an unknown type", (name: string) => (name === "ce-type" ? "dev.slipway.moon.landed" : "1"), "{}"],
  ["a body that is no object", (name: string) => (name === "ce-type" ? "dev.slipway.run.started" : "1"), "[1]"],
  ["a body that is no JSON", (name: string) => (name === "ce-type" ? "dev.slipway.run.started" : "1"), "{"],
])("%s is no event", (_what, header, body) => {
  expect(decodeEvent({ header, data: new TextEncoder().encode(body), subject: "", seq: 1, time: "" })).toBeUndefined();
});
