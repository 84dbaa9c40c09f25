import { readdirSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { expect, test } from "vitest";
import { lockOwner, tryLock, withLock } from "./lock.ts";
import { testFolder } from "./test-folder.ts";

const folder = (): string => join(testFolder(), "lock");
const deadOwner = { pid: 1, startTime: "another-boot", purpose: "" };

test("lock - one holder at a time, also within a process", () => {
  const place = folder();
  const first = tryLock(place, "first");
  expect(first).toBeDefined();
  expect(tryLock(place, "second")).toBeUndefined();
  expect(lockOwner(place)).toEqual({ pid: process.pid, purpose: "first" });
  first?.release();
  expect(lockOwner(place)).toBeUndefined();
  expect(tryLock(place, "second")).toBeDefined();
});

test("lock - a dead owner's lock is taken over, and only its number stays", () => {
  const place = folder();
  tryLock(place, "makes the folder")?.release();
  const record = { owner: deadOwner, purpose: "died", token: "t", released: false };
  writeFileSync(join(place, "000000000007"), JSON.stringify(record));
  expect(lockOwner(place)).toBeUndefined();
  expect(tryLock(place, "next")).toBeDefined();
  expect(readdirSync(place)).toEqual(["000000000008"]);
});

test("lock - a pid that was reused is another process", () => {
  const place = folder();
  tryLock(place, "makes the folder")?.release();
  const record = { owner: { pid: process.pid, startTime: "earlier" }, purpose: "died", token: "t", released: false };
  writeFileSync(join(place, "000000000002"), JSON.stringify(record));
  expect(tryLock(place, "next")).toBeDefined();
});

test("lock - a half written file does not block", () => {
  const place = folder();
  tryLock(place, "makes the folder")?.release();
  writeFileSync(join(place, "000000000003"), "");
  expect(tryLock(place, "next")).toBeDefined();
});

test("withLock - runs the works one after another", async () => {
  const place = folder();
  let inside = 0;
  let most = 0;
  const work = async (): Promise<void> => {
    most = Math.max(most, ++inside);
    await new Promise((resolve) => setTimeout(resolve, 5));
    inside--;
  };
  const runs = Array.from(
    { length: 8 },
    async () => await withLock({ folder: place, purpose: "test", timeoutMs: 10_000 }, work),
  );
  await Promise.all(runs);
  expect(most).toBe(1);
});

test("withLock - gives the lock back when the work fails, and gives up at its deadline", async () => {
  const place = folder();
  const failing = withLock(
    { folder: place, purpose: "fails", timeoutMs: 1000 },
    async () => await Promise.reject(new Error("no")),
  );
  await expect(failing).rejects.toThrow("no");
  tryLock(place, "stays");
  const waiting = withLock({ folder: place, purpose: "waits", timeoutMs: 60 }, async () => await Promise.resolve());
  await expect(waiting).rejects.toThrow(/holds it \(stays\)/);
});
