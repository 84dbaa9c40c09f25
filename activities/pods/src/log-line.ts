import type { LogLine } from "@slipway/dag";

/**
 * The kubelet writes `timestamp text`; the zone is that of the node, the digits are nine
 * (kubernetes pkg/kubelet/kuberuntime/logs: RFC3339NanoFixed).
 */
const STAMPED = /^(\d{4}-\d\d-\d\dT\d\d:\d\d:\d\d)(?:\.(\d{1,9}))?(Z|[+-]\d\d:\d\d) ?/;
const STAMP_CHARS = 40;

/**
 * `undefined`: no timestamp, so the text is not a line of the container but a complaint of a server on the way
 * (`failed to create fsnotify watcher: too many open files`, with status 200).
 */
export function parseLogLine(bytes: Buffer): LogLine | undefined {
  const match = STAMPED.exec(bytes.subarray(0, STAMP_CHARS).toString("latin1"));
  if (match === null) return undefined;
  const [stamp, second = "", fraction = "", zone = "Z"] = match;
  return {
    time: `${zone === "Z" ? second : inUtc(second, zone)}.${fraction.padEnd(9, "0")}Z`,
    text: bytes.subarray(stamp.length).toString("utf8"),
  };
}

function inUtc(second: string, zone: string): string {
  return new Date(`${second}${zone}`).toISOString().slice(0, 19);
}
