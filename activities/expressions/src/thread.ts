/** The thread of an `Evaluator`: one question in, one answer out, until it is ended from outside. */
import { parentPort } from "node:worker_threads";
import { evaluate } from "@slipway/dag/cel";
import { questionSchema } from "./question.ts";

parentPort?.on("message", (message: unknown) => {
  const { place, source, variables } = questionSchema.parse(message);
  parentPort?.postMessage(evaluate(place, source, variables));
});
parentPort?.postMessage("ready");
