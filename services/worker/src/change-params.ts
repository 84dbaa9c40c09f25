import { isJsonObject, type Json, type JsonObject, type Problem, problem } from "@slipway/dag";
import { differing, isSameShape, type Read } from "@slipway/dag/read";
import type { Evaluator } from "@slipway/expressions";
import type { ChangeParamsInput, InstallationActivities } from "@slipway/run";
import { type Compiled, compileRun, type CompileSettings } from "./compile-run.ts";
import type { FirstInput, ReadFirstInput } from "./first-input.ts";
import { subjectProblems } from "./prepare-run.ts";

type Settings = CompileSettings & {
  /** Patterns of the NATS subjects on which a `wait` may listen. */
  readonly subjects: readonly string[];
};

/** The run's DAG is compiled as at its start, with other params; the workflow holds no document any more. */
export function changeParamsActivity(
  settings: Settings,
  evaluator: Pick<Evaluator, "evaluate">,
  firstInput: ReadFirstInput,
): InstallationActivities["changeParams"] {
  return async (input) => {
    const first = await firstInput(input.chain);
    if (first === undefined) return { kind: "refused", problems: [forgotten(input)] };
    const compiled = async (set: JsonObject): Promise<Read<Compiled>> =>
      await compileRun(settings, evaluator, {
        ...first,
        input: withParams(first, set),
        chain: input.chain,
        startTime: input.logicalDate,
      });
    const after = await compiled(input.after);
    if (after.kind === "refused") return after;
    const before = await compiled(input.before);
    if (before.kind === "refused") return before;
    const [was, is] = [before.value.compiled, after.value.compiled];
    const unheard = subjectProblems(is, settings.subjects);
    if (unheard.length > 0) return { kind: "refused", problems: unheard };
    if (!isSameShape(was, is)) return { kind: "refused", problems: [OTHER_SHAPE] };
    return { kind: "ok", compiled: is, differing: differing(was, is) };
  };
}

const OTHER_SHAPE = problem("bad-param", "these params would make another graph of the DAG");

function withParams({ input }: FirstInput, set: JsonObject): Json {
  if (!isJsonObject(input)) return input;
  const { params = {} } = input;
  return { ...input, params: isJsonObject(params) ? { ...params, ...set } : params };
}

function forgotten({ chain: { workflowId } }: ChangeParamsInput): Problem {
  const what = `Temporal has forgotten how ${workflowId} was started, so its params stay what they are`;
  return problem("run-not-found", what, { fix: "start another run, with the params that you want" });
}
