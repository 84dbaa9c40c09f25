import type { LogCursor, LogEpoch } from "@slipway/dag";
import { z } from "zod";
import { type Frame, FRAME_HEADERS as H, type FrameContent } from "./frame.ts";
import { fromHeaderText } from "./header-text.ts";
import { unpackTimes } from "./line-times.ts";

/** 15 digits: within the safe integers. */
const count = z
  .string()
  .regex(/^\d{1,15}$/)
  .transform(Number);
const text = z.string().transform(fromHeaderText);
const maybe = z.string().transform((value) => (value === "" ? undefined : value));

const Epoch = z
  .string()
  .regex(/^\d{1,9}\.[012]\.\d{1,9}$/)
  .transform((value): LogEpoch => {
    const [hop = 0, stage = 0, attempt = 0] = value.split(".").map(Number);
    return { hop, stage: stage === 0 ? 0 : stage === 1 ? 1 : 2, attempt };
  });

const Cursor = z
  .string()
  .regex(/^(\S+ \d{1,15} [0-9a-f]{16}( \S+ \S+)?)?$/)
  .transform((value): LogCursor | undefined => {
    const [time = "", seen, hash = "", first, checked] = value.split(" ");
    const file = first === undefined || checked === undefined ? {} : { file: { first, checked } };
    return seen === undefined ? undefined : { time, seen: Number(seen), hash, ...file };
  });

const Headers = z.object({
  kind: z.enum(["start", "lines", "gap", "end"]),
  line: count,
  lines: count,
  bytes: count,
  gaps: z.union([z.literal("").transform(() => 0), count]),
  cursor: Cursor,
  epoch: Epoch,
  pod: text,
  restart: count,
  dag: text,
  run: text,
  chain: text,
  task: text,
  from: maybe,
  to: maybe,
  times: maybe,
  part: z.union([z.literal("").transform(() => undefined), z.enum(["first", "middle", "last"])]),
  offset: z.union([z.literal("").transform(() => 0), count]),
  reason: text,
  complete: z.string(),
  resumed: z.string(),
});
type FrameFields = z.output<typeof Headers>;

/** The frame in a stored message; undefined where it is none (anyone with the right to may publish there). */
export function decodeFrame(header: (name: string) => string, data: Uint8Array): Frame | undefined {
  const raw = Object.fromEntries(Object.entries(H).map(([field, name]) => [field, header(name)]));
  const { success, data: fields } = Headers.safeParse(raw);
  if (!success) return undefined;
  const { dag, run, chain, task, pod, restart, epoch } = fields;
  return {
    origin: { dag, run, chain, task, pod, restart },
    epoch,
    place: placeOf(fields, data.length),
    content: contentOf(fields, data),
  };
}

function placeOf({ line, lines, bytes, gaps, cursor, part, offset }: FrameFields, size: number): Frame["place"] {
  const within = part === "first" || part === "middle" ? offset + size : 0;
  return { line: line + lines, offset: within, bytes, gaps, ...(cursor === undefined ? {} : { cursor }) };
}

function contentOf(fields: FrameFields, data: Uint8Array): FrameContent {
  const { kind, part, offset, from, to, reason, complete, resumed } = fields;
  switch (kind) {
    case "start":
      return resumed === "true" ? { kind, resumed: true } : { kind };
    case "end":
      return { kind, complete: complete === "true", ...(reason === "" ? {} : { reason }) };
    case "gap":
      return { kind, reason, ...(from === undefined ? {} : { from }), ...(to === undefined ? {} : { to }) };
    case "lines":
      return part === undefined ? linesOf(fields, data) : { kind: "part", part, offset, bytes: data, time: from ?? "" };
  }
}

function linesOf({ lines, from = "", to = from, times }: FrameFields, data: Uint8Array): FrameContent {
  const texts = lines === 0 ? [] : new TextDecoder("utf-8", { ignoreBOM: true }).decode(data).split("\n");
  const packed = { from, to, ...(times === undefined ? {} : { times }) };
  return { kind: "lines", texts, times: unpackTimes(packed, texts.length) };
}
