import type { JsonObject } from "@slipway/dag";
import { parsePod } from "../pod-view.ts";
import type { Verdict } from "../verdict.ts";
import { NODE } from "./pods.ts";

/** A pod with this status, made at 10:00:00. */
export function viewOf(status: JsonObject, meta: JsonObject = {}, nodeName: string | null = NODE) {
  const metadata = {
    name: "load-1",
    namespace: "default",
    uid: "u1",
    resourceVersion: "7",
    creationTimestamp: "2026-11-22T10:00:00Z",
    ...meta,
  };
  return parsePod({ metadata, spec: { nodeName }, status });
}

/** One line: `kind message` of an outcome, or where the pod stands. */
export function said(verdict: Verdict): string {
  if (verdict.kind === "ended") return `${verdict.outcome.kind}: ${verdict.outcome.message}`;
  return verdict.kind === "pending" && verdict.blocked
    ? `blocked ${verdict.blocked.reason}: ${verdict.blocked.message}`
    : verdict.kind;
}
