import type { JsonObject } from "@slipway/dag";
import { expect, test } from "vitest";
import { aSpec, NODE, running, SCHEDULED, statusOf, terminated, waiting } from "./testing/pods.ts";
import { explainImageError } from "./image-error.ts";
import { said, viewOf } from "./testing/verdicts.ts";
import { lastWordOf, outcomeOf } from "./verdict.ts";

const NOW = Date.parse("2026-11-22T10:00:10Z");
const IMAGE = "slipway.local/nope:1";

function judge(status: JsonObject, over: Parameters<typeof aSpec>[0] = {}, now = NOW, view = viewOf(status)) {
  return outcomeOf(
    view,
    aSpec({ container: { image: IMAGE, resources: { limits: { memory: "64Mi" } } }, ...over }),
    now,
  );
}

const RUNC =
  "failed to create containerd task: failed to create shim task: OCI runtime create failed: runc create failed: unable to start container process: ";
const startError = (message: string) =>
  terminated(128, { reason: "StartError", message: `${RUNC}${message}: unknown`, startedAt: "1970-01-01T00:00:00Z" });

test.each([
  ["succeeded: succeeded", terminated(0)],
  ["exit: exit code 3", terminated(3)],
  ["exit: exit code 127", terminated(127)],
  ["exit: killed by SIGTERM (exit code 143)", terminated(143)],
  ["exit: exit code 255", terminated(255)],
  ["oom_killed: killed: out of memory (its limit is 64Mi)", terminated(137, { reason: "OOMKilled" })],
  ["lost: the node lost the container; how it ended is unknown", terminated(137, { reason: "ContainerStatusUnknown" })],
  [
    "start_error: python: executable not found in the image",
    startError('exec: "python": executable file not found in $PATH'),
  ],
  [
    "start_error: /app/run: no such file in the image (or its #! line names none)",
    startError('exec: "/app/run": stat /app/run: no such file or directory'),
  ],
  [
    "start_error: /etc/passwd: not executable (permission denied)",
    startError('error during container init: exec: "/etc/passwd": permission denied'),
  ],
  [
    "start_error: /bin/x: built for another processor, or a script without a #! line",
    startError("exec /bin/x: exec format error"),
  ],
  [
    "start_error: the container could not be started: mount through procfd: no space left",
    startError("mount through procfd: no space left"),
  ],
])("a main container that ended: %s", (expected, state) => {
  expect(said(judge(statusOf(state)))).toBe(expected);
});

test.each([
  [
    `image: image ${IMAGE} is not a valid reference: repository name (library/Python) must be lowercase`,
    "InvalidImageName",
    `Failed to apply default image tag "Python:3.6": couldn't parse image name "Python:3.6": invalid reference format: repository name (library/Python) must be lowercase`,
  ],
  [
    `image: image ${IMAGE} is not on the node, and imagePullPolicy is Never`,
    "ErrImageNeverPull",
    "Container image is not present with pull policy of Never",
  ],
  [
    `image: image ${IMAGE} does not exist in its registry`,
    "ErrImagePull",
    'rpc error: code = NotFound desc = failed to pull and unpack image "x": failed to resolve reference "x": x: not found',
  ],
  [
    `image: image ${IMAGE} does not exist in its registry`,
    "ImagePullBackOff",
    'Back-off pulling image "x": ErrImagePull: rpc error: code = Unknown desc = manifest unknown',
  ],
  [
    `image: image ${IMAGE} may not be pulled: the registry asks for credentials`,
    "ErrImagePull",
    "failed to authorize: failed to fetch anonymous token: unexpected status: 401 Unauthorized",
  ],
  [
    `image: image ${IMAGE} may not be pulled: the registry refused access`,
    "ErrImagePull",
    "unexpected status from HEAD request: 403 Forbidden",
  ],
  [
    `image: image ${IMAGE} does not exist, or may not be pulled without credentials`,
    "ErrImagePull",
    "pull access denied, repository does not exist or may require authorization",
  ],
  [
    "blocked ErrImagePull: dial tcp: lookup registry.example: no such host",
    "ErrImagePull",
    "dial tcp: lookup registry.example: no such host",
  ],
  [
    "blocked ImagePullBackOff: Back-off pulling image: 429 Too Many Requests - not found",
    "ImagePullBackOff",
    "Back-off pulling image: 429 Too Many Requests - not found",
  ],
  ["blocked ErrImagePull: read: connection reset by peer", "ErrImagePull", "read: connection reset by peer"],
  [
    'config: the container cannot be configured: secret "db" not found',
    "CreateContainerConfigError",
    'secret "db" not found',
  ],
  [
    "blocked CreateContainerConfigError: failed to sync secret cache: timed out waiting for the condition",
    "CreateContainerConfigError",
    "failed to sync secret cache: timed out waiting for the condition",
  ],
  ["blocked CreateContainerError: name is reserved", "CreateContainerError", "name is reserved"],
  ["pending", "ContainerCreating", ""],
])("a main container that waits: %s", (expected, reason, message) => {
  expect(said(judge(statusOf(waiting(reason, message), { phase: "Pending" })))).toBe(expected);
});

test("the pod's own reasons decide where main has not ended well", () => {
  const evicted = { phase: "Failed", reason: "Evicted", message: "The node was low on resource: memory." };
  expect(said(judge(statusOf(terminated(137), evicted)))).toBe(
    `evicted: evicted by node ${NODE}: The node was low on resource: memory.`,
  );
  expect(said(judge({ ...evicted, conditions: [SCHEDULED] }))).toContain("evicted: evicted by node");
  expect(
    said(judge({ phase: "Failed", reason: "OutOfcpu", message: "Pod was rejected: Node didn't have enough resource" })),
  ).toBe(`rejected: refused by node ${NODE}: Pod was rejected: Node didn't have enough resource`);
  const target = {
    type: "DisruptionTarget",
    status: "True",
    reason: "PreemptionByScheduler",
    message: "default-scheduler: preempting to accommodate a higher priority pod",
  };
  expect(said(judge(statusOf(terminated(143), { phase: "Failed", conditions: [SCHEDULED, target] })))).toBe(
    `preempted: preempted on node ${NODE}: default-scheduler: preempting to accommodate a higher priority pod`,
  );
  expect(said(judge(statusOf(running, { conditions: [SCHEDULED, target] })))).toBe("running");
  const deadline = {
    phase: "Failed",
    reason: "DeadlineExceeded",
    message: "Pod was active on the node longer than the specified deadline",
  };
  expect(said(judge(statusOf(terminated(137), deadline)))).toBe(
    "timeout: the node ended the pod at its activeDeadlineSeconds",
  );
  expect(said(judge(statusOf(terminated(3), deadline)))).toBe("exit: exit code 3");
});

const target = (reason: string): JsonObject => ({
  conditions: [SCHEDULED, { type: "DisruptionTarget", status: "True", reason, message: "words" }],
});
/** Asked for at this second of 10:00, with 30 s of grace. */
const asked = (second: number): JsonObject => ({
  deletionTimestamp: new Date(Date.parse("2026-11-22T10:00:30Z") + second * 1000).toISOString(),
  deletionGracePeriodSeconds: 30,
});
const INTERRUPTED = (code: number) => `interrupted: somebody deleted the pod while it ran (exit code ${code})`;
const unknown = (message: string): JsonObject => ({
  terminated: { exitCode: 137, reason: "ContainerStatusUnknown", message, startedAt: null, finishedAt: null },
});
const UNMADE = unknown("The container could not be located when the pod was terminated");
const LOST_BY_NODE = unknown(
  "The container could not be located when the pod was deleted.  The container used to be Running",
);
const UNSTARTED = "interrupted: somebody deleted the pod before it started, free";

// Main ended at 10:00:05.
test.each([
  ["evicted: evicted by node node-1: words", terminated(143), target("EvictionByEvictionAPI"), asked(3)],
  ["evicted: evicted by node node-1: words", terminated(143), target("TerminationByKubelet"), {}],
  ["preempted: preempted on node node-1: words", terminated(143), target("PreemptionByScheduler"), asked(3)],
  ["preempted: preempted on node node-1: words", terminated(0), target("PreemptionByScheduler"), asked(3)],
  ["preempted: preempted on node node-1: words", terminated(137), { reason: "Preempting", message: "words" }, {}],
  ["node_lost: lost with node node-1: words", terminated(137), target("DeletionByTaintManager"), asked(3)],
  ["node_lost: lost with node node-1: words", running, { ...target("DeletionByPodGC"), phase: "Failed" }, asked(3)],
  ["node_lost: lost with node node-1: words", waiting(""), { ...target("DeletionByPodGC"), phase: "Failed" }, {}],
  ["node_lost: lost with node node-1: NodeLost", running, { reason: "NodeLost" }, asked(3)],
  [
    "preempted: preempted on node node-1: words, free",
    waiting(""),
    { ...target("PreemptionByScheduler"), phase: "Failed" },
    {},
  ],
  [
    "evicted: evicted by node node-1: words, free",
    waiting(""),
    { reason: "Evicted", message: "words", phase: "Failed" },
    {},
  ],
  [INTERRUPTED(143), terminated(143), {}, asked(3)],
  [INTERRUPTED(0), terminated(0), {}, asked(3)],
  [INTERRUPTED(0), terminated(0), {}, asked(5)],
  [INTERRUPTED(137), terminated(137, { reason: "OOMKilled" }), {}, asked(3)],
  ["succeeded: succeeded", terminated(0), {}, asked(6)],
  ["exit: exit code 3", terminated(3), {}, asked(6)],
  ["succeeded: succeeded", terminated(0), target("DeletionByTaintManager"), asked(6)],
  [UNSTARTED, UNMADE, { phase: "Pending" }, asked(3)],
  ["evicted: evicted by node node-1: words, free", UNMADE, { reason: "Evicted", message: "words" }, {}],
  ["lost: the node lost the container; how it ended is unknown", UNMADE, {}, {}],
  ["lost: the node lost the container; how it ended is unknown", LOST_BY_NODE, {}, asked(3)],
  [UNSTARTED, waiting("PodInitializing"), { phase: "Failed" }, asked(3)],
  ["running", running, {}, asked(3)],
  ["pending", waiting("ContainerCreating"), { phase: "Pending" }, asked(3)],
])("who ended it: %s", (expected, main, status, meta) => {
  const view = viewOf(statusOf(main, status), meta);
  const verdict = judge({}, {}, NOW, view);
  expect(said(verdict) + (verdict.kind === "ended" && verdict.outcome.neverStarted ? ", free" : "")).toBe(expected);
});

test("an init container that a delete ended is no failure of its own; one that failed before is", () => {
  const status = statusOf(waiting("PodInitializing"), {
    phase: "Failed",
    initContainerStatuses: [{ name: "fetch", state: terminated(143) }],
  });
  expect(judge({}, {}, NOW, viewOf(status, asked(3)))).toMatchObject({
    outcome: { kind: "interrupted", neverStarted: true },
  });
  expect(judge({}, {}, NOW, viewOf(status, asked(6)))).toMatchObject({
    outcome: { kind: "init", container: "fetch", exitCode: 143 },
  });
});

test("the last word of a pod that is gone", () => {
  const word = (main: JsonObject, status: JsonObject, meta: JsonObject) =>
    lastWordOf(viewOf(statusOf(main, status), meta), aSpec())?.kind;
  expect(word(running, target("DeletionByTaintManager"), asked(3))).toBe("node_lost");
  expect(word(running, {}, asked(3))).toBeUndefined();
  expect(word(waiting("ContainerCreating"), { phase: "Pending" }, asked(3))).toBeUndefined();
  const unbound = (meta: JsonObject) => lastWordOf(viewOf({ phase: "Pending" }, meta, null), aSpec());
  expect(unbound(asked(3))).toMatchObject({ kind: "interrupted", neverStarted: true });
  expect(unbound({})).toBeUndefined();
});

test("done is done: what befalls the pod after exit 0 is no failure", () => {
  expect(said(judge(statusOf(terminated(0), { phase: "Failed", reason: "Evicted" })))).toBe("succeeded: succeeded");
  expect(said(judge(statusOf(terminated(0), { phase: "Failed", reason: "DeadlineExceeded" })))).toBe(
    "succeeded: succeeded",
  );
});

test("a sidecar neither fails nor ends a task", () => {
  const side = (state: JsonObject) => ({
    containerStatuses: [
      { name: "proxy", state },
      { name: "main", state: running },
    ],
  });
  expect(said(judge(statusOf(running, side(terminated(1)))))).toBe("running");
  expect(said(judge(statusOf(running, side(waiting("ErrImagePull", "not found")))))).toBe("running");
});

test("an init container's failure and missing image are the attempt's", () => {
  const status = (state: JsonObject, phase: string) =>
    statusOf(waiting("PodInitializing"), { phase, initContainerStatuses: [{ name: "fetch", state }] });
  expect(said(judge(status(terminated(2), "Failed")))).toBe("init: init container fetch: exit code 2");
  expect(said(judge(status(waiting("ErrImagePull", 'image "x:1": not found'), "Pending")))).toBe(
    "image: init container fetch: image x:1 does not exist in its registry",
  );
});

test("unschedulable is told in the scheduler's words, and is no failure yet", () => {
  const message =
    "0/1 nodes are available: 1 Insufficient cpu. preemption: 0/1 nodes are available: 1 No preemption victims found.";
  const condition = { type: "PodScheduled", status: "False", reason: "Unschedulable", message };
  expect(said(judge({ phase: "Pending", conditions: [condition] }))).toBe(
    "blocked Unschedulable: 0/1 nodes are available: 1 Insufficient cpu.",
  );
});

test("the three timeouts count from the pod's own times", () => {
  const timeout = { attemptMs: 8_000, scheduleMs: 10_000, startMs: 9_000 };
  const at = (second: number) => Date.parse("2026-11-22T10:00:00Z") + second * 1000;
  const pending = {
    phase: "Pending",
    conditions: [{ type: "PodScheduled", status: "False", reason: "Unschedulable", message: "no" }],
  };
  expect(said(judge(pending, { timeout }, at(10.999)))).toBe("blocked Unschedulable: no");
  expect(said(judge(pending, { timeout }, at(11)))).toBe("unschedulable: no node within timeout.schedule (10s): no");
  expect(said(judge({ phase: "Pending" }, { timeout }, at(11)))).toBe("timeout: no node within timeout.schedule (10s)");
  const pulling = statusOf(waiting("ErrImagePull", "i/o timeout"), { phase: "Pending" });
  expect(said(judge(pulling, { timeout }, at(10.999)))).toBe("blocked ErrImagePull: i/o timeout");
  expect(said(judge(pulling, { timeout }, at(11)))).toBe("timeout: not started within timeout.start (9s): i/o timeout");
  expect(said(judge(statusOf(running), { timeout }, at(10.999)))).toBe("running");
  expect(said(judge(statusOf(running), { timeout }, at(11)))).toBe("timeout: still running after timeout.attempt (8s)");
  expect(said(judge(statusOf(terminated(0)), { timeout }, at(100)))).toBe("succeeded: succeeded");
  const gated = {
    phase: "Pending",
    conditions: [{ type: "PodScheduled", status: "False", reason: "SchedulingGated", message: "gated" }],
  };
  expect(said(judge(gated, { timeout }, at(100)))).toBe("blocked SchedulingGated: gated");
});

test("what the container wrote is no evidence: it may hold a secret", () => {
  const verdict = judge(statusOf(terminated(1, { message: "password=hunter2" })));
  expect(JSON.stringify(verdict)).not.toContain("hunter2");
});

test("words in an image's own name are not the registry's", () => {
  const named = "registry.example/team/quota-service:500";
  const message = `failed to pull and unpack image "${named}": failed to resolve reference "${named}": ${named}: not found`;
  expect(explainImageError(named, "ErrImagePull", message)).toBe(`image ${named} does not exist in its registry`);
});
