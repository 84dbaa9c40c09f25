import type { RunReport } from "@slipway/client";

/** What the shell gets; docs/cli.md lists the same. */
export const EXIT = {
  ok: 0,
  /** The command itself failed: network, permission, not found. */
  failed: 1,
  /** Wrong usage, or a DAG that was refused. */
  usage: 2,
  runFailed: 3,
  runCancelled: 4,
  timedOut: 5,
  /** Ctrl-C: the command let go, the run goes on. 128 + SIGINT. */
  detached: 130,
} as const;

export type ExitCode = (typeof EXIT)[keyof typeof EXIT];

/** The exit code of a command that waited for a run. */
export function exitOfRun(state: RunReport["state"]): ExitCode {
  switch (state) {
    case "succeeded":
      return EXIT.ok;
    case "failed":
      return EXIT.runFailed;
    case "cancelled":
      return EXIT.runCancelled;
    case "queued":
    case "running":
    case "paused":
      return EXIT.timedOut;
  }
}
