import fc from "fast-check";
import { expect, test } from "vitest";
import { compareEpochs, type Frame, type FrameContent, firstLine } from "./frame.ts";
import { decodeFrame } from "./frame-decode.ts";
import { encodeFrame } from "./frame-encode.ts";
import { aFrame, aLineText, aTime, frameOverTheWire } from "./frame-samples.ts";

const anyText = fc.string({ unit: "binary", minLength: 1 });
const number = fc.nat({ max: 1_000_000 });
const epoch = fc.record({ hop: number, stage: fc.constantFrom(0 as const, 1 as const, 2 as const), attempt: number });
const origin = fc.record({ dag: anyText, run: anyText, chain: anyText, task: anyText, pod: anyText, restart: number });
const cursor = fc.record({ time: fc.constant(aTime(1)), seen: number, hash: fc.constant("0123456789abcdef") });
const content: fc.Arbitrary<FrameContent> = fc.oneof(
  fc.record({ kind: fc.constant("start" as const) }),
  fc.record({ kind: fc.constant("start" as const), resumed: fc.constant(true as const) }),
  fc.array(fc.tuple(aLineText, fc.nat({ max: 1e9 }))).map((lines) => ({
    kind: "lines" as const,
    texts: lines.map(([text]) => text),
    times: lines.map(([, ms]) => aTime(ms)),
  })),
  fc.record(
    { kind: fc.constant("gap" as const), reason: anyText, from: fc.constant(aTime(1)), to: fc.constant(aTime(2)) },
    { requiredKeys: ["kind", "reason"] },
  ),
  fc.record(
    { kind: fc.constant("end" as const), complete: fc.boolean(), reason: anyText },
    { requiredKeys: ["kind", "complete"] },
  ),
);

test("any frame comes back as it went, but for the time of inner lines below a millisecond", () => {
  const frames = fc.record({
    origin,
    epoch,
    content,
    place: fc
      .record({ line: number.map((n) => n + 10_000), bytes: number, gaps: number, cursor })
      .map((p) => ({ ...p, offset: 0 })),
  });
  fc.assert(
    fc.property(frames, (frame) => {
      expect(inMillis(frameOverTheWire(frame))).toEqual(inMillis(frame));
    }),
  );
});

function inMillis(frame: Frame | undefined): Frame | undefined {
  if (frame?.content.kind !== "lines") return frame;
  const { times } = frame.content;
  const inner = times.map((time, at) => (at === 0 || at === times.length - 1 ? time : Date.parse(time).toString()));
  return { ...frame, content: { ...frame.content, times: inner } };
}

test("a frame of lines is readable: body as printed, facts in headers", () => {
  const frame = aFrame(
    { kind: "lines", texts: ["hello", "", "world"], times: [aTime(0), aTime(5), aTime(9)] },
    { line: 10, bytes: 40, cursor: { time: aTime(9), seen: 3, hash: "0123456789abcdef" } },
    {
      origin: { dag: "d", run: "a b", chain: "c", task: "t", pod: "u", restart: 2 },
      epoch: { hop: 1, stage: 2, attempt: 3 },
    },
  );
  expect(encodeFrame(frame)).toMatchInlineSnapshot(`
    {
      "body": "hello

    world",
      "headers": [
        [
          "Slipway-Kind",
          "lines",
        ],
        [
          "Slipway-Line",
          "7",
        ],
        [
          "Slipway-Lines",
          "3",
        ],
        [
          "Slipway-From",
          "2026-11-22T00:00:00.000123456Z",
        ],
        [
          "Slipway-To",
          "2026-11-22T00:00:00.009123456Z",
        ],
        [
          "Slipway-Times",
          "5 4",
        ],
        [
          "Slipway-Bytes",
          "40",
        ],
        [
          "Slipway-Cursor",
          "2026-11-22T00:00:00.009123456Z 3 0123456789abcdef",
        ],
        [
          "Slipway-Epoch",
          "1.2.3",
        ],
        [
          "Slipway-Pod",
          "u",
        ],
        [
          "Slipway-Restart",
          "2",
        ],
        [
          "Slipway-Dag",
          "d",
        ],
        [
          "Slipway-Run",
          "a%20b",
        ],
        [
          "Slipway-Chain",
          "c",
        ],
        [
          "Slipway-Task",
          "t",
        ],
      ],
    }
  `);
});

test("a gap's body is one line for people", () => {
  const gap = { kind: "gap", from: aTime(0), to: aTime(9), reason: "the file was rotated\ntwice" } as const;
  expect(encodeFrame(aFrame(gap, { gaps: 1 })).body).toMatchInlineSnapshot(
    `"[slipway: lines after 2026-11-22T00:00:00.000123456Z until 2026-11-22T00:00:00.009123456Z may be missing: the file was rotated twice]"`,
  );
});

test("a part that does not end its line leaves the place inside it", () => {
  const bytes = new TextEncoder().encode("abc");
  const part = { kind: "part", part: "middle", offset: 5, bytes, time: aTime(0) } as const;
  const frame = frameOverTheWire(aFrame(part, { line: 4, offset: 8, bytes: 8 }));
  expect(frame?.place).toEqual({ line: 4, offset: 8, bytes: 8, gaps: 0 });
  expect(frame && firstLine(frame)).toBe(4);
});

test.each([
  ["no headers", {}],
  ["another kind", { "Slipway-Kind": "noise" }],
  ["a line that is no number", { "Slipway-Kind": "start", "Slipway-Line": "-1" }],
])("%s is no frame", (_what, fields: Record<string, string>) => {
  expect(decodeFrame((name) => fields[name] ?? "", new Uint8Array())).toBeUndefined();
});

test("epochs compare by hop, stage, attempt", () => {
  const ordered = [
    { hop: 0, stage: 0, attempt: 1 },
    { hop: 0, stage: 0, attempt: 2 },
    { hop: 0, stage: 1, attempt: 1 },
    { hop: 0, stage: 2, attempt: 1 },
    { hop: 1, stage: 0, attempt: 1 },
  ] as const;
  for (const [i, a] of ordered.entries()) {
    for (const [j, b] of ordered.entries()) expect(Math.sign(compareEpochs(a, b))).toBe(Math.sign(i - j));
  }
});
