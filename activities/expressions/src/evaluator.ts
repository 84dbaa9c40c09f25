import { setTimeout as sleep } from "node:timers/promises";
import type { Evaluated } from "@slipway/dag/cel";
import type { z } from "zod";
import type { questionSchema } from "./question.ts";
import { EvaluationThread } from "./evaluation-thread.ts";

/** One expression, where it stands, and what it may name. */
export type Question = z.infer<typeof questionSchema>;

/** An ordinary expression takes microseconds; a busy host may hold the thread up for a while. */
const BUDGET_MS = 2_000;

const CLOSED = "the evaluator is closed";

/**
 * Evaluates expressions one after another in one thread. Users write them, and one `matches('^(a+)+$')` on 32 characters
 * takes 80 s: what is not done in time ends with its thread, and the next one gets a new thread.
 */
export class Evaluator {
  readonly #budgetMs: number;
  #closed = false;
  #thread: EvaluationThread | undefined;
  #last: Promise<unknown> = Promise.resolve();

  constructor({ budgetMs = BUDGET_MS }: { readonly budgetMs?: number } = {}) {
    this.#budgetMs = budgetMs;
  }

  /** Rejects only where no thread can be had, or the evaluator is closed. */
  async evaluate(question: Question): Promise<Evaluated> {
    const answer = this.#last.then(async () => await this.#ask(question));
    this.#last = answer.catch(() => undefined);
    return await answer;
  }

  /** Ends the thread; whoever waits for an answer is rejected. */
  async close(): Promise<void> {
    this.#closed = true;
    await this.#end();
  }

  async #ask(question: Question): Promise<Evaluated> {
    if (this.#closed) throw new Error(CLOSED);
    this.#thread ??= await EvaluationThread.start();
    const over = new AbortController();
    const late = sleep(this.#budgetMs, undefined, { signal: over.signal }).then(
      () => undefined,
      () => undefined,
    );
    const answer = await Promise.race([this.#thread.ask(question), late]);
    over.abort();
    if (answer?.kind === "value" || answer?.kind === "failed") return answer;
    if (this.#closed) throw new Error(CLOSED);
    await this.#end();
    const why = answer === undefined ? `it took longer than ${this.#budgetMs / 1000} s` : "it needs too much memory";
    return { kind: "failed", why };
  }

  async #end(): Promise<void> {
    const thread = this.#thread;
    this.#thread = undefined;
    await thread?.end();
  }
}
