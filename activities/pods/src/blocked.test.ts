import { expect, test } from "vitest";
import { aSpec, running, SCHEDULED, statusOf, waiting } from "./testing/pods.ts";
import { said, viewOf } from "./testing/verdicts.ts";
import { outcomeOf } from "./verdict.ts";

const NOW = Date.parse("2026-11-22T10:00:10Z");

const mount = (why: string, count = 2) => ({
  podUid: "u1",
  reason: "FailedMount",
  message: `MountVolume.SetUp failed for volume "cfg" : ${why}`,
  count,
});
const creating = statusOf(waiting("ContainerCreating"), { phase: "Pending" });
const ready = { type: "PodReadyToStartContainers", status: "True" };

test.each([
  ['config: volume cfg cannot be mounted: secret "nowhere" not found', mount('secret "nowhere" not found')],
  [
    "config: volume cfg cannot be mounted: configmap references non-existent config key: a.yaml",
    mount("configmap references non-existent config key: a.yaml"),
  ],
  [
    "config: volume cfg cannot be mounted: hostPath type check failed: /x is not a directory",
    mount("hostPath type check failed: /x is not a directory"),
  ],
  // Said once it may be the kubelet's cache that is late.
  [
    'blocked FailedMount: MountVolume.SetUp failed for volume "cfg" : secret "new" not found',
    mount('secret "new" not found', 1),
  ],
  ["pending", mount("failed to sync secret cache: timed out waiting for the condition", 20)],
  ["pending", mount('object "ns"/"s" not registered')],
  ["pending", mount('configmap "kube-root-ca.crt" not found')],
  [
    'blocked FailedMount: MountVolume.SetUp failed for volume "cfg" : mount failed: exit status 32',
    mount("mount failed: exit status 32", 9),
  ],
  [
    "blocked FailedCreatePodSandBox: no addresses left",
    { podUid: "u1", reason: "FailedCreatePodSandBox", message: "no addresses left", count: 1 },
  ],
])("a warning about a pod whose status is silent: %s", (expected, warning) => {
  expect(said(outcomeOf(viewOf(creating), aSpec(), NOW, { warning }))).toBe(expected);
});

test("a warning of the past, or beside what the status says itself, is no word on the pod", () => {
  const warning = mount('secret "nowhere" not found');
  const over = statusOf(waiting("ContainerCreating"), { phase: "Pending", conditions: [SCHEDULED, ready] });
  expect(said(outcomeOf(viewOf(over), aSpec(), NOW, { warning }))).toBe("pending");
  const pulling = statusOf(waiting("ImagePullBackOff", "i/o timeout"), { phase: "Pending" });
  expect(said(outcomeOf(viewOf(pulling), aSpec(), NOW, { warning: mount("exit status 32") }))).toBe(
    "blocked ImagePullBackOff: i/o timeout",
  );
  expect(said(outcomeOf(viewOf(statusOf(running)), aSpec(), NOW, { warning }))).toBe("running");
});

test("timeout.start names what was in the way last", () => {
  const spec = aSpec({ timeout: { scheduleMs: 1_000, startMs: 5_000 } });
  expect(said(outcomeOf(viewOf(creating), spec, NOW, { warning: mount("exit status 32") }))).toBe(
    'timeout: not started within timeout.start (5s): MountVolume.SetUp failed for volume "cfg" : exit status 32',
  );
});
