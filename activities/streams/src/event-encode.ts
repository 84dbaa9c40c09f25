import { ceType, eventId, type SlipwayEvent } from "@slipway/dag";
import { FRAME_HEADERS } from "./frame.ts";
import { toHeaderText } from "./header-text.ts";
import type { HeaderField, Message } from "./message.ts";

/** Of events: CloudEvents 1.0, NATS binding, binary mode. There `datacontenttype` is an attribute like any other. */
export const EVENT_HEADERS = {
  specversion: "ce-specversion",
  id: "ce-id",
  type: "ce-type",
  source: "ce-source",
  subject: "ce-subject",
  time: "ce-time",
  contentType: "ce-datacontenttype",
  dag: FRAME_HEADERS.dag,
  run: FRAME_HEADERS.run,
  chain: FRAME_HEADERS.chain,
  task: FRAME_HEADERS.task,
  index: "Slipway-Index",
  attempt: "Slipway-Attempt",
} as const;

/**
 * `ce-source` is the run (a URI reference), `ce-subject` what in it: `<task>/<index or ->`, `<task>/<index or ->/<attempt>`,
 * absent for the run itself. The Slipway headers repeat both in full, one value each.
 */
export function encodeEvent(event: SlipwayEvent): Message {
  const { installation, dag, run, chain, task, index } = event.ref;
  const H = EVENT_HEADERS;
  const subject = task === undefined ? undefined : [task, index ?? "-", ...optionally(event.attempt)].join("/");
  const headers: readonly HeaderField[] = [
    [H.type, ceType(event.type)],
    ...field(H.subject, subject),
    [H.time, event.time],
    [
      H.source,
      toHeaderText(["", installation, dag, run].map((part) => encodeURIComponent(part.toWellFormed())).join("/")),
    ],
    [H.id, toHeaderText(eventId(event))],
    [H.specversion, "1.0"],
    [H.contentType, "application/json"],
    [H.dag, toHeaderText(dag)],
    [H.run, toHeaderText(run)],
    [H.chain, toHeaderText(chain.firstExecutionRunId)],
    ...field(H.task, task),
    ...field(H.index, index),
    ...field(H.attempt, event.attempt),
  ];
  return { headers, body: JSON.stringify(event.data) };
}

function field(name: string, value: string | number | undefined): readonly HeaderField[] {
  return value === undefined ? [] : [[name, toHeaderText(String(value))]];
}

function optionally(value: number | undefined): readonly number[] {
  return value === undefined ? [] : [value];
}
