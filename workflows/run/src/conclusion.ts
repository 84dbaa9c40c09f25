import { INPUT_TOO_LARGE, type JsonObject, type RunReport } from "@slipway/dag";
import { conclude } from "./activities.ts";
import type { ConcludeInput, Conclusion } from "./ports.ts";

/** The outputs of a run; without variables, what they name is more than an activity is given. */
export async function concluded(
  declared: ConcludeInput["declared"],
  variables: JsonObject | undefined,
): Promise<Conclusion> {
  return variables === undefined
    ? { kind: "broken", why: INPUT_TOO_LARGE.message }
    : await conclude({ declared, variables });
}

/** A run that succeeded and cannot give its outputs has failed. */
export function withConclusion(report: RunReport, conclusion: Conclusion | undefined, closed: boolean): RunReport {
  if (conclusion?.kind === "values") return { ...report, outputs: conclusion.values };
  return conclusion !== undefined && closed ? { ...report, state: "failed" } : report;
}

/** Why a run that succeeded has failed all the same. */
export function withoutOutputs(conclusion: Conclusion | undefined): string | undefined {
  return conclusion?.kind === "broken" ? `the outputs of the run: ${conclusion.why}` : undefined;
}
