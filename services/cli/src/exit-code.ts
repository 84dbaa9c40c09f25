import type { RunReport } from "@slipway/client";
import { REJECT } from "@slipway/dag";

/** What the shell gets; docs/cli.md lists the same. */
export const EXIT = {
  ok: 0,
  /** The command itself failed: network, permission, not found. */
  failed: 1,
  /** Wrong usage, or a DAG that was refused. */
  usage: 2,
  runFailed: 3,
  /** Or an approval was answered with `reject`. */
  runCancelled: 4,
  timedOut: 5,
  /** Ctrl-C: the command let go, the run goes on. 128 + SIGINT. */
  detached: 130,
} as const;

export type ExitCode = (typeof EXIT)[keyof typeof EXIT];

/** The exit code of a command that waited for a run. A person's `reject` is told apart from what broke. */
export function exitOfRun(report: Pick<RunReport, "state" | "tasks">): ExitCode {
  switch (report.state) {
    case "succeeded":
      return EXIT.ok;
    case "failed":
      return isRejected(report) ? EXIT.runCancelled : EXIT.runFailed;
    case "cancelled":
      return EXIT.runCancelled;
    case "queued":
    case "running":
    case "paused":
      return EXIT.timedOut;
  }
}

/** Nothing failed but what was rejected, and what that broke off. */
function isRejected({ tasks }: Pick<RunReport, "tasks">): boolean {
  const failed = Object.values(tasks).filter(({ state }) => state === "failed");
  return (
    failed.every(({ kind }) => kind === "rejected" || kind === "cancelled") &&
    failed.some(({ outputs }) => outputs?.["choice"] === REJECT)
  );
}
