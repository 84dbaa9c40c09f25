import { once } from "node:events";
import { Worker } from "node:worker_threads";
import type { Evaluated } from "@slipway/dag/cel";
import type { Question } from "./evaluator.ts";
import { answerSchema } from "./question.ts";

/** Megabytes. Values are at most some hundred KB; an expression that builds more than this is stopped. */
const MEMORY = { maxOldGenerationSizeMb: 64, maxYoungGenerationSizeMb: 16 };

/** A thread that answers one question at a time. It holds no process open, and has nothing of our environment. */
export class EvaluationThread {
  readonly #worker: Worker;
  /** The thread is gone: ended by us, or out of memory. */
  readonly #gone: Promise<{ readonly kind: "gone" }>;

  private constructor(worker: Worker) {
    this.#worker = worker;
    // Its error (out of memory) is followed by its exit; without a listener it would end the process.
    worker.on("error", () => undefined);
    this.#gone = new Promise((resolve) => {
      worker.once("exit", () => resolve({ kind: "gone" }));
    });
  }

  /** Resolves once the thread answers: its start is nobody's budget. */
  static async start(): Promise<EvaluationThread> {
    const worker = new Worker(new URL("./thread.ts", import.meta.url), { env: {}, resourceLimits: MEMORY });
    worker.unref();
    await once(worker, "message");
    return new EvaluationThread(worker);
  }

  async ask(question: Question): Promise<Evaluated | { readonly kind: "gone" }> {
    const answered = new Promise<unknown>((resolve) => {
      this.#worker.once("message", resolve);
    });
    this.#worker.postMessage(question);
    return await Promise.race([answered.then((message) => answerSchema.parse(message)), this.#gone]);
  }

  async end(): Promise<void> {
    await this.#worker.terminate();
  }
}
