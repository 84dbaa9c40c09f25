import { isJsonObject, type Json, problem, type Problem, readControl, type RerunControl, RERUNS } from "@slipway/dag";

/** What a run is to go on from: the workflow id of a closed one, and what that is asked for. */
export interface AskedRerun {
  readonly of: string;
  readonly control: RerunControl;
}

export type ReadRerun =
  | { readonly kind: "ok"; readonly rerun?: AskedRerun; readonly logicalDate?: string }
  | { readonly kind: "refused"; readonly problem: Problem };

const DATE = /^\d{4}-\d{2}-\d{2}T\d{2}:\d{2}:\d{2}Z$/;

/** The argument `rerun`: our client writes it, and anybody may. */
export function readRerun(given: Json | undefined): ReadRerun {
  if (given === undefined) return { kind: "ok" };
  if (!isJsonObject(given)) return wrong("it is no object");
  const { of, logicalDate, control: asked } = given;
  if (typeof of !== "string" || of === "" || of.length > 1000)
    return wrong("`of` is the workflow id of the closed run");
  if (typeof logicalDate !== "string" || !DATE.test(logicalDate)) return wrong("`logicalDate` is a time in UTC");
  if (!isJsonObject(asked)) return wrong("`control` is an object");
  const { kind: word, ...fields } = asked;
  const kind = RERUNS.find((each) => each === word);
  if (kind === undefined) return wrong("`control.kind` is retry or clear");
  const read = readControl(kind, fields);
  if (read.kind === "refused") return read;
  const { control } = read.request;
  if (control.kind !== "retry" && control.kind !== "clear") return wrong("`control.kind` is retry or clear");
  return { kind: "ok", logicalDate, rerun: { of, control } };
}

function wrong(why: string): ReadRerun {
  return { kind: "refused", problem: problem("bad-value", `rerun: ${why}`) };
}
