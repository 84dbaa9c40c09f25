import { problem, type Problem } from "./errors.ts";
import { isTaskName, type TaskName } from "./ids.ts";
import { isJsonObject, type Json, type JsonObject, utf8Length } from "./json.ts";
import { type Unit, unitOf } from "./units.ts";

/** The updates that an open run takes; each takes one object. */
export const CONTROLS = [
  "pause",
  "resume",
  "cancel",
  "cancelTask",
  "mark",
  "skip",
  "retry",
  "clear",
  "approve",
  "setParams",
] as const;
export type ControlKind = (typeof CONTROLS)[number];

/** Who asked, and why. Kept word for word; nobody checks that it is so. */
export interface Who {
  readonly by?: string;
  readonly note?: string;
}

/** A control that changed something, as a run remembers it. */
export interface Asked extends Who {
  /** Counts from 1 over the whole run. */
  readonly n: number;
  readonly control: ControlKind;
  readonly task?: TaskName;
  readonly index?: number;
  /** Of an approval. */
  readonly choice?: string;
  /** What was set; long values are cut. */
  readonly params?: JsonObject;
}

const MARKS = ["succeeded", "failed", "skipped"] as const;
export type Mark = (typeof MARKS)[number];

/** For what has not begun. The others keep their values. */
export interface SetParams extends Who {
  readonly kind: "setParams";
  readonly params: JsonObject;
}

/** What a person asks of an open run; with `index` of one item of a task with `forEach`. */
export type Control = Who &
  (
    | { readonly kind: "pause" | "resume" }
    | { readonly kind: "cancel"; readonly reason?: string }
    | ({ readonly kind: "cancelTask" | "skip" } & Unit)
    | ({ readonly kind: "mark"; readonly state: Mark } & Unit)
    /** Without a task: all that failed. */
    | ({ readonly kind: "retry" } & Partial<Unit>)
    | ({ readonly kind: "clear"; readonly upstream: boolean; readonly downstream: boolean } & Unit)
    | { readonly kind: "approve"; readonly task: TaskName; readonly choice: string }
    | SetParams
  );

/** `dryRun`: nothing is changed, only said. */
export interface ControlRequest {
  readonly control: Control;
  readonly dryRun: boolean;
}

export type ReadControl =
  | { readonly kind: "ok"; readonly request: ControlRequest }
  | { readonly kind: "refused"; readonly problem: Problem };

/** Characters: both ride in the run's state, and from hop to hop. */
const BY = 100;
const NOTE = 500;
/** Bytes of JSON of all that are set in a run: they ride in its state, and stand in its report. */
export const PARAMS_BYTES = 65_536;

const WORDS: Record<ControlKind, readonly string[]> = {
  pause: [],
  resume: [],
  cancel: ["reason"],
  cancelTask: ["task", "index"],
  mark: ["task", "state", "index"],
  skip: ["task", "index"],
  retry: ["task", "index"],
  clear: ["task", "upstream", "downstream", "index"],
  approve: ["task", "choice"],
  setParams: ["params"],
};

/** The one argument of an update, of which nothing is known. It runs in workflow code, so it is read by hand. */
export function readControl(kind: ControlKind, input: unknown = {}): ReadControl {
  if (!isJsonObject(input)) return refused(kind, "it takes one object");
  const words = [...WORDS[kind], "by", "note", "dryRun"];
  const unknown = Object.keys(input).find((key) => !words.includes(key));
  if (unknown !== undefined)
    return refused(kind, `it has no ${JSON.stringify(unknown.slice(0, 50))}; it has ${words.join(", ")}`);
  const wrong = wrongField(input);
  if (wrong !== undefined) return refused(kind, wrong);
  const control = controlOf(kind, input);
  return control === undefined
    ? refused(kind, `it needs ${NEEDS[kind] ?? "task"}`)
    : { kind: "ok", request: { control: { ...control, ...whoOf(input) }, dryRun: input["dryRun"] === true } };
}

const NEEDS: Partial<Record<ControlKind, string>> = {
  mark: "task and state",
  approve: "task and choice",
  setParams: "params",
};

function refused(kind: ControlKind, why: string): ReadControl {
  return { kind: "refused", problem: problem("bad-control", `${kind}: ${why}`) };
}

function wrongField(input: JsonObject): string | undefined {
  const flags = ["dryRun", "upstream", "downstream"].find(
    (key) => ![true, false, undefined].some((is) => is === input[key]),
  );
  if (flags !== undefined) return `${flags} is true or false`;
  const limits = { by: BY, note: NOTE, reason: NOTE, choice: BY };
  for (const [key, limit] of Object.entries(limits)) {
    const value = input[key];
    if (value !== undefined && (typeof value !== "string" || value.length > limit))
      return `${key} is a text of at most ${limit} characters`;
  }
  const { task, state, index, params } = input;
  if (params !== undefined && !isParams(params)) return `params are { name: value }, at most ${PARAMS_BYTES / 1024} KB`;
  if (index !== undefined && (typeof index !== "number" || !Number.isSafeInteger(index) || index < 0))
    return "index is the position of an item: a whole number from 0";
  if (index !== undefined && task === undefined) return "index is of a task, which it names too";
  if (index !== undefined && input["upstream"] === true) return "upstream is of a task, not of one index";
  if (task !== undefined && (typeof task !== "string" || !isTaskName(task))) return "task is the name of a task";
  if (state !== undefined && markOf(state) === undefined) return `state is one of ${MARKS.join(", ")}`;
  return undefined;
}

function isParams(params: Json): boolean {
  return isJsonObject(params) && Object.keys(params).length > 0 && utf8Length(JSON.stringify(params)) <= PARAMS_BYTES;
}

/** Undefined where a field is missing that the control cannot be without. */
function controlOf(kind: ControlKind, input: JsonObject): Control | undefined {
  const { reason, choice, params } = input;
  const task = typeof input["task"] === "string" && isTaskName(input["task"]) ? input["task"] : undefined;
  const unit = task === undefined ? undefined : unitOf({ task, ...indexOf(input) });
  switch (kind) {
    case "pause":
    case "resume":
      return { kind };
    case "cancel":
      return { kind, ...(typeof reason === "string" && { reason }) };
    case "retry":
      return { kind, ...unit };
    case "cancelTask":
    case "skip":
      return unit === undefined ? undefined : { kind, ...unit };
    case "mark": {
      const state = markOf(input["state"]);
      return unit === undefined || state === undefined ? undefined : { kind, ...unit, state };
    }
    case "approve":
      return task === undefined || typeof choice !== "string" ? undefined : { kind, task, choice };
    case "setParams":
      return params !== undefined && isJsonObject(params) ? { kind, params } : undefined;
    case "clear": {
      const [upstream, downstream] = [input["upstream"] === true, input["downstream"] !== false];
      return unit === undefined ? undefined : { kind, ...unit, upstream, downstream };
    }
  }
}

function indexOf({ index }: JsonObject): Pick<Unit, "index"> {
  return typeof index === "number" ? { index } : {};
}

function markOf(value: unknown): Mark | undefined {
  return MARKS.find((mark) => mark === value);
}

function whoOf({ by, note }: JsonObject): Who {
  return { ...(typeof by === "string" && { by }), ...(typeof note === "string" && { note }) };
}

/** `marked failed by anna: its data was wrong`. */
export function asked(what: string, { by, note }: Who): string {
  return `${what}${by === undefined ? "" : ` by ${by}`}${note === undefined ? "" : `: ${note}`}`;
}
