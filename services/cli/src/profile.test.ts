import { mkdtempSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import path from "node:path";
import { afterAll, beforeAll, expect, test } from "vitest";
import { loadProfile } from "./profile.ts";

let folder: string;
let TEMPORAL_CONFIG_FILE: string;
beforeAll(() => {
  folder = mkdtempSync(path.join(tmpdir(), "slipway-profile-"));
  TEMPORAL_CONFIG_FILE = path.join(folder, "temporal.toml");
  writeFileSync(
    TEMPORAL_CONFIG_FILE,
    '[profile.default]\naddress = "default:7233"\n[profile.prod]\naddress = "prod:7233"\nnamespace = "jobs"\napi_key = "k"\n',
  );
});
afterAll(() => rmSync(folder, { recursive: true }));

test("profile - Temporal's own file: the default profile, a named one, an API key means TLS", async () => {
  expect(await loadProfile({ TEMPORAL_CONFIG_FILE }, undefined)).toEqual({ address: "default:7233" });
  const prod = { address: "prod:7233", namespace: "jobs", apiKey: "k", tls: true };
  expect(await loadProfile({ TEMPORAL_CONFIG_FILE }, "prod")).toEqual(prod);
  expect(await loadProfile({ TEMPORAL_CONFIG_FILE, TEMPORAL_PROFILE: "prod" }, undefined)).toEqual(prod);
});

test("profile - the environment lies over it", async () => {
  const env = { TEMPORAL_CONFIG_FILE, TEMPORAL_ADDRESS: "env:7233", TEMPORAL_NAMESPACE: "n" };
  expect(await loadProfile(env, "prod")).toMatchObject({ address: "env:7233", namespace: "n", apiKey: "k" });
});

test("profile - no file is no error; a named profile that is not there is, without a stack", async () => {
  const nowhere = { TEMPORAL_CONFIG_FILE: path.join(folder, "none.toml"), HOME: folder, XDG_CONFIG_HOME: folder };
  expect(await loadProfile({ HOME: folder, XDG_CONFIG_HOME: folder }, undefined)).toEqual({});
  await expect(loadProfile(nowhere, "absent")).rejects.toMatchObject({ problems: [{ code: "usage" }] });
});
