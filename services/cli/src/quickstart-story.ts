import type { RunReport, TaskReport, WaitResult } from "@slipway/client";
import { explanationOf } from "./explanations.ts";
import type { Links } from "./links.ts";
import { paintState, type Style } from "./style.ts";

export const EXAMPLE = "examples/kubernetes_sample";

/** What the example is there to show, and whether it did. */
export interface Verdict {
  readonly asExpected: boolean;
  readonly report?: RunReport;
  /** Where it did not: what was seen in its place. */
  readonly surprises: readonly string[];
}

/** passing-task succeeds, failing-task fails because its command is not in the image, and with it the run. */
export function judge(end: Exclude<WaitResult, { readonly kind: "aborted" }>): Verdict {
  if (end.kind === "timed-out") return { asExpected: false, surprises: ["the run did not end in time"] };
  const { report, failure } = end.answer;
  const { "passing-task": passing, "failing-task": failing } = report.tasks;
  const surprises = [
    ...(passing?.state === "succeeded" ? [] : [`passing-task should succeed: ${told(passing)}`]),
    ...(failing?.state === "failed" && failing.kind === "start_error"
      ? []
      : [`failing-task should fail with start_error: ${told(failing)}`]),
    ...(report.state === "failed" ? [] : [`the run should fail: it is ${report.state}`]),
    ...(failure === undefined || failure.type === "DagFailed" ? [] : [`${failure.type}: ${failure.message}`]),
  ];
  return { asExpected: surprises.length === 0, report, surprises };
}

function told(task: TaskReport | undefined): string {
  return task === undefined
    ? "it is not there"
    : [task.state, task.kind, task.message].filter((part) => part !== undefined).join(", ");
}

/** What happened, in words. */
export function renderStory(style: Style, { asExpected, report, surprises }: Verdict): string {
  const tasks = Object.entries(report?.tasks ?? {}).map(([name, task]) => renderTask(style, name, task));
  if (!asExpected) {
    return `${style.red("the example did not behave as it should")}\n${surprises.map((text) => `  ${text}\n`).join("")}${tasks.join("")}`;
  }
  return `${style.bold("What happened")}\n${tasks.join("")}  The run failed, as it should: a task that fails, fails its run, and says why.\n`;
}

function renderTask(style: Style, name: string, { state, kind, message, attempts }: TaskReport): string {
  const head = `  ${name}: ${paintState(style, state)}${attempts > 1 ? ` after ${attempts} attempts` : ""}${message === undefined ? "" : `: ${message}`}\n`;
  const explained = state === "failed" && kind !== undefined ? explanationOf(kind) : undefined;
  return explained === undefined ? head : `${head}    why: ${explained.why}\n    fix: ${explained.fix}\n`;
}

/** Where to look and what to do next. */
export function renderWayOn(style: Style, { ui, nats, describe, logs }: Links, command = "slipway"): string {
  const lines = [
    ["the run in Temporal", ui],
    ["its report", describe],
    ["its logs", logs],
    ["live logs, all runs", nats.replace(/\.log\..*$/, ".log.>'")],
    ["tools on your PATH", `eval "$(${command} env)"   # nats, kubectl and their addresses`],
    ["run it again", `${command} run ${EXAMPLE} --wait`],
    ["stop the stack", `${command} down`],
  ] as const;
  const body = lines.flatMap(([what, how]) => (how === undefined ? [] : [`  ${what.padEnd(20)} ${how}\n`]));
  return `${style.bold("Where to look")}\n${body.join("")}`;
}
