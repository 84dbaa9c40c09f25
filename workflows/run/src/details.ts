import { countsText, type RunReport, type TaskReport } from "@slipway/dag";
import { setCurrentDetails } from "@temporalio/workflow";

/** The Web UI passes the text through a URL: stay well under 20 KB. */
const ROWS = 100;
const MESSAGE = 120;

const MARK: Record<TaskReport["state"], string> = {
  waiting: "·",
  running: "▶",
  retrying: "↻",
  succeeded: "✔",
  failed: "✘",
  skipped: "–",
  upstream_failed: "–",
};

/** Tasks worth looking at first come first when there are too many for one page. */
const ORDER: readonly TaskReport["state"][] = [
  "failed",
  "retrying",
  "running",
  "upstream_failed",
  "waiting",
  "skipped",
  "succeeded",
];

/**
 * The current details of the run's workflow. Making them looks at every task, so they are made again for each percent of the tasks
 * that has changed, and are never older than that; the query `state` is never old.
 */
export class Details {
  readonly #tasks: number;
  #changes = Infinity;

  constructor(tasks: number) {
    this.#tasks = tasks;
  }

  /** So much has changed. */
  note(changes: number): void {
    this.#changes += changes;
  }

  show(report: () => RunReport): void {
    if (this.#changes * 100 < this.#tasks) return;
    this.#changes = 0;
    setCurrentDetails(detailsOf(report()));
  }
}

/** The run as a Markdown table of tasks, for the Temporal Web UI's current details. */
function detailsOf(report: RunReport): string {
  const all = Object.entries(report.tasks);
  const shown =
    all.length <= ROWS
      ? all
      : [...all].sort(([, a], [, b]) => ORDER.indexOf(a.state) - ORDER.indexOf(b.state)).slice(0, ROWS);
  const rest = all.length > shown.length ? `\n\n… and ${all.length - shown.length} more` : "";
  const rows = shown.map(
    ([name, task]) =>
      `| ${name} | ${MARK[task.state]} ${task.state} | ${task.counts === undefined ? task.attempts : ""} | ${cell(task)} |`,
  );
  return ["| task | state | attempts | why |", "| --- | --- | --- | --- |", ...rows].join("\n") + rest;
}

function cell(task: TaskReport): string {
  const why = [task.message ?? task.reason ?? "", countsText(task)].filter((part) => part !== "").join("; ");
  const text = why.replaceAll(/[\r\n|]+/g, " ");
  return text.length <= MESSAGE ? text : `${text.slice(0, MESSAGE - 1)}…`;
}
