/** Expressions: CEL evaluated in a thread of its own, within a budget. What they mean is `@slipway/dag/cel`. */
export { Evaluator, type Question } from "./evaluator.ts";
