/** Expressions in CEL: checking and evaluating them, pure. Kept apart from the index: workflow code never evaluates one. */
export { evaluate, type Evaluated } from "./cel/evaluate.ts";
export { namedOutputs } from "./cel/named-outputs.ts";
export { outcomeVariables } from "./cel/outcome-variables.ts";
export { variablesOf } from "./cel/references.ts";
export { FUNCTION_DOCS, type FunctionDoc, VARIABLES, type VariableDoc } from "./cel/catalogue.ts";
