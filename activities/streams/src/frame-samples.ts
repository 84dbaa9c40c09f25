import { MsgHdrsImpl } from "@nats-io/nats-core";
import fc from "fast-check";
import type { Frame, FrameContent, LogPlace } from "./frame.ts";
import { decodeFrame } from "./frame-decode.ts";
import { encodeFrame } from "./frame-encode.ts";
import type { Message } from "./message.ts";

/** For tests: a message as NATS hands it over, by way of its own header text. */
export function overTheWire({ headers: fields, body }: Message): {
  readonly header: (name: string) => string;
  readonly data: Uint8Array;
} {
  const sent = new MsgHdrsImpl();
  for (const [name, value] of fields) sent.append(name, value);
  const read = MsgHdrsImpl.decode(sent.encode());
  return {
    header: (name) => read.last(name),
    data: typeof body === "string" ? new TextEncoder().encode(body) : body,
  };
}

export function frameOverTheWire(frame: Frame): Frame | undefined {
  const { header, data } = overTheWire(encodeFrame(frame));
  return decodeFrame(header, data);
}

export const ORIGIN = { dag: "d", run: "r", chain: "c", task: "t", pod: "pod-1", restart: 0 };
export const EPOCH = { hop: 0, stage: 0, attempt: 1 } as const;

export function aFrame(content: FrameContent, place: Partial<LogPlace>, more: Partial<Frame> = {}): Frame {
  return { origin: ORIGIN, epoch: EPOCH, place: { line: 1, offset: 0, bytes: 0, gaps: 0, ...place }, content, ...more };
}

/** Times as the kubelet writes them, in order. */
export function aTime(millis: number): string {
  return `${new Date(Date.UTC(2026, 10, 22) + millis).toISOString().slice(0, 23)}123456Z`;
}

/** Text of one line: anything but a newline. */
export const aLineText = fc.string({ unit: "binary", maxLength: 60 }).map((text) => text.replaceAll("\n", "↵"));
