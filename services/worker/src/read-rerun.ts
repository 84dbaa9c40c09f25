import {
  type EarlierTask,
  isJsonObject,
  type Json,
  problem,
  type Problem,
  readControl,
  type Rerun,
  RERUNS,
} from "@slipway/dag";

export type ReadRerun =
  | { readonly kind: "ok"; readonly rerun?: Rerun; readonly logicalDate?: string }
  | { readonly kind: "refused"; readonly problem: Problem };

const STATES = ["waiting", "running", "retrying", "succeeded", "failed", "skipped", "upstream_failed"] as const;
const DATE = /^\d{4}-\d{2}-\d{2}T\d{2}:\d{2}:\d{2}Z$/;

/** `runDag`'s `rerun`: our client writes it, and anybody may. */
export function readRerun(given: Json | undefined): ReadRerun {
  if (given === undefined) return { kind: "ok" };
  if (!isJsonObject(given)) return wrong("it is no object");
  const { of, logicalDate, control: asked, tasks } = given;
  if (typeof of !== "string" || of === "" || of.length > 1000)
    return wrong("`of` is the workflow id of the closed run");
  if (typeof logicalDate !== "string" || !DATE.test(logicalDate)) return wrong("`logicalDate` is a time in UTC");
  if (!isJsonObject(asked) || !isJsonObject(tasks)) return wrong("`control` and `tasks` are objects");
  const { kind: word, ...fields } = asked;
  const kind = RERUNS.find((each) => each === word);
  if (kind === undefined) return wrong("`control.kind` is retry or clear");
  const read = readControl(kind, fields);
  if (read.kind === "refused") return read;
  const { control } = read.request;
  const earlier = Object.entries(tasks).map(([task, found]) => [task, earlierTask(found)] as const);
  const strange = earlier.find(([, task]) => task === undefined);
  if (strange !== undefined) return wrong(`\`tasks.${strange[0].slice(0, 100)}\` is no task's report`);
  if (control.kind !== "retry" && control.kind !== "clear") return wrong("`control.kind` is retry or clear");
  const known = earlier.flatMap(([name, task]) => (task === undefined ? [] : [[name, task] as const]));
  return { kind: "ok", logicalDate, rerun: { of, control, tasks: Object.fromEntries(known) } };
}

function earlierTask(found: Json): EarlierTask | undefined {
  if (!isJsonObject(found)) return undefined;
  const state = STATES.find((each) => each === found["state"]);
  const { attempts, reason, outputs } = found;
  if (state === undefined || typeof attempts !== "number") return undefined;
  return {
    state,
    attempts,
    ...(typeof reason === "string" && { reason }),
    ...(outputs !== undefined && isJsonObject(outputs) && { outputs }),
  };
}

function wrong(why: string): ReadRerun {
  return { kind: "refused", problem: problem("bad-value", `runDag's rerun: ${why}`) };
}
