import { utf8Length } from "@slipway/dag";
import { CancellationScope, sleep, workflowInfo } from "@temporalio/workflow";
import type { RunPodInput } from "./ports.ts";

/** Bytes of JSON of the attempts that one workflow task starts: the server takes 4 MB of commands, and ends a run that gives more. */
const BYTES = 1_500_000;

const WAIT = { summary: "more attempts start than one message holds" };

/** Lets as many attempts begin in one workflow task as its message holds; the others wait for a later one, in their order. */
export class CommandRoom {
  #workflowTask = 0;
  #left = BYTES;
  #later: Promise<void> | undefined;

  async take(input: RunPodInput): Promise<void> {
    const bytes = utf8Length(JSON.stringify(input));
    while (!this.#fits(bytes)) await (this.#later ??= this.#wait());
  }

  #fits(bytes: number): boolean {
    // Each workflow task adds events; within one, the length stays.
    const { historyLength } = workflowInfo();
    if (historyLength !== this.#workflowTask) [this.#workflowTask, this.#left] = [historyLength, BYTES];
    if (bytes > this.#left) return false;
    this.#left -= bytes;
    return true;
  }

  async #wait(): Promise<void> {
    await CancellationScope.nonCancellable(() => sleep(1, WAIT));
    this.#later = undefined;
  }
}
