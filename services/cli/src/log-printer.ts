import type { LogItem } from "@slipway/client";
import type { World } from "./world.ts";

export interface LogFormat {
  /** Each line after `[task]`. */
  readonly prefix: boolean;
  /** Each line after the kubelet's time. */
  readonly timestamps: boolean;
  /** One JSON object an item in place of text. */
  readonly json: boolean;
}

export type PrintLog = (item: LogItem) => void;

/** Prints a log as it comes: lines on stdout, what is missing on stderr. */
export function logPrinter({ out, err }: Pick<World, "out" | "err">, format: LogFormat): PrintLog {
  if (format.json) return (item) => out.write(`${JSON.stringify(item)}\n`);
  return (item) => {
    if (item.kind === "line") out.write(renderLine(item, format));
    else err.write(renderNotice(item));
  };
}

function renderLine(item: Extract<LogItem, { kind: "line" }>, { prefix, timestamps }: LogFormat): string {
  const head = [...(timestamps ? [item.time] : []), ...(prefix ? [`[${placeOf(item)}]`] : [])];
  return `${[...head, item.text].join(" ")}\n`;
}

function renderNotice(item: Exclude<LogItem, { kind: "line" }>): string {
  const place = placeOf(item);
  switch (item.kind) {
    case "start":
      return "";
    case "gap": {
      const interval = [item.from, item.to].filter((time) => time !== undefined).join(" to ");
      return `${place}: lines may be missing here${interval === "" ? "" : ` (${interval})`}: ${item.reason}\n`;
    }
    case "expired":
      return `${place}: lines ${item.from}-${item.to} expired\n`;
    case "end":
      return item.complete ? "" : `${place}: the log is not complete: ${item.reason ?? "its end was not seen"}\n`;
  }
}

/** `task`, `task[3]`, `task/sidecar`. */
function placeOf({ task, index, container }: LogItem): string {
  return `${task}${index === undefined ? "" : `[${index}]`}${container === "main" ? "" : `/${container}`}`;
}
