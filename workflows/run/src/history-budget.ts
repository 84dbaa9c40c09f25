import { utf8Length } from "@slipway/dag";
import { log, workflowInfo } from "@temporalio/workflow";
import type { Carried } from "./ports.ts";

/** Bytes of JSON that one hop hands to the next; Temporal terminates a run whose continue-as-new is above 2 MB (limit.blobSize). */
export const CARRIED_BYTES = 1_800_000;
/** A history of so many bytes is long enough too (Temporal ends a run at 50 MB): attempts may have inputs of 128 KB. */
const HISTORY_BYTES = 16_000_000;
/** After what was carried was too large, so much more until it is tried again. */
const AGAIN = { events: 4_000, bytes: 4_000_000 };

/** When a history is long enough to continue as new; a run has no other reason to. */
export class HistoryBudget {
  #events: number;
  #bytes = HISTORY_BYTES;

  constructor(events: number) {
    this.#events = events;
  }

  get spent(): boolean {
    const { historyLength, historySize } = workflowInfo();
    return historyLength >= this.#events || historySize >= this.#bytes;
  }

  /**
   * What is handed on: whole, or `lean` where that does not fit. Where neither does, the run goes on in this history, and is asked
   * again later.
   */
  fitting(carry: (lean: boolean) => Carried): Carried | undefined {
    let bytes = 0;
    for (const lean of [false, true]) {
      const carried = carry(lean);
      bytes = utf8Length(JSON.stringify(carried));
      if (bytes <= CARRIED_BYTES) return carried;
    }
    const { historyLength, historySize } = workflowInfo();
    [this.#events, this.#bytes] = [historyLength + AGAIN.events, historySize + AGAIN.bytes];
    log.warn("the run is too large to continue as new; it goes on in this history", { bytes, limit: CARRIED_BYTES });
    return undefined;
  }
}
