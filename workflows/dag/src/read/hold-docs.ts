import { DURATION, type FieldDoc, TEXT } from "./field-doc.ts";

type Docs = Readonly<Record<string, FieldDoc>>;

const TEXTS = { anyOf: [TEXT, { type: "array", items: TEXT, minItems: 1 }] };

/** Kinds of tasks that make no pod and wait. */
export const HOLDS: Docs = {
  approve: {
    text: "Waits for a person's answer, without a pod: a text is `message`. Outputs `choice`, `by`, `note`; `timeout` bounds it.",
    schema: { anyOf: [TEXT, { $ref: "#/definitions/approve" }] },
    example: { message: "Publish ${{ ds }}?", assignees: ["anna", "group:data-leads"] },
  },
  wait: {
    text: "Waits for a time or a message, without a pod: a duration is `for`. `timeout` bounds it.",
    schema: { anyOf: [TEXT, { $ref: "#/definitions/wait" }] },
    example: { until: "2026-11-28T06:00:00Z" },
  },
};

export const APPROVE: Docs = {
  message: { text: "The question. Required.", schema: TEXT, example: "Publish ${{ ds }}?" },
  options: {
    text: "What may be answered; `reject` makes the task failed (kind rejected, never tried again), any other word succeeded.",
    schema: TEXTS,
    default: "[approve, reject]",
    example: ["ship", "approve", "reject"],
  },
  assignees: {
    text: "Who is asked; shown. The answer must then say who gives it, and nobody checks that it is so.",
    schema: TEXTS,
    example: ["anna", "group:data-leads"],
  },
  default: {
    text: "The option that counts where nobody answers within `timeout`.",
    schema: TEXT,
    example: "reject",
  },
};

export const WAIT: Docs = {
  for: { text: "So long.", schema: DURATION, example: "30m" },
  until: {
    text: "Until this time (RFC 3339), or the time that an expression gives; one that is past: at once.",
    schema: TEXT,
    example: "2026-11-28T06:00:00Z",
  },
  event: {
    text: "For a message on a NATS subject that comes once the wait has begun.",
    schema: { $ref: "#/definitions/event" },
    example: { subject: "lake.ready", if: 'event.data.day == "2026-11-28"' },
  },
};

export const EVENT: Docs = {
  subject: {
    text: "The subject, wildcards included; the worker's settings say which are allowed. Required.",
    schema: TEXT,
    example: "lake.ready.*",
  },
  if: {
    text: "CEL over `event` (subject, headers, data) and what the task may name: only a message for which it is true ends the wait.",
    schema: { type: ["string", "boolean"] },
    default: "true",
    example: "event.data.rows > 0",
  },
};
