import { JetStreamApiError } from "@nats-io/jetstream";
import { errors } from "@nats-io/nats-core";
import { expect, test } from "vitest";
import { mender } from "./mender.ts";

const missing = new JetStreamApiError({ code: 404, err_code: 10059, description: "stream not found" });

function aMender() {
  const warnings: string[] = [];
  let [made, now] = [0, 0];
  const ensure = async () => {
    made += 1;
    if (made === 2) throw new Error("no room");
  };
  const log = { info: () => {}, warn: (_fields: object, message: string) => void warnings.push(message) };
  return { mend: mender(ensure, log, () => now), made: () => made, warnings, wait: (ms: number) => (now += ms) };
}

test("streams that are missing are made again, once in 5 s however many miss them, also after it failed", async () => {
  const { mend, made, warnings, wait } = aMender();
  for (let n = 0; n < 10; n += 1) mend(missing);
  wait(4_999);
  mend(missing);
  expect(made()).toBe(1);
  for (const total of [2, 3]) {
    wait(5_000);
    mend(new errors.TimeoutError({ cause: missing }));
    await Promise.resolve();
    expect(made()).toBe(total);
  }
  expect(warnings.filter((text) => text === "the streams could not be made")).toHaveLength(1);
});

test.each([new errors.TimeoutError(), new errors.ClosedConnectionError(), new Error("x"), "x", undefined])(
  "what is not a missing stream changes nothing: %s",
  (error) => {
    const { mend, made } = aMender();
    mend(error);
    expect(made()).toBe(0);
  },
);
