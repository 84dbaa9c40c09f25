import type { AttemptRecord, LogItem, RunAnswer } from "@slipway/client";
import { isDagName, isRunId } from "@slipway/dag";
import { expect, test } from "vitest";
import { linksOf, renderLinks } from "./links.ts";
import { logPrinter } from "./log-printer.ts";
import { judge, renderStory, renderWayOn } from "./quickstart-story.ts";
import { styleFor } from "./style.ts";
import { table } from "./table.ts";
import { TITLES, testWorld } from "./test-world.ts";
import { renderDescription } from "./verbs/describe.ts";
import { runsTable } from "./verbs/get.ts";

const NOW = new Date("2026-11-22T12:00:00Z");
const plain = styleFor({}, testWorld().out);
const [DAG, RUN] = ["kubernetes_sample", "kx2abcdefg"];
if (!isDagName(DAG) || !isRunId(RUN)) throw new Error(DAG);

const REF = { workflowId: `dag/${DAG}/${RUN}`, temporalRunId: "t-1", firstExecutionRunId: "t-1", dag: DAG, run: RUN };
const LINKS = linksOf({ installation: "slipway", temporal: { address: "a" }, ui: "http://ui/" }, REF);
const MESSAGE = "python: executable not found in the image";
const ANSWER: RunAnswer = {
  run: {
    ...REF,
    type: "runDag",
    state: "failed",
    startedAt: new Date("2026-11-22T11:58:20Z"),
    closedAt: new Date("2026-11-22T11:58:30.500Z"),
  },
  report: {
    state: "failed",
    tasks: {
      start: { state: "succeeded", attempts: 0 },
      "passing-task": { state: "succeeded", attempts: 1 },
      "failing-task": { state: "failed", kind: "start_error", attempts: 2, message: MESSAGE },
      after: { state: "upstream_failed", attempts: 0, reason: "failing-task did not succeed" },
    },
    outputs: {},
  },
  source: "result",
  failure: { type: "DagFailed", message: `failing-task failed: ${MESSAGE}` },
};

function anAttempt(task: string, attempt: number, end: Partial<AttemptRecord>): AttemptRecord {
  const scheduledAt = new Date(NOW.getTime() - 90_000);
  const pod = { namespace: "default", name: `${task}-${attempt}-0123456789abcdef`, uid: "u", node: "localhost" };
  return {
    task,
    attempt,
    activityId: `${task}.${attempt}`,
    state: "ended",
    scheduledAt,
    endedAt: new Date(NOW.getTime() - 88_600),
    pod,
    ...end,
  };
}
const REFUSED = {
  kind: "start_error",
  message: MESSAGE,
  evidence: { reason: "StartError", message: `exec: "python": executable file\n not found in $PATH` },
};

test("describe - tasks, attempts, each cause once with what the cluster said, links", () => {
  const attempts = [
    anAttempt("passing-task", 1, { outcome: { kind: "succeeded", message: "" } }),
    anAttempt("failing-task", 1, { outcome: REFUSED }),
    anAttempt("failing-task", 2, { outcome: REFUSED }),
  ];
  expect(
    renderDescription(plain, { answer: ANSWER, attempts, links: LINKS }, { now: NOW, wide: false }),
  ).toMatchInlineSnapshot(`
    "kubernetes_sample/kx2abcdefg  failed
    failing-task failed: python: executable not found in the image

    workflow  dag/kubernetes_sample/kx2abcdefg
    started   2026-11-22T11:58:20.000Z, took 10s

    Tasks
    TASK           STATE             ATTEMPTS   WHY
    start          succeeded         0
    passing-task   succeeded         1
    failing-task   failed            2          [start_error] python: executable not found in the image
    after          upstream_failed   0          failing-task did not succeed

    Attempts
    TASK           ATTEMPT   STATE       TOOK   POD                                       NODE
    passing-task   1         succeeded   1.4s   default/passing-task-1-0123456789abcdef   localhost
    failing-task   1         failed      1.4s   default/failing-task-1-0123456789abcdef   localhost
    failing-task   2         failed      1.4s   default/failing-task-2-0123456789abcdef   localhost

    Causes
    failing-task, attempts 1, 2: python: executable not found in the image   (start_error: slipway explain start_error)
      the cluster said: StartError: exec: "python": executable file not found in $PATH

    Further
    http://ui/namespaces/default/workflows/dag%2Fkubernetes_sample%2Fkx2abcdefg/t-1/history
    slipway logs kx2abcdefg
    "
  `);
});

test("describe - what the tasks hand on, a long value cut", () => {
  const outputs = { rows: 3, note: "a\nb", long: ["x".repeat(200)] };
  const report = { ...ANSWER.report, tasks: { load: { state: "succeeded", attempts: 1, outputs } } } as const;
  const text = renderDescription(
    plain,
    { answer: { ...ANSWER, report }, attempts: [], links: LINKS },
    { now: NOW, wide: false },
  );
  expect(text).toContain(
    ["Outputs", "TASK   OUTPUT   VALUE", "load   rows     3", 'load   note     "a\\nb"', 'load   long     ["xxx'].join(
      "\n",
    ),
  );
  expect(text).toMatch(/x{110,120}…\n/);
});

test("describe - an open run that no worker answers for: the note, a running attempt, a watcher in trouble, how to cancel", () => {
  const { closedAt: _, ...open } = ANSWER.run;
  const report = { state: "running", tasks: { a: { state: "running", attempts: 1 } }, outputs: {} } as const;
  const answer: RunAnswer = {
    run: { ...open, state: "running" },
    report,
    source: "history",
    note: "no worker answers",
  };
  const {
    pod: _pod,
    endedAt: _endedAt,
    ...running
  } = anAttempt("a", 1, { state: "running", trouble: "the API server does not answer" });
  expect(
    renderDescription(plain, { answer, attempts: [running], links: LINKS }, { now: NOW, wide: false }),
  ).toMatchInlineSnapshot(`
    "kubernetes_sample/kx2abcdefg  running

    note  no worker answers

    workflow  dag/kubernetes_sample/kx2abcdefg
    started   2026-11-22T11:58:20.000Z, running for 1m40s

    Tasks
    TASK   STATE     ATTEMPTS   WHY
    a      running   1

    Attempts
    TASK   ATTEMPT   STATE     TOOK    POD   NODE
    a      1         running   1m30s   -     -

    Causes
    a, attempt 1: the API server does not answer

    Further
    http://ui/namespaces/default/workflows/dag%2Fkubernetes_sample%2Fkx2abcdefg/t-1/history
    slipway logs kx2abcdefg -f
    nats sub 'slipway.log.kubernetes_sample.kx2abcdefg.>'
    slipway cancel kx2abcdefg
    "
  `);
});

test("get runs - newest first as given; a run of a plain client shows its whole id", () => {
  const [workflowId, other] = ["any id/I like", ANSWER.run];
  if (!isRunId(workflowId)) throw new Error(workflowId);
  const plainRun = {
    workflowId,
    temporalRunId: "t-2",
    run: workflowId,
    type: "runDag",
    state: "failed",
    endedBy: "terminated",
    startedAt: NOW,
  } as const;
  expect(runsTable(plain, [plainRun, other], NOW, true)).toMatchInlineSnapshot(`
    "RUN             DAG                 STATE                 AGE     DURATION   WORKFLOW ID                        TEMPORAL RUN ID
    any id/I like   -                   failed (terminated)   0.0s    0.0s       any id/I like                      t-2
    kx2abcdefg      kubernetes_sample   failed                1m40s   10s        dag/kubernetes_sample/kx2abcdefg   t-1
    "
  `);
});

test("links - a workflow id that needs it is escaped, for the shell and for the page", () => {
  const id = "it's a/run";
  if (!isRunId(id)) throw new Error(id);
  const links = linksOf(
    { installation: "t-1", temporal: { address: "a", namespace: "n s" }, ui: "http://ui" },
    { ...REF, workflowId: id, run: id },
  );
  expect(renderLinks(links)).toMatchInlineSnapshot(`
    "  ui         http://ui/namespaces/n%20s/workflows/it's%20a%2Frun/t-1/history
      logs       slipway logs 'it'\\''s a/run' -f
      live       nats sub 't-1.log.kubernetes_sample.it=27s=20a=2Frun.>'
      report     slipway describe 'it'\\''s a/run'
    "
  `);
});

test("quickstart - the story when the example behaves, and where to look", () => {
  const verdict = judge({ kind: "closed", answer: ANSWER });
  expect(verdict.asExpected).toBe(true);
  expect(renderStory(plain, verdict)).toMatchInlineSnapshot(`
    "What happened
      start: succeeded
      passing-task: succeeded
      failing-task: failed after 2 attempts: python: executable not found in the image
        why: the command is not in the image, may not be executed, or its working directory is missing
        fix: correct command, or use an image that has it
      after: upstream_failed
      The run failed, as it should: a task that fails, fails its run, and says why.
    "
  `);
  expect(renderWayOn(plain, LINKS)).toMatchInlineSnapshot(`
    "Where to look
      the run in Temporal  http://ui/namespaces/default/workflows/dag%2Fkubernetes_sample%2Fkx2abcdefg/t-1/history
      its report           slipway describe kx2abcdefg
      its logs             slipway logs kx2abcdefg
      live logs, all runs  nats sub 'slipway.log.>'
      tools on your PATH   eval "$(slipway env)"   # nats, kubectl and their addresses
      run it again         slipway run examples/kubernetes_sample --wait
      stop the stack       slipway down
    "
  `);
});

test("quickstart - anything else is a surprise that is named", () => {
  const { "passing-task": passing, ...rest } = ANSWER.report.tasks;
  const report = {
    ...ANSWER.report,
    tasks: { ...rest, "failing-task": { state: "failed", kind: "image", attempts: 2, message: "no such image" } },
  } as const;
  const verdict = judge({ kind: "closed", answer: { ...ANSWER, report } });
  expect(passing).toBeDefined();
  expect(renderStory(plain, verdict)).toMatchInlineSnapshot(`
    "the example did not behave as it should
      passing-task should succeed: it is not there
      failing-task should fail with start_error: failed, image, no such image
      start: succeeded
      failing-task: failed after 2 attempts: no such image
        why: the reference is invalid, the image or tag does not exist, or the registry refuses the pull
        fix: check the reference with the registry; for a private one set pod.imagePullSecrets
      after: upstream_failed
    "
  `);
  expect(judge({ kind: "timed-out" })).toEqual({ asExpected: false, surprises: ["the run did not end in time"] });
  const refused = {
    ...ANSWER,
    report: { state: "failed", tasks: {}, outputs: {} },
    failure: { type: "InvalidDag", message: "bad" },
  } as const;
  expect(judge({ kind: "closed", answer: refused }).surprises).toContain("InvalidDag: bad");
});

const TIME = "2026-11-22T12:00:01Z";
const AT = { task: "greet", attempt: 1, container: "main", pod: "u", restart: 0 } as const;
const ITEMS: readonly LogItem[] = [
  { ...AT, time: TIME, kind: "start" },
  { ...AT, kind: "line", line: 1, time: "2026-11-22T12:00:00.5Z", text: "\u001b[1mhello\u001b[0m" },
  { ...AT, container: "proxy", index: 3, kind: "line", line: 1, time: "2026-11-22T12:00:00.6Z", text: "" },
  { ...AT, time: TIME, kind: "gap", line: 2, from: "a", to: "b", reason: "the kubelet had rotated the file" },
  { ...AT, time: TIME, kind: "expired", from: 1, to: 7 },
  { ...AT, time: TIME, kind: "end", lines: 1, bytes: 6, complete: false, reason: "the pod was gone" },
];

test.each([
  ["raw", { prefix: "none", timestamps: false, json: false }, "\u001b[1mhello\u001b[0m\n\n"],
  [
    "with tasks",
    { prefix: "all", timestamps: false, json: false },
    "[greet] \u001b[1mhello\u001b[0m\n[greet[eu]/proxy] \n",
  ],
  [
    "with times",
    { prefix: "none", timestamps: true, json: false },
    "2026-11-22T12:00:00.5Z \u001b[1mhello\u001b[0m\n2026-11-22T12:00:00.6Z \n",
  ],
  ["with items", { prefix: "items", timestamps: false, json: false }, "\u001b[1mhello\u001b[0m\n[greet[eu]/proxy] \n"],
] as const)("logs %s - exactly the lines on stdout, what is missing on stderr", async (_, format, expected) => {
  const world = testWorld();
  const print = logPrinter(world, format, TITLES);
  for (const item of ITEMS) await print(item);
  expect(world.stdout()).toBe(expected);
  expect(world.stderr()).toBe(
    "greet: lines may be missing here (a to b): the kubelet had rotated the file\ngreet: lines 1-7 expired\ngreet: the log is not complete: the pod was gone\n",
  );
});

test("logs json - one object an item, nothing on stderr", async () => {
  const world = testWorld();
  const print = logPrinter(world, { prefix: "all", timestamps: true, json: true }, TITLES);
  for (const item of ITEMS) await print(item);
  expect(
    world
      .stdout()
      .trimEnd()
      .split("\n")
      .map((line): unknown => JSON.parse(line)),
  ).toEqual(ITEMS);
  expect(world.stderr()).toBe("");
});

test("table - colours take no room, the last column is not padded, no rows are no table", () => {
  const painted = styleFor({ FORCE_COLOR: "1" }, testWorld().out);
  expect(
    table(
      ["a", "b"],
      [
        [painted.red("xx"), "y"],
        ["z", ""],
      ],
    ),
  ).toBe(`A    B\n${painted.red("xx")}   y\nz\n`);
  expect(table(["a"], [])).toBe("");
});

test.each([
  [{}, true, true],
  [{}, false, false],
  [{ NO_COLOR: "1" }, true, false],
  [{ NO_COLOR: "" }, true, true],
  [{ TERM: "dumb" }, true, false],
  [{ NO_COLOR: "1", FORCE_COLOR: "1" }, true, false],
  [{ FORCE_COLOR: "1" }, false, true],
  [{ FORCE_COLOR: "0" }, true, false],
])("colour - %o on a terminal: %s gives %s", (env, tty, expected) => {
  expect(styleFor(env, testWorld({ tty }).out).red("x") !== "x").toBe(expected);
});
