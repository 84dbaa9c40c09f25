/** What a wait for a message listens with. */
import { randomBytes } from "node:crypto";
import { expect, inject, test } from "vitest";
import { listener } from "../src/listen.ts";
import { aConnection, quiet } from "./installation.ts";

const { nats } = inject("slipway");

test("listen - of messages that nobody has looked at the first 1,000 are kept; that some are left out is said once", async () => {
  const nc = await aConnection(nats.url);
  const warned: string[] = [];
  const log = { ...quiet, warn: (_fields: object, message: string) => void warned.push(message) };
  const subject = `t.${randomBytes(4).toString("hex")}`;
  const messages = await listener(nc, log)(subject, new AbortController().signal);
  // The server sends what it was sent before it answers the flush.
  for (let n = 1; n <= 1_200; n += 1) nc.publish(subject, `${n}`);
  await nc.flush();
  const seen: string[] = [];
  for await (const { text } of messages) {
    seen.push(text);
    if (seen.length === 1_000) nc.publish(subject, "later");
    if (text === "later") messages.stop();
  }
  expect(seen).toEqual([...Array.from({ length: 1_000 }, (_, at) => `${at + 1}`), "later"]);
  expect(warned).toEqual(["messages come faster than they are looked at: some are left out"]);
});

test("listen - nor more than 8 million characters of them", async () => {
  const nc = await aConnection(nats.url);
  const subject = `t.${randomBytes(4).toString("hex")}`;
  const messages = await listener(nc, quiet)(subject, new AbortController().signal);
  for (let n = 0; n < 12; n += 1) nc.publish(subject, "x".repeat(1_000_000));
  await nc.flush();
  const seen: number[] = [];
  for await (const { text } of messages) {
    seen.push(text.length);
    if (text.length > 1 && seen.length === 7) nc.publish(subject, "-");
    if (text === "-") messages.stop();
  }
  expect(seen).toEqual([...Array.from({ length: 7 }, () => 1_000_000), 1]);
});
