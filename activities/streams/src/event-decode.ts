import { EVENT_TYPES, type EventType, isJsonObject, type JsonObject } from "@slipway/dag";
import { z } from "zod";
import { EVENT_HEADERS as H } from "./event-encode.ts";
import { fromHeaderText } from "./header-text.ts";
import type { StoredMessage } from "./message.ts";

/** An event as it was stored. */
export interface StoredEvent {
  /** Of the event stream. */
  readonly seq: number;
  readonly id: string;
  readonly type: EventType;
  /** RFC 3339. */
  readonly time: string;
  readonly dag: string;
  readonly run: string;
  /** firstExecutionRunId of the run. */
  readonly chain: string;
  readonly task?: string;
  readonly index?: number;
  readonly attempt?: number;
  readonly data: JsonObject;
}

const text = z.string().min(1).transform(fromHeaderText);
const maybeText = z.string().transform((value) => (value === "" ? undefined : fromHeaderText(value)));
const maybeCount = z
  .string()
  .regex(/^\d{0,15}$/)
  .transform((value) => (value === "" ? undefined : Number(value)));

const Headers = z.object({
  id: text,
  type: z
    .string()
    .transform((value) => value.replace(/^dev\.slipway\./, ""))
    .pipe(z.enum(EVENT_TYPES)),
  time: z.string(),
  dag: text,
  run: text,
  chain: text,
  task: maybeText,
  index: maybeCount,
  attempt: maybeCount,
});
/** Parsed JSON as it stands: a copy would lose a key `__proto__`. */
const Body = z.custom<JsonObject>((value) => isJsonObject(value));

/** The event in a stored message; undefined where it is none that this version knows. */
export function decodeEvent({ seq, header, data }: StoredMessage): StoredEvent | undefined {
  const raw = Object.fromEntries(Object.entries(H).map(([name, value]) => [name, header(value)]));
  const fields = Headers.safeParse(raw);
  const body = Body.safeParse(jsonOf(data));
  if (!fields.success || !body.success) return undefined;
  const { task, index, attempt, ...rest } = fields.data;
  return {
    seq,
    ...rest,
    ...(task === undefined ? {} : { task }),
    ...(index === undefined ? {} : { index }),
    ...(attempt === undefined ? {} : { attempt }),
    data: body.data,
  };
}

function jsonOf(data: Uint8Array): unknown {
  try {
    return JSON.parse(new TextDecoder().decode(data));
  } catch {
    return undefined;
  }
}
