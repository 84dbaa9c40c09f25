import type { EventType, JsonObject } from "@slipway/dag";

/** Whose log a record belongs to: one container of one attempt. */
export interface LogPlaceOf {
  readonly task: string;
  readonly index?: number;
  readonly attempt: number;
  readonly container: string;
}

/** What a reader of logs gets, in the order of the log. */
export type LogRecord = LogPlaceOf &
  (
    | {
        readonly kind: "line";
        /** Its number in the container's log, from 1; the same for every reader. */
        readonly line: number;
        /** RFC 3339 with nanoseconds, by the kubelet's clock. */
        readonly time: string;
        readonly text: string;
      }
    /** Something may be missing here. */
    | { readonly kind: "gap"; readonly reason: string; readonly from?: string; readonly to?: string }
    /** The log is over. */
    | { readonly kind: "end"; readonly complete: boolean; readonly lines: number; readonly reason?: string }
  );

/** Which logs of a run; all of them where nothing is said, of the last attempt each. */
export interface LogSelection {
  readonly task?: string;
  readonly index?: number;
  readonly attempt?: number;
  readonly container?: string;
}

/** One event of a run, as JetStream keeps it. */
export interface EventRecord {
  readonly id: string;
  readonly type: EventType;
  /** RFC 3339. */
  readonly time: string;
  readonly task?: string;
  readonly index?: number;
  readonly attempt?: number;
  readonly data: JsonObject;
}
