import type { RunAnswer, RunReport } from "@slipway/client";
import { countsText } from "@slipway/dag";
import { itemRows } from "./item-view.ts";
import { oneLine, paintState, type Style } from "./style.ts";
import { table } from "./table.ts";

/** Tasks of a report as a table: state, attempts, and the sentence that says why. */
export function tasksTable(style: Style, report: RunReport): string {
  const rows = Object.entries(report.tasks).flatMap(([name, task]) => [
    [
      name,
      paintState(style, task.state),
      task.counts === undefined ? String(task.attempts) : "-",
      [
        task.kind === undefined || task.kind === "succeeded" ? undefined : style.dim(`[${task.kind}]`),
        oneLine(task.message ?? task.reason ?? ""),
        style.dim(countsText(task)),
      ]
        .filter((part) => part !== undefined && part !== "")
        .join(" "),
    ],
    ...itemRows(style, name, task),
  ]);
  return table(["task", "state", "attempts", "why"], rows);
}

/** One sentence over a whole run. */
export function headline(style: Style, { run, report, failure }: RunAnswer): string {
  const name = `${run.dag ?? "-"}/${run.run}`;
  const lines = [`${name}  ${paintState(style, report.state)}`];
  if (report.reason !== undefined) lines.push(oneLine(report.reason));
  if (failure !== undefined && failure.type !== "DagFailed") lines.push(`${failure.type}: ${failure.message}`);
  else if (failure !== undefined) lines.push(failure.message);
  return `${lines.join("\n")}\n`;
}

/** As data: what `-o json` prints of a run. */
export function answerData({ run, report, source, failure, note }: RunAnswer): object {
  const { workflowId, temporalRunId, dag, run: id, type, startedAt, closedAt, endedBy } = run;
  return {
    run: id,
    dag,
    workflowId,
    temporalRunId,
    type,
    startedAt,
    ...(closedAt && { closedAt }),
    ...(endedBy && { endedBy }),
    ...report,
    ...(failure && { failure }),
    source,
    ...(note && { note }),
  };
}
