import { expect, test } from "vitest";
import { podManifest } from "./manifest.ts";
import { parsePod } from "./pod-view.ts";
import { anAttempt, aSpec, NODE, running, statusOf, terminated } from "./testing/pods.ts";
import { outcomeOf } from "./verdict.ts";

const SPEC = aSpec({ mainContainer: "job" });
const NOW = Date.parse("2026-11-22T10:00:10Z");

/** A pod of a task whose container is `job`, with a helper called `main` beside it. */
function judged(job: typeof running, main: typeof running) {
  const { metadata } = podManifest(anAttempt(), SPEC, { namespace: "ns", temporalNamespaceId: "t" });
  const stamped = { ...Object(metadata), uid: "u", resourceVersion: "1", creationTimestamp: "2026-11-22T10:00:00Z" };
  const containerStatuses = [
    { name: "main", state: main },
    { name: "job", state: job },
  ];
  const view = parsePod({
    metadata: stamped,
    spec: { nodeName: NODE },
    status: statusOf(main, { phase: "Running", containerStatuses }),
  });
  return outcomeOf(view, SPEC, NOW);
}

test("mainContainer: the verdict is that container's; one called main beside it is a sidecar", () => {
  expect(judged(running, terminated(1))).toEqual({ kind: "running" });
  expect(judged(terminated(3), running)).toMatchObject({ kind: "ended", outcome: { kind: "exit", exitCode: 3 } });
});
