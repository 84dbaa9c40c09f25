import type { LogEpoch } from "@slipway/dag";
import { expect, test } from "vitest";
import type { Frame } from "./frame.ts";
import { aFrame, ORIGIN } from "./frame-samples.ts";
import { afterBreak, standing } from "./standing.ts";

const mine: LogEpoch = { hop: 1, stage: 0, attempt: 2 };
const lower: LogEpoch = { hop: 0, stage: 2, attempt: 9 };
const higher: LogEpoch = { hop: 1, stage: 1, attempt: 1 };
const start = { kind: "start" } as const;
const end = { kind: "end", complete: true } as const;

function last(more: Partial<Frame>, content: Frame["content"] = start): Frame {
  return aFrame(content, { line: 8, bytes: 70 }, { epoch: mine, ...more });
}

const rows: readonly [what: string, last: Frame | undefined, kind: string][] = [
  ["nothing that is a frame", undefined, "other-pod"],
  [
    "another pod's frame, however high its epoch",
    last({ origin: { ...ORIGIN, pod: "other" }, epoch: higher }),
    "other-pod",
  ],
  ["my own epoch's frame", last({}), "open"],
  ["a lower watcher's frame", last({ epoch: lower }), "open"],
  ["a higher watcher's frame", last({ epoch: higher }), "fenced"],
  ["the end, by a lower watcher", last({ epoch: lower }, end), "ended"],
  ["the end, by a higher watcher", last({ epoch: higher }, end), "fenced"],
];

test.each(rows)("%s", (_what, frame, kind) => {
  expect(standing(frame, ORIGIN, mine).kind).toBe(kind);
});

test("the container's lives follow one another", () => {
  const next = { ...ORIGIN, restart: 1 };
  expect(standing(last({ epoch: lower }, end), next, mine).kind).toBe("unborn");
  expect(standing(last({ epoch: higher }, end), next, mine).kind).toBe("fenced");
  expect(standing(last({ origin: next }), ORIGIN, mine).kind).toBe("fenced");
});

test("a line that was cut off keeps its number", () => {
  const place = { line: 3, offset: 10, bytes: 99, gaps: 0 };
  expect(afterBreak(place)).toEqual({ ...place, line: 4, offset: 0 });
  expect(afterBreak({ ...place, offset: 0 })).toEqual({ ...place, offset: 0 });
});
