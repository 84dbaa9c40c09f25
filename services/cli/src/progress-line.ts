import type { RunReport, TaskReport } from "@slipway/client";
import type { Json, JsonObject } from "@slipway/dag";
import { namesIn } from "./event-view.ts";
import { clock } from "./time.ts";
import { oneLine, paintState, type Style } from "./style.ts";

/** One change of a run, for a person: at most one line. */
export interface Change {
  readonly time: Date;
  /** Absent where the run as a whole changed. */
  readonly task?: string;
  /** The word that is painted: a state, or what happened to an attempt. */
  readonly state: string;
  readonly text: string;
}

/** What a change needs of an event; the body is read leniently, its fields are the publisher's. */
export interface EventView {
  readonly type: string;
  readonly time: string;
  readonly task?: string;
  readonly attempt?: number;
  readonly data: JsonObject;
}

/** A change for every event that a waiting person wants to see; undefined for the others. `task`: what it, or its item, is called. */
export function changeOfEvent({ type, time, task, attempt, data }: EventView): Change | undefined {
  const at = { time: new Date(time), ...(task !== undefined && { task }) };
  const nth = attempt === undefined ? "" : `attempt ${attempt}`;
  const why = text(data["message"]) ?? text(data["reason"]);
  switch (type) {
    case "run.started":
      return { ...at, state: "running", text: "run started" };
    case "run.paused":
      return { ...at, state: "paused", text: join("run", "paused", text(data["note"])) };
    case "run.resumed":
      return { ...at, state: "running", text: join("run", "resumed", text(data["note"])) };
    case "run.changed":
      return {
        ...at,
        state: "changed",
        text: join("run", `has new params (${namesIn(data["params"])})`, text(data["note"])),
      };
    case "task.cleared":
      return { ...at, state: "waiting", text: join("", "cleared: runs again", text(data["note"])) };
    case "run.finished":
      return {
        ...at,
        state: text(data["state"]) ?? "finished",
        text: join("run", text(data["state"]) ?? "finished", why),
      };
    case "task.waiting":
      if (task === undefined) return { ...at, state: "queued", text: join("run", "queued", why) };
      return { ...at, state: "waiting", text: join("", "waiting", why) };
    case "task.skipped":
    case "task.finished":
      return {
        ...at,
        state: text(data["state"]) ?? "finished",
        text: join("", text(data["state"]) ?? "finished", why),
      };
    case "attempt.blocked":
      return { ...at, state: "waiting", text: join(nth, "blocked", why) };
    case "attempt.started":
      return { ...at, state: "running", text: join(nth, "running") };
    case "attempt.finished":
      return attemptFinished(at, nth, data);
    case "log.gap":
      return { ...at, state: "failed", text: join(nth, "log gap", why) };
    default:
      return undefined;
  }
}

function attemptFinished(at: Pick<Change, "time" | "task">, nth: string, data: JsonObject): Change {
  const outcome = data["outcome"];
  const body =
    typeof outcome === "object" && outcome !== null && !Array.isArray(outcome) && "kind" in outcome ? outcome : data;
  const fields = new Map<string, Json>(Object.entries(body));
  const kind = text(fields.get("kind")) ?? "ended";
  const state = kind === "succeeded" ? "succeeded" : "failed";
  return { ...at, state, text: join(nth, state, state === "failed" ? text(fields.get("message")) : undefined) };
}

/** The changes between two reports, for when there are no events to read. `before` is absent the first time. */
export function changesBetween(before: RunReport | undefined, after: RunReport, time: Date): Change[] {
  const changed = Object.entries(after.tasks).filter(([task, now]) => isNews(before?.tasks[task], now));
  return changed.map(([task, now]) => {
    const nth = now.attempts > 0 ? `attempt ${now.attempts}` : "";
    return { time, task, state: now.state, text: join(nth, now.state, now.message ?? now.reason) };
  });
}

function isNews(before: TaskReport | undefined, now: TaskReport): boolean {
  if (before === undefined) return now.state !== "waiting";
  return before.state !== now.state || before.attempts !== now.attempts;
}

function join(...[subject, verb, why]: [string, string, (string | undefined)?]): string {
  return `${[subject, verb].filter((part) => part !== "").join(" ")}${why === undefined || why === "" ? "" : `: ${why}`}`;
}

function text(value: Json | undefined): string | undefined {
  return typeof value === "string" ? oneLine(value.slice(0, 400)) : undefined;
}

/** `21:43:08  passing-task  attempt 1 succeeded` */
export function renderChange(style: Style, { time, task, state, text: said }: Change, taskWidth: number): string {
  const name = (task ?? "").padEnd(taskWidth);
  return `${style.dim(clock(time))}  ${task === undefined ? style.bold(name) : name}  ${paintState(style, state, said)}\n`;
}
