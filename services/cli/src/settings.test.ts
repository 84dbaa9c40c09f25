import { expect, test } from "vitest";
import { resolveKubernetes } from "./kubernetes.ts";
import { resolveSettings, type Sources } from "./settings.ts";

const STACK: NonNullable<Sources["stack"]> = {
  temporal: { address: "127.0.0.1:7233", namespace: "default", ui: "http://127.0.0.1:8233" },
  nats: { url: "nats://127.0.0.1:4222" },
  kubernetes: { kubeconfig: "/stack/kubeconfig", context: "local" },
};
const NOTHING: Sources = { flags: {}, env: {}, profile: {}, stack: undefined };

test("settings - the local stack, where nothing else is said", () => {
  expect(resolveSettings({ ...NOTHING, stack: STACK })).toEqual({
    temporal: { address: "127.0.0.1:7233", namespace: "default" },
    nats: { servers: ["nats://127.0.0.1:4222"] },
    installation: "slipway",
    cluster: "default",
    ui: "http://127.0.0.1:8233",
  });
});

test("settings - flags over environment and profile over the stack, each value by itself", () => {
  const profile = { address: "profile:7233", namespace: "of-profile" };
  const env = { NATS_URL: "nats://env:4222, nats://env2:4222", SLIPWAY_INSTALLATION: "of-env", SLIPWAY_CLUSTER: "c" };
  expect(resolveSettings({ flags: {}, env, profile, stack: STACK })).toEqual({
    temporal: { address: "profile:7233", namespace: "of-profile" },
    nats: { servers: ["nats://env:4222", "nats://env2:4222"] },
    installation: "of-env",
    cluster: "c",
  });
  const flags = {
    temporal: "flag:7233",
    temporalNamespace: "of-flag",
    nats: "nats://flag:4222",
    installation: "of-flag",
  };
  expect(resolveSettings({ flags, env, profile, stack: STACK })).toMatchObject({
    temporal: { address: "flag:7233", namespace: "of-flag" },
    nats: { servers: ["nats://flag:4222"] },
    installation: "of-flag",
  });
});

test.each([
  [
    "the profile's own address",
    {},
    { address: "cloud:7233", apiKey: "k", tls: true },
    { address: "cloud:7233", apiKey: "k", tls: true },
  ],
  [
    "the same address as a flag",
    { temporal: "cloud:7233" },
    { address: "cloud:7233", apiKey: "k" },
    { address: "cloud:7233", apiKey: "k" },
  ],
  [
    "another address by flag",
    { temporal: "other:7233" },
    { address: "cloud:7233", apiKey: "k", tls: true },
    { address: "other:7233" },
  ],
  [
    "a key of the environment, the address a flag",
    { temporal: "cloud:7233" },
    { apiKey: "k" },
    { address: "cloud:7233", apiKey: "k" },
  ],
  [
    "a key of the environment, the local stack",
    {},
    { apiKey: "k", tls: true },
    { address: "127.0.0.1:7233", namespace: "default" },
  ],
])("settings - credentials go only where they belong: %s", (_, flags, profile, temporal) => {
  expect(resolveSettings({ flags, env: {}, profile, stack: STACK }).temporal).toEqual(temporal);
});

test("settings - the stack's Web UI is not shown for another Temporal; SLIPWAY_TEMPORAL_UI is", () => {
  expect(resolveSettings({ ...NOTHING, stack: STACK, flags: { temporal: "other:7233" } }).ui).toBeUndefined();
  const env = { SLIPWAY_TEMPORAL_UI: "https://ui.example" };
  expect(resolveSettings({ ...NOTHING, env, flags: { temporal: "other:7233" } }).ui).toBe("https://ui.example");
});

test("settings - no address is an error with the remedy; a bad installation name too", () => {
  expect(() => resolveSettings(NOTHING)).toThrow(/no-address.*where is Temporal/s);
  expect(() => resolveSettings({ ...NOTHING, stack: STACK, flags: { installation: "Not OK" } })).toThrow(
    /not an installation name/,
  );
});

test("kubernetes - a default context is never used unasked", () => {
  expect(() => resolveKubernetes({}, { KUBECONFIG: "/home/x/.kube/config" }, undefined)).toThrow(
    /which Kubernetes cluster/,
  );
  expect(resolveKubernetes({}, { KUBECONFIG: "/k" }, STACK)).toEqual(STACK.kubernetes);
  expect(resolveKubernetes({ context: "kind" }, { KUBECONFIG: "/k:/l" }, STACK)).toEqual({
    kubeconfig: "/k:/l",
    context: "kind",
  });
  expect(resolveKubernetes({}, { SLIPWAY_KUBECONFIG: "/s", SLIPWAY_CONTEXT: "c" }, STACK)).toEqual({
    kubeconfig: "/s",
    context: "c",
  });
  expect(resolveKubernetes({ kubeconfig: "/f" }, {}, STACK)).toEqual({ kubeconfig: "/f" });
  const inPod = { KUBERNETES_SERVICE_HOST: "10.0.0.1" };
  expect(resolveKubernetes({}, inPod, undefined)).toEqual({ inCluster: true });
  expect(resolveKubernetes({ context: "c", kubeconfig: "/f" }, inPod, undefined)).toEqual({
    kubeconfig: "/f",
    context: "c",
  });
});
