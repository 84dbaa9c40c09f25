/** A template laid under several tasks, over real pods. */
import { aFleet, type Fleet } from "@slipway/testbed";
import { afterAll, beforeAll, expect, inject, test } from "vitest";

let fleet: Fleet;

beforeAll(async () => {
  fleet = await aFleet(inject("slipway"));
});
afterAll(async () => await fleet?.close());

test("templates - three tasks of one template print what their own params say, and the DAG's", async () => {
  const run = await fleet.run("run", "examples/templates", "-p", "source=s3://today", "--wait");
  expect({ code: run.code, err: run.stderr }).toMatchObject({ code: 0 });
  const log = async (task: string) => (await fleet.run("logs", "@latest", task)).stdout;
  expect([await log("index"), await log("verify"), await log("merge")]).toEqual([
    "index --source s3://today --shard=7\n",
    "verify --source s3://today --shard=0\n",
    "merge --source s3://today --shard=0\n",
  ]);
});
