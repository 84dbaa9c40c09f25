import { readFileSync } from "node:fs";
import { FIELDS, NOT_YET } from "@slipway/dag/read";
import { expect, test } from "vitest";
import { runCli } from "./cli.ts";
import { fieldExplanations, fieldNames, peerExplanations } from "./field-explanations.ts";
import { OTHER_NAMES, otherExplanations } from "./other-explanations.ts";
import { testWorld } from "./test-world.ts";
import { RULE_DOCS } from "./word-docs.ts";

async function explain(...names: string[]) {
  const world = testWorld({});
  const code = await runCli(["explain", ...names], world);
  return { code, stdout: world.stdout(), stderr: world.stderr() };
}

test("explain - a field: what it does, its default, an example; several at once", async () => {
  const { code, stdout } = await explain("retries.limit", "after");
  expect(code).toBe(0);
  expect(stdout).toMatchInlineSnapshot(`
    "retries.limit: Further tries after a failure: tries = limit + 1.
      default: 0
      example: limit: 3

    task.after: The tasks this one waits for: a name, a list judged together by \`rule\`, or a map from name to the states that its edge accepts (succeeded, failed, skipped, done).
      example: after: [ other ]

    cleanup.after: How long a pod stays from its end.
      example: after: 1h

    schedule.after: A run after each run of this DAG.
      example: after: nightly_etl
    "
  `);
});

test("explain - a word that stands in several places, or is a code too, is told for each", async () => {
  expect((await explain("metadata")).stdout).toMatch(/^task\.metadata: [^]*\ndag\.metadata: /);
  const { stdout } = await explain("timeout");
  expect(stdout).toContain("timeout: the attempt took longer than it may\n  why: ");
  expect(stdout).toContain("task.timeout: How long things may take");
});

test.each([
  ["trigger_rule", "Airflow's `trigger_rule` is `rule` here"],
  ["depends_on", "write `after: [a, b]`"],
  ["dependencies", "Argo's `dependencies` are `after` here"],
  ["withParam", "Argo's `withParam` is `forEach` here"],
  ["upstream", "write `after: [a, b]`"],
  ["retry_delay", "`retries.delay` here"],
  ["execution_timeout", "`timeout` here"],
  ["schedule_interval", "`schedule` here"],
  ["default_args", "`defaults` here"],
  ["onExit", "`finally` here"],
  ["resources", "Kubernetes' Container.resources, verbatim"],
  ["nodeSelector", "write `pod: { nodeSelector: … }`"],
])("explain - %s, a word of Airflow's, Argo's or Kubernetes', says what it is here", async (word, text) => {
  const { code, stdout } = await explain(word);
  expect({ code, stdout }).toEqual({ code: 0, stdout: expect.stringContaining(text) });
});

test.each([
  ["attempt.blocked", "attempt.blocked: an event. Something is in the pod's way"],
  ["dev.slipway.log.gap", "log.gap: an event."],
  ["run.failures", "run.failures: in expressions (list)."],
  ["tasks.load.outputs.rows", "tasks.x.outputs.y: in expressions"],
  ["strftime", "strftime(time, layout): a function of expressions."],
  ["SLIPWAY_STORE", "SLIPWAY_STORE: of the worker: the URI that expressions see as `run.store`"],
  ["NATS_URL", "flag: --nats"],
  ["event", "event: in expressions (map). In `wait.event.if` alone"],
  [
    "none_failed",
    "none_failed: a rule. The task runs when, of those it waits for: all are done, none failed.\n  otherwise: `upstream_failed`",
  ],
])("explain - %s, an event, a name of expressions, a rule or a setting", async (name, text) => {
  const { code, stdout } = await explain(name);
  expect({ code, stdout }).toEqual({ code: 0, stdout: expect.stringContaining(text) });
});

test("explain - a state is told what it is, not what another tool calls so", async () => {
  const { stdout } = await explain("skipped");
  expect(stdout).toMatch(/^skipped: a state of a task: it did not run/);
  expect(stdout).not.toContain("not a word of this format");
});

test("explain - a rule's text is the one of docs/reference/dag-file.md", () => {
  const page = readFileSync(new URL("../../../docs/reference/dag-file.md", import.meta.url), "utf8");
  for (const [rule, [runs, otherwise]] of Object.entries(RULE_DOCS))
    expect(page).toContain(`| \`${rule}\` | ${runs} | ${otherwise}${otherwise === "" ? "" : " "}|\n`);
});

test("explain - without a name: every name, by what it is one of", async () => {
  const { code, stdout } = await explain();
  expect(code).toBe(0);
  expect(stdout).toMatch(/^fields of a DAG\n {2}apiVersion, dag, /);
  for (const name of [
    "retries",
    "unknown-field",
    "oom_killed",
    "none_failed",
    "skipped",
    "log.gap",
    "item",
    "strftime",
  ])
    expect(stdout).toMatch(new RegExp(`[ ,]${name.replace(".", "\\.")}[,\n]`));
  expect((await explain("nothing-like-it")).stderr).toContain("fix: `slipway explain` alone lists every name");
});

test("explain - every event, variable, function and setting has a text", () => {
  for (const name of OTHER_NAMES) expect([name, otherExplanations(name)]).not.toEqual([name, []]);
});

test.each([
  ["retires.limit", "retries.limit"],
  ["imgae", "image"],
  ["trigger_rul", "trigger_rule"],
  ["cycel", "cycle"],
])("explain - %s: did you mean %s", async (word, meant) => {
  const { code, stderr } = await explain(word);
  expect(code).toBe(2);
  expect(stderr).toContain(`did you mean ${meant}?`);
});

test("explain - every field, and every word that comes later, has a text", () => {
  for (const [scope, fields] of Object.entries(FIELDS))
    for (const word of Object.keys(fields))
      expect([scope, word, fieldExplanations(`${scope}.${word}`).length]).toEqual([scope, word, 1]);
  for (const word of NOT_YET.task) expect(fieldExplanations(`task.${word}`).join()).toContain("not run it yet");
  for (const name of fieldNames())
    expect([name, [...fieldExplanations(name), ...peerExplanations(name)]]).not.toEqual([name, []]);
});
