import { createServer } from "node:net";
import { expect, test } from "vitest";
import { choosePort, choosePorts, isFree } from "./port.ts";

test("choosePort - the wanted port when free, another when not, never one twice", async () => {
  const taken = new Set<number>();
  const free = async (port: number): Promise<boolean> => await Promise.resolve(port !== 7233);
  expect(await choosePort([7234], taken, free)).toBe(7234);
  expect(await choosePort([7233], taken, free)).not.toBe(7233);
  expect(await choosePort([7234], taken, free)).not.toBe(7234);
  expect(taken.size).toBe(3);
});

test("choosePort - random ports lie below the range of outgoing connections", async () => {
  const port = await choosePort([], new Set(), async () => await Promise.resolve(true));
  expect(port).toBeGreaterThanOrEqual(20_000);
  expect(port).toBeLessThan(32_000);
});

test("choosePorts - says so when nothing is free", async () => {
  const none = choosePorts(["a"], new Map(), async () => await Promise.resolve(false));
  await expect(none).rejects.toThrow(/no free port/);
});

test("isFree - a port with a listener is not", async () => {
  const server = createServer();
  await new Promise<void>((resolve) => server.listen(0, "127.0.0.1", resolve));
  const address = server.address();
  const port = typeof address === "object" && address !== null ? address.port : 0;
  expect(await isFree(port)).toBe(false);
  await new Promise((resolve) => server.close(resolve));
  expect(await isFree(port)).toBe(true);
});
