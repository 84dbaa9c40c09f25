import { unitKey } from "@slipway/dag";
import type { RunEvent } from "./ports.ts";

export function eventTitle({ type, ref }: RunEvent): string {
  const { task, index } = ref;
  return task === undefined ? type : `${type} ${unitKey({ task, ...(index !== undefined && { index }) })}`;
}

/** A summary holds 400 bytes with its encoding (limit.userMetadataSummary); the Web UI shows one line of it. */
export function shortened(titles: readonly string[]): string {
  const text = titles.join(", ");
  return text.length <= 150 ? text : `${text.slice(0, 140)}… (${titles.length})`;
}
