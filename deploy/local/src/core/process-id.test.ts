import { spawn } from "node:child_process";
import { once } from "node:events";
import { expect, test } from "vitest";
import { stopProcess } from "./ending.ts";
import { identify, isAlive, self } from "./process-id.ts";

test("process id - this process lives; the same pid with another start does not", () => {
  expect(isAlive(self())).toBe(true);
  expect(isAlive({ ...self(), startTime: "yesterday" })).toBe(false);
});

test("stopProcess - SIGKILL follows a SIGTERM that is ignored; a dead process is left alone", async () => {
  const child = spawn("/bin/sh", ["-c", "trap '' TERM; echo ready; while :; do sleep 0.05; done"], { detached: true });
  await once(child.stdout, "data");
  const id = identify(child.pid ?? 0);
  if (id === undefined) throw new Error("the child is gone already");
  expect(await stopProcess(id, 100)).toBe("killed");
  expect(isAlive(id)).toBe(false);
  expect(await stopProcess(id, 100)).toBe("gone");
});

test("stopProcess - never signals a process that only has the same pid", async () => {
  expect(await stopProcess({ pid: process.pid, startTime: "earlier" }, 10)).toBe("gone");
});
