/** Bad input: one clear error, the same text from the command line and from a run that a plain client started. */
import { mkdtempSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { aFleet, sharedFleet } from "@slipway/testbed";
import { WorkflowFailedError } from "@temporalio/client";
import { afterAll, beforeAll, expect, inject, test } from "vitest";

const fleet = sharedFleet();
let folder: string;

beforeAll(async () => {
  folder = mkdtempSync(join(tmpdir(), "slipway-refused-"));
});
afterAll(async () => {
  rmSync(folder, { recursive: true, force: true });
});

const pod = { image: "slipway.local/busybox:1" };
const INLINE: Record<string, unknown> = {
  "a misspelt field": { dag: "bad", tasks: { a: { ...pod, comand: ["sh"] } } },
  "KPO's cmds": { dag: "bad", tasks: { a: { ...pod, cmds: ["sh"] } } },
  "KPO's arguments": { dag: "bad", tasks: { a: { ...pod, arguments: ["x"] } } },
  "KPO's env_vars": { dag: "bad", tasks: { a: { ...pod, env_vars: { A: "b" } } } },
  "a cycle": { dag: "bad", tasks: { a: { ...pod, after: "c" }, b: { ...pod, after: "a" }, c: { ...pod, after: "b" } } },
  "an unknown upstream": { dag: "bad", tasks: { first: pod, b: { ...pod, after: "frist" } } },
  "an invalid image": { dag: "bad", tasks: { a: { image: "Python:3.6" } } },
  "a word for later": { dag: "bad", tasks: { a: { ...pod, dependsOnPast: true } } },
  "no tasks": { dag: "bad" },
};

test.each(Object.entries(INLINE))(
  "refused - %s: InvalidDag with lint's text; no workflow task fails",
  async (title, dag) => {
    const file = join(folder, `${title.replaceAll(/\W+/g, "-")}.yaml`);
    writeFileSync(file, JSON.stringify(dag, null, 2));
    const lint = await fleet.run("lint", file);
    expect(lint.code).toBe(2);
    const handle = await fleet.temporal.workflow.start("runDag", {
      taskQueue: fleet.installation,
      workflowId: `refused ${title}`,
      args: [{ dag }],
    });
    const error: unknown = await handle.result().catch((reason: unknown) => reason);
    const cause = error instanceof WorkflowFailedError ? error.cause : undefined;
    expect(cause).toMatchObject({ type: "InvalidDag" });
    const withoutPlace = (text: string): string[] =>
      text.split("\n").filter((line) => /^(error\[|  why: |  fix: )/.test(line));
    expect(withoutPlace(lint.stdout + lint.stderr)).toEqual(withoutPlace(cause?.message ?? ""));
    const { events } = await handle.fetchHistory();
    expect((events ?? []).filter((event) => event.workflowTaskFailedEventAttributes)).toEqual([]);
  },
);

test.each([
  ["nothing at all", []],
  ["null", [null]],
  ["a text", ["dag"]],
  ["no dag", [{}]],
  ["a misspelt argument", [{ dga: { dag: "x", tasks: { a: { noop: {} } } } }]],
])("refused - runDag started with %s fails at once as InvalidDag", async (title, args) => {
  const handle = await fleet.temporal.workflow.start("runDag", {
    taskQueue: fleet.installation,
    workflowId: `refused start ${title}`,
    args,
  });
  const error: unknown = await handle.result().catch((reason: unknown) => reason);
  expect(error instanceof WorkflowFailedError ? error.cause : error).toMatchObject({ type: "InvalidDag" });
});

test("refused - nesting that JavaScript can read and not write again", async () => {
  const text = `{"dag":${"[".repeat(8_000)}${"]".repeat(8_000)}}`;
  const payload = { metadata: { encoding: Buffer.from("json/plain") }, data: Buffer.from(text) };
  await fleet.temporal.workflowService.startWorkflowExecution({
    namespace: "default",
    workflowId: "refused nesting",
    requestId: "refused nesting",
    workflowType: { name: "runDag" },
    taskQueue: { name: fleet.installation },
    input: { payloads: [payload] },
  });
  const error: unknown = await fleet.temporal.workflow
    .getHandle("refused nesting")
    .result()
    .catch((reason: unknown) => reason);
  expect(error instanceof WorkflowFailedError ? error.cause : error).toMatchObject({ type: "InvalidDag" });
});

test("refused - the command line says no worker polls, within seconds and with exit 1", async () => {
  const lonely = await aFleet(inject("slipway"), { worker: false });
  try {
    const file = join(folder, "fine.yaml");
    writeFileSync(file, "dag: fine\ntasks:\n  a: { noop: {} }\n");
    const command = lonely.start("run", file, "--wait", "--timeout", "8s");
    const { code, stderr } = await command.finished;
    expect(stderr).toMatch(/no worker/i);
    expect(code).not.toBe(0);
  } finally {
    await lonely.close();
  }
});
