/** A history that is full while params are being set: the run stays in it until whoever asked has the answer. */
import { aFleet, eventually, type Fleet, reportOf, shell, startDag } from "@slipway/testbed";
import { afterAll, beforeAll, expect, inject, test } from "vitest";
import { type Call, GrpcProxy } from "./grpc-proxy.ts";

const stack = inject("slipway");
const EVENTS = 50;
let temporal: GrpcProxy;
let fleet: Fleet;

beforeAll(async () => {
  temporal = await GrpcProxy.start(stack.temporal.address);
  const env = { TEMPORAL_ADDRESS: temporal.address, SLIPWAY_HISTORY_EVENTS: String(EVENTS) };
  fleet = await aFleet(stack, { env });
});
afterAll(async () => {
  await fleet?.close();
  await temporal?.close();
});

test("setParams - asked in a history that gets full meanwhile: answered there, and the next history has the params", async () => {
  const chain = Object.fromEntries(
    Array.from({ length: 6 }, (_, n) => [`s${n}`, { ...shell("true"), ...(n > 0 && { after: `s${n - 1}` }) }]),
  );
  const handle = await startDag(fleet, "pending", "one", {
    params: { word: "old" },
    tasks: {
      ...chain,
      asked: { approve: "Go on?", after: "s5" },
      late: { ...shell("echo ${{ params.word }}"), after: "asked" },
    },
  });
  const isAnswer = ({ method, message }: Call): boolean =>
    method === "RespondActivityTaskCompleted" && message.includes("dag/pending/one") && message.includes("differing");
  const gate = temporal.hold({ matches: isAnswer });
  const set = handle.executeUpdate("setParams", { args: [{ params: { word: "new" }, by: "anna" }] });
  await gate.held;
  const history = async () => (await handle.describe()).raw.workflowExecutionInfo;
  await eventually("the run is held by its approval", async () => {
    const { tasks } = await reportOf(handle);
    return tasks["asked"]?.reason !== undefined;
  });
  const full = await history();
  expect(full?.execution?.runId).toBe(handle.firstExecutionRunId);
  expect(Number(full?.historyLength)).toBeGreaterThan(EVENTS);
  gate.open();
  expect(await set).toMatchObject({ state: "running", changes: [{ task: "late" }] });
  await eventually("the run goes on in a new history", async () => {
    return (await history())?.execution?.runId !== handle.firstExecutionRunId;
  });
  expect(await reportOf(handle)).toMatchObject({ params: { word: "new" }, controls: [{ n: 1, by: "anna" }] });
  await handle.executeUpdate("approve", { args: [{ task: "asked", choice: "approve" }] });
  await handle.result();
  expect((await fleet.run("logs", "pending/one", "late")).stdout).toBe("new\n");
}, 180_000);
