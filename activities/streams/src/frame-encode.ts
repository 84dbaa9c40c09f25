import type { LogCursor } from "@slipway/dag";
import { type Frame, FRAME_HEADERS as H, type FrameContent, type FrameOrigin, firstLine, linesIn } from "./frame.ts";
import { toHeaderText } from "./header-text.ts";
import { packTimes } from "./line-times.ts";
import type { HeaderField, Message } from "./message.ts";

/** A frame as headers and body: bodies are what a person reads in `nats sub`, headers carry the rest. */
export function encodeFrame(frame: Frame): Message {
  const { content, place, origin, epoch } = frame;
  const headers: readonly HeaderField[] = [
    [H.kind, content.kind === "part" ? "lines" : content.kind],
    [H.line, String(firstLine(frame))],
    [H.lines, String(linesIn(content))],
    ...contentFields(content),
    [H.bytes, String(place.bytes)],
    ...optional(H.gaps, place.gaps === 0 ? undefined : String(place.gaps)),
    ...optional(H.cursor, place.cursor && cursorText(place.cursor)),
    [H.epoch, `${epoch.hop}.${epoch.stage}.${epoch.attempt}`],
    ...originFields(origin),
  ];
  return { headers, body: bodyOf(content) };
}

function cursorText({ time, seen, hash, file }: LogCursor): string {
  const from = file === undefined ? "" : ` ${file.first} ${file.checked}`;
  return `${time} ${seen} ${hash}${from}`;
}

function originFields({ pod, restart, dag, run, chain, task }: FrameOrigin): readonly HeaderField[] {
  return [
    [H.pod, toHeaderText(pod)],
    [H.restart, String(restart)],
    [H.dag, toHeaderText(dag)],
    [H.run, toHeaderText(run)],
    [H.chain, toHeaderText(chain)],
    [H.task, toHeaderText(task)],
  ];
}

function contentFields(content: FrameContent): readonly HeaderField[] {
  switch (content.kind) {
    case "start":
      return optional(H.resumed, content.resumed && "true");
    case "lines":
      return timeFields(content.times);
    case "part":
      return [[H.part, content.part], [H.offset, String(content.offset)], ...timeFields([content.time])];
    case "gap":
      return [
        ...optional(H.from, content.from),
        ...optional(H.to, content.to),
        [H.reason, toHeaderText(content.reason)],
      ];
    case "end":
      return [
        [H.complete, String(content.complete)],
        ...optional(H.reason, content.reason && toHeaderText(content.reason)),
      ];
  }
}

function timeFields(times: readonly string[]): readonly HeaderField[] {
  const packed = packTimes(times);
  if (packed === undefined) return [];
  return [[H.from, packed.from], [H.to, packed.to], ...optional(H.times, packed.times)];
}

function optional(name: string, value: string | undefined): readonly HeaderField[] {
  return value === undefined || value === "" ? [] : [[name, value]];
}

function bodyOf(content: FrameContent): string | Uint8Array {
  switch (content.kind) {
    case "start":
    case "end":
      return "";
    case "lines":
      return content.texts.join("\n");
    case "part":
      return content.bytes;
    case "gap":
      return gapText(content);
  }
}

/** The one line that a person reads where a log has a gap. */
export function gapText(gap: { readonly from?: string; readonly to?: string; readonly reason: string }): string {
  const since = gap.from === undefined ? "from the start" : `after ${gap.from}`;
  const until = gap.to === undefined ? "" : ` until ${gap.to}`;
  return `[slipway: lines ${since}${until} may be missing: ${gap.reason.replaceAll(/[\r\n]+/g, " ")}]`;
}
