import { ActivityCancellationDetails } from "@temporalio/common";
import { expect, test } from "vitest";
import { releaseStop, watcherStop } from "./stop-reason.ts";

const details = (flags: Partial<ActivityCancellationDetails>) => new ActivityCancellationDetails(flags);
const CLOSED = { kind: "closed", how: "terminated" } as const;

test.each([
  ["asked to cancel", { cancelRequested: true }, { kind: "open" } as const, "cancel"],
  ["asked to cancel, the run is over", { cancelRequested: true }, CLOSED, "cancel"],
  ["asked to cancel, the run has continued as new", { cancelRequested: true }, { kind: "moved" } as const, "let-go"],
  ["asked to cancel, the server does not answer", { cancelRequested: true }, { kind: "unknown" } as const, "let-go"],
  ["the worker shuts down", { workerShutdown: true }, undefined, "hand-off"],
  ["unknown to the server, the run is over", { notFound: true }, CLOSED, "cancel"],
  ["unknown to the server, the run goes on", { notFound: true }, { kind: "moved" } as const, "let-go"],
  ["unknown to the server, which does not answer", { notFound: true }, { kind: "unknown" } as const, "let-go"],
  ["paused", { paused: true }, undefined, "let-go"],
  ["reset", { reset: true }, undefined, "let-go"],
  ["timed out", { timedOut: true }, undefined, "let-go"],
])("a watcher - %s", (_, flags, fate, expected) => {
  expect(watcherStop(details(flags), fate)).toEqual({ kind: expected });
});

test("a release - goes on where the run is over, is handed over by a worker that shuts down, else let go", () => {
  expect(releaseStop(details({ notFound: true }), CLOSED)).toBeUndefined();
  expect(releaseStop(details({ workerShutdown: true }), undefined)).toEqual({ kind: "hand-off" });
  expect(releaseStop(details({ notFound: true }), { kind: "moved" })).toEqual({ kind: "let-go" });
});
