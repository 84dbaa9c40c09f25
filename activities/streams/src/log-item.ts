/** Whose line: one container of one attempt, in one pod. */
export interface LogSource {
  readonly task: string;
  readonly index?: number;
  readonly attempt: number;
  readonly container: string;
  /** uid */
  readonly pod: string;
  /** Lines are numbered from 1 in each life of a container. */
  readonly restart: number;
}

/**
 * What a reader of logs is given, in order for each source. `time` is RFC 3339: of a line its own, as the kubelet stored
 * it (to the millisecond inside a frame); of `expired` that of what comes behind it; else when NATS took the notice.
 */
export type LogItem = LogSource & { readonly time: string } & (
    | { readonly kind: "start" }
    /** `cut`: a part of the line is missing (not kept any more, never came, or it is longer than 16 MiB). */
    | { readonly kind: "line"; readonly line: number; readonly text: string; readonly cut?: true }
    /** What may be missing before line `line`, and why. */
    | {
        readonly kind: "gap";
        readonly line: number;
        readonly from?: string;
        readonly to?: string;
        readonly reason: string;
      }
    /** Lines `from` to `to` are not kept any more. */
    | { readonly kind: "expired"; readonly from: number; readonly to: number }
    | {
        readonly kind: "end";
        readonly lines: number;
        /** UTF-8, each line with its newline. */
        readonly bytes: number;
        readonly complete: boolean;
        readonly reason?: string;
      }
  );
