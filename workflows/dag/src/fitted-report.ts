import { utf8Length } from "./json.ts";
import type { RunReport, TaskReport } from "./report.ts";

/** Bytes of JSON. Temporal carries 2 MB in one payload; above that a result would terminate its run, and a query fail. */
const REPORT_BYTES = 1_800_000;
/** Characters of a message or a reason, once not all can be told whole. */
const SHORT = 80;

interface Step {
  readonly leaves: string;
  readonly of: (task: TaskReport) => TaskReport;
}

const STEPS: readonly Step[] = [
  { leaves: `messages and reasons end after ${SHORT} characters`, of: (task) => withTexts(task, SHORT) },
  { leaves: "messages and reasons are left out", of: (task) => withTexts(task, 0) },
  {
    leaves: "messages, reasons, items and the outputs of tasks are left out",
    of: (task) => withoutOutputs(withTexts(task, 0)),
  },
];

/** A report that a payload can carry: that of thousands of tasks may tell less of each, and then says so. */
export function fitted(report: RunReport): RunReport {
  let told = report;
  for (const { leaves, of } of STEPS) {
    if (utf8Length(JSON.stringify(told)) <= REPORT_BYTES) return told;
    const tasks = Object.fromEntries(Object.entries(report.tasks).map(([name, task]) => [name, of(task)]));
    told = {
      ...report,
      tasks,
      shortened: `${leaves}: the whole report is larger than a payload; the events have the rest`,
    };
  }
  return told;
}

function withTexts({ message, reason, ...task }: TaskReport, characters: number): TaskReport {
  return {
    ...task,
    ...(characters > 0 && reason !== undefined && { reason: cut(reason, characters) }),
    ...(characters > 0 && message !== undefined && { message: cut(message, characters) }),
  };
}

function cut(text: string, characters: number): string {
  return text.length <= characters ? text : `${text.slice(0, characters - 1)}…`;
}

function withoutOutputs({ outputs: _outputs, items: _items, ...task }: TaskReport): TaskReport {
  return task;
}
