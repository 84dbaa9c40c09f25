import { isJsonObject, type Json, type JsonObject, type Problem, problem } from "@slipway/dag";
import type { PrepareRunInput } from "@slipway/run";
import { type AskedRerun, readRerun } from "./read-rerun.ts";

const ARGUMENTS = { runDag: ["dag", "params", "rerun"], runPod: ["name", "task", "params", "rerun"] } as const;
const NOT_YET = ["logicalDate"];

/** What a workflow was started with: the right words, and `params` an object. What they hold is the compiler's business. */
export type RunInput =
  | {
      readonly kind: "ok";
      readonly fields: JsonObject;
      readonly params: JsonObject;
      readonly rerun?: AskedRerun;
      readonly logicalDate?: string;
    }
  | { readonly kind: "refused"; readonly problems: readonly Problem[] };

export function readRunInput({ workflowType, input }: Pick<PrepareRunInput, "workflowType" | "input">): RunInput {
  const words: readonly string[] = ARGUMENTS[workflowType];
  const usage = `${workflowType}({ ${words.join(", ")} })`;
  if (!isJsonObject(input))
    return refused(
      "bad-value",
      `${workflowType} was started with ${kindOf(input)}`,
      `start it with one object: ${usage}`,
    );
  for (const key of Object.keys(input)) {
    if (NOT_YET.includes(key)) return refused("not-yet", `${workflowType}'s ${key} is not run by this version yet`);
    if (!words.includes(key))
      return refused("unknown-field", `${workflowType} has no argument ${JSON.stringify(key)}`, `use ${usage}`);
  }
  const { params = {} } = input;
  if (!isJsonObject(params)) return refused("bad-value", `params is ${kindOf(params)}`, "params: { name: value }");
  const read = readRerun(input["rerun"]);
  if (read.kind === "refused") return { kind: "refused", problems: [read.problem] };
  return { ...read, fields: input, params };
}

function refused(code: "bad-value" | "not-yet" | "unknown-field", what: string, fix?: string): RunInput {
  return { kind: "refused", problems: [problem(code, what, fix === undefined ? {} : { fix })] };
}

function kindOf(value: Json): string {
  if (value === null) return "nothing";
  return Array.isArray(value) ? "a list" : `a ${typeof value}`;
}
