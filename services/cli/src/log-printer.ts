import type { LogItem } from "@slipway/client";
import type { UnitTitles } from "./unit-titles.ts";
import type { World } from "./world.ts";

export interface LogFormat {
  /** Which lines come after `[task]`: those of several tasks, or of several items of one. */
  readonly prefix: "all" | "items" | "none";
  /** Each line after the kubelet's time. */
  readonly timestamps: boolean;
  /** One JSON object an item in place of text. */
  readonly json: boolean;
}

export type PrintLog = (item: LogItem) => Promise<void>;

/** Prints a log as it comes: lines on stdout, what is missing on stderr. */
export function logPrinter(
  { out, err }: Pick<World, "out" | "err">,
  format: LogFormat,
  titles: Pick<UnitTitles, "of">,
): PrintLog {
  if (format.json) return async (item) => out.write(`${JSON.stringify(item)}\n`);
  const placeOf = async (item: LogItem): Promise<string> => {
    const { container } = item;
    return `${await titles.of(item)}${container === "main" ? "" : `/${container}`}`;
  };
  const { prefix } = format;
  const isNamed = ({ index }: LogItem): boolean => prefix === "all" || (prefix === "items" && index !== undefined);
  return async (item) => {
    if (item.kind === "line") out.write(renderLine(item, format, isNamed(item) ? [`[${await placeOf(item)}]`] : []));
    else if (item.kind !== "start") err.write(renderNotice(item, await placeOf(item)));
  };
}

type Line = Extract<LogItem, { kind: "line" }>;
type Notice = Exclude<LogItem, { kind: "line" | "start" }>;

function renderLine({ time, text }: Line, { timestamps }: LogFormat, prefix: readonly string[]): string {
  return `${[...(timestamps ? [time] : []), ...prefix, text].join(" ")}\n`;
}

/** `place`: `task`, `task[2026-11-20]`, `task/sidecar`. */
function renderNotice(item: Notice, place: string): string {
  switch (item.kind) {
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
