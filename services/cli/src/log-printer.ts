import type { LogRecord } from "@slipway/client";
import type { World } from "./world.ts";

export interface LogFormat {
  /** Each line after `[task]`. */
  readonly prefix: boolean;
  /** Each line after the kubelet's time. */
  readonly timestamps: boolean;
  /** One JSON object a record in place of text. */
  readonly json: boolean;
}

/** Prints records as they come: lines on stdout, what is missing on stderr. */
export function logPrinter({ out, err }: Pick<World, "out" | "err">, format: LogFormat): (record: LogRecord) => void {
  if (format.json) return (record) => out.write(`${JSON.stringify(record)}\n`);
  return (record) => {
    if (record.kind === "line") out.write(renderLine(record, format));
    else err.write(renderNotice(record));
  };
}

function renderLine(record: Extract<LogRecord, { kind: "line" }>, { prefix, timestamps }: LogFormat): string {
  const head = [...(timestamps ? [record.time] : []), ...(prefix ? [`[${placeOf(record)}]`] : [])];
  return `${[...head, record.text].join(" ")}\n`;
}

function renderNotice(record: Exclude<LogRecord, { kind: "line" }>): string {
  const place = placeOf(record);
  if (record.kind === "gap") {
    const interval = [record.from, record.to].filter((time) => time !== undefined).join(" to ");
    return `${place}: lines may be missing here${interval === "" ? "" : ` (${interval})`}: ${record.reason}\n`;
  }
  return record.complete ? "" : `${place}: the log is not complete: ${record.reason ?? "its end was not seen"}\n`;
}

/** `task`, `task[3]`, `task/sidecar`. */
function placeOf({ task, index, container }: LogRecord): string {
  return `${task}${index === undefined ? "" : `[${index}]`}${container === "main" ? "" : `/${container}`}`;
}
