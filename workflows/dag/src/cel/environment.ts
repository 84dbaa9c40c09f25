import { Environment } from "@marcbachmann/cel-js";

/** Where an expression stands, and with it what it may name. `retries.if`: `outcome`, how the attempt ended. */
export type Place = "retries.if";

/** No user's condition needs more; the library's own limits are wider. */
const LIMITS = { maxAstNodes: 1_000, maxDepth: 50, maxListElements: 200, maxMapEntries: 100, maxCallArguments: 20 };

/** The fields of `outcome`, by their CEL types. */
export const OUTCOME_FIELDS = { kind: "string", exitCode: "int", signal: "string", message: "string" } as const;

const ENVIRONMENTS: Readonly<Record<Place, Environment>> = {
  "retries.if": environment()
    .registerType("Outcome", { fields: OUTCOME_FIELDS })
    .registerVariable("outcome", "Outcome"),
};

function environment(): Environment {
  return new Environment({ unlistedVariablesAreDyn: false, homogeneousAggregateLiterals: false, limits: LIMITS });
}

export function environmentOf(place: Place): Environment {
  return ENVIRONMENTS[place];
}
