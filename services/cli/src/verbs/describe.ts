import type { AttemptRecord, RunAnswer, RunReport } from "@slipway/client";
import { isStored, type JsonObject, STORED_KEY, type Stored } from "@slipway/dag";
import { z } from "zod";
import type { Call } from "../call.ts";
import { EXIT, type ExitCode } from "../exit-code.ts";
import { connectionFlags, outputFlags, readFlags } from "../flags.ts";
import { keysOf } from "../item-view.ts";
import { commandName, type Links, linksOf } from "../links.ts";
import { print } from "../output.ts";
import { answerData, headline, tasksTable } from "../report-view.ts";
import { withClient } from "../session.ts";
import { oneLine, paintState, type Style, styleFor } from "../style.ts";
import { table } from "../table.ts";
import { shortDuration } from "../time.ts";

const Flags = z.object({ ...connectionFlags, ...outputFlags });

/** Characters of an output's value. */
const VALUE = 120;

/** Everything about one run: its tasks, each attempt with cause, evidence and pod, and where to look further. */
export async function run({ world, args, flags: given }: Call): Promise<ExitCode> {
  const flags = readFlags(Flags, given);
  return await withClient(world, flags, async (client, settings) => {
    const run = await client.resolveRun(args[0] ?? "");
    const [answer, attempts, reruns] = await Promise.all([
      client.report(run),
      client.attempts(run),
      client.rerunsOf(run),
    ]);
    const links = linksOf(settings, run, commandName(world.env));
    const style = styleFor(world.env, world.out);
    print(world, flags.output, {
      data: { ...answerData(answer), attempts, reruns, links },
      names: [run.workflowId],
      table: (wide) => renderDescription(style, { answer, attempts, reruns, links }, { now: world.now(), wide }),
    });
    return EXIT.ok;
  });
}

export interface Description {
  readonly answer: RunAnswer;
  readonly attempts: readonly AttemptRecord[];
  /** Workflow ids of the runs that go on from it. */
  readonly reruns?: readonly string[];
  readonly links: Links;
}

export function renderDescription(
  style: Style,
  { answer, attempts, reruns = [], links }: Description,
  { now, wide }: { readonly now: Date; readonly wide: boolean },
): string {
  const { run, note } = answer;
  const title = keysOf(answer.report.tasks);
  const lasted = (run.closedAt ?? now).getTime() - run.startedAt.getTime();
  const sections = [
    headline(style, answer),
    ...(note === undefined ? [] : [`${style.yellow("note")}  ${note}\n`]),
    `workflow  ${run.workflowId}\nstarted   ${run.startedAt.toISOString()}${run.closedAt === undefined ? ", running for " : ", took "}${shortDuration(lasted)}\n${rerunLines(answer.report, reruns)}`,
    section(style, "Tasks", tasksTable(style, answer.report)),
    section(style, "Asked", askedTable(answer.report, links)),
    section(style, "Controls", controlsTable(answer.report)),
    section(style, "Outputs", outputsTable(answer.report, wide)),
    section(style, "Attempts", attemptsTable(style, attempts, { now, wide, title })),
    section(style, "Causes", causes(style, attempts, { wide, title })),
    section(style, "Further", further(links, run.closedAt === undefined)),
  ];
  return sections.filter((text) => text !== "").join("\n");
}

/** Both ways: the run that it goes on from, and those that go on from it. */
function rerunLines({ rerunOf }: RunReport, reruns: readonly string[]): string {
  const before = rerunOf === undefined ? [] : [`rerun of  ${rerunOf}\n`];
  return [...before, ...reruns.filter((id) => id !== rerunOf).map((id) => `rerun as  ${id}\n`)].join("");
}

function section(style: Style, title: string, body: string): string {
  return body === "" ? "" : `${style.bold(title)}\n${body}`;
}

/** Approvals that wait: who is asked, and how to answer. */
function askedTable({ tasks }: RunReport, { approve }: Links): string {
  const rows = Object.entries(tasks).flatMap(([task, { reason, approval }]) => {
    if (approval === undefined) return [];
    const { options, assignees = [] } = approval;
    const choice = options.includes("approve") ? "" : ` --choice '${options[0]}'`;
    return [
      [
        task,
        oneLine(reason ?? "-"),
        assignees.join(", ") || "anybody",
        options.join(", "),
        `${approve} ${task}${choice}`,
      ],
    ];
  });
  return table(["task", "question", "asked", "options", "answer"], rows);
}

/** What people asked of the run: who, and why. */
function controlsTable({ controls = [] }: RunReport): string {
  const rows = controls.map(({ control, choice, params, task, by, note }) => [
    asked(control, choice ?? paramsText(params)),
    task ?? "-",
    oneLine(by ?? "-"),
    oneLine(note ?? ""),
  ]);
  return table(["control", "task", "by", "note"], rows);
}

function asked(control: string, what: string | undefined): string {
  return what === undefined ? control : `${control} (${oneLine(what)})`;
}

function paramsText(params: JsonObject | undefined): string | undefined {
  const texts = Object.entries(params ?? {}).map(([name, value]) => `${name}=${JSON.stringify(value)}`);
  return params && texts.join(", ");
}

/** What the tasks hand on; a long value is cut, `-o json` has it whole. */
function outputsTable({ tasks }: RunReport, wide: boolean): string {
  const rows = Object.entries(tasks).flatMap(([task, { outputs = {} }]) =>
    Object.entries(outputs).map(([name, value]) => {
      const text = isStored(value) ? storedText(value) : oneLine(JSON.stringify(value));
      return [task, name, wide || text.length <= VALUE ? text : `${text.slice(0, VALUE - 1)}…`];
    }),
  );
  return table(["task", "output", "value"], rows);
}

/** The value itself is only where an expression names it. */
function storedText({ bytes, [STORED_KEY]: name }: Stored): string {
  return `${Math.round(bytes / 1024)} KB in the object store: ${oneLine(name)}`;
}

type Title = ReturnType<typeof keysOf>;

/** Attempts of the items of one task that are shown; the others are counted. */
const ITEMS = 20;

function attemptsTable(
  style: Style,
  attempts: readonly AttemptRecord[],
  { now, wide, title }: { readonly now: Date; readonly wide: boolean; readonly title: Title },
): string {
  const { shown, left } = wide ? { shown: attempts, left: new Map<string, number>() } : few(attempts);
  const rows = shown.map(({ task, index, attempt, state, outcome, scheduledAt, endedAt, pod }) => {
    const ended = outcome?.kind === "succeeded" ? "succeeded" : "failed";
    const word = state === "ended" ? ended : state;
    const lasted = shortDuration((endedAt ?? now).getTime() - scheduledAt.getTime());
    return [
      title(task, index),
      String(attempt),
      paintState(style, word),
      lasted,
      pod === undefined ? "-" : `${pod.namespace}/${pod.name}`,
      pod?.node ?? "-",
    ];
  });
  const more = [...left].map(([task, count]) => [`${task}[…]`, `${count} more`, "", "", "", ""]);
  return table(["task", "attempt", "state", "took", "pod", "node"], [...rows, ...more]);
}

/** Of the items of each task those first that did not succeed. */
function few(attempts: readonly AttemptRecord[]): {
  readonly shown: readonly AttemptRecord[];
  readonly left: ReadonlyMap<string, number>;
} {
  const counts = new Map<string, number>();
  const left = new Map<string, number>();
  const kept = new Set<AttemptRecord>();
  const isWell = ({ outcome }: AttemptRecord): boolean => outcome?.kind === "succeeded";
  for (const attempt of [...attempts.filter((one) => !isWell(one)), ...attempts.filter(isWell)]) {
    const { task, index } = attempt;
    const count = (counts.get(task) ?? 0) + 1;
    counts.set(task, count);
    if (index === undefined || count <= ITEMS) kept.add(attempt);
    else left.set(task, (left.get(task) ?? 0) + 1);
  }
  return { shown: attempts.filter((attempt) => kept.has(attempt)), left };
}

/** One sentence for each cause, with the attempts that ended by it, then what the cluster said. */
function causes(
  style: Style,
  attempts: readonly AttemptRecord[],
  how: { readonly wide: boolean; readonly title: Title },
): string {
  const groups = new Map<string, Cause>();
  for (const attempt of attempts) {
    const { task, outcome, trouble } = attempt;
    const said = outcome?.message ?? trouble;
    if (said === undefined || outcome?.kind === "succeeded") continue;
    const key = JSON.stringify([task, outcome?.kind, said]);
    const group = groups.get(key) ?? { first: attempt, said, all: [] };
    group.all.push(attempt);
    groups.set(key, group);
  }
  return [...groups.values()].map((group) => renderCause(style, group, how)).join("");
}

interface Cause {
  readonly first: AttemptRecord;
  readonly said: string;
  readonly all: AttemptRecord[];
}

/** `a, attempts 1, 2`; of items, of which there may be thousands, the first. */
function placesOf({ first, all }: Cause, title: Title): string {
  if (first.index === undefined)
    return `${first.task}, attempt${all.length === 1 ? "" : "s"} ${all.map(({ attempt }) => attempt).join(", ")}`;
  const items = [...new Set(all.map(({ task, index }) => title(task, index)))];
  const more = items.length > MOST_ITEMS ? ` and ${items.length - MOST_ITEMS} more` : "";
  return `${items.slice(0, MOST_ITEMS).join(", ")}${more}`;
}

const MOST_ITEMS = 5;

function renderCause(
  style: Style,
  cause: Cause,
  { wide, title }: { readonly wide: boolean; readonly title: Title },
): string {
  const { said, first } = cause;
  const { outcome } = first;
  const kind = outcome === undefined ? "" : `   ${style.dim(`(${outcome.kind}: slipway explain ${outcome.kind})`)}`;
  const { reason, message } = outcome?.evidence ?? {};
  const evidence = oneLine([reason, message].filter((part) => part !== undefined && part !== said).join(": "));
  const shown = wide || evidence.length <= 300 ? evidence : `${evidence.slice(0, 299)}…`;
  const head = `${placesOf(cause, title)}: ${style.red(oneLine(said))}${kind}\n`;
  return shown === "" ? head : `${head}  the cluster said: ${shown}\n`;
}

function further({ ui, logs, nats, cancel }: Links, open: boolean): string {
  const lines = open ? [ui, `${logs} -f`, nats, cancel] : [ui, logs];
  return lines.flatMap((line) => (line === undefined ? [] : [`${line}\n`])).join("");
}
